"""How pages and mails name what somebody follows, and what happened."""

from blog.notifications.models import FollowKind, MessageKind, MessageState, Pace

PACES = {
    Pace.AT_ONCE: "Mail at once",
    Pace.DAILY: "Mail once a day",
    Pace.SITE: "Notices only",
}

# kind of a notice -> what is said; the first ones are stronger: who is answered is not told again as a follower.
NOTICES = {
    "reply": "{name} answered you on “{title}”",
    "mention": "{name} named you on “{title}”",
    "thread": "{name} wrote in a thread you follow on “{title}”",
    "comment": "{name} commented on “{title}”",
    "published": "Published: “{title}”",
    "found": "New for a search you follow: “{title}”",
    "corrected": "“{title}” was changed",
    "retired": "“{title}” was retired",
    "merged": "“{title}” was merged into another write-up",
    "approved": "Your comment on “{title}” is public now",
    "hidden": "Your comment on “{title}” was hidden",
    "restored": "Your comment on “{title}” is shown again",
    "set-aside": "Your comment on “{title}” was flagged and waits for a moderator",
    "appeal-granted": "Your appeal about a comment on “{title}” was granted",
    "appeal-refused": "Your appeal about a comment on “{title}” was refused",
    "answered": "Your question on “{title}” was answered",
    "accepted": "Your correction of “{title}” was accepted",
    "declined": "Your correction of “{title}” was declined",
    "suspended": "You are suspended for a while",
    "suspension-ended": "Your suspension has ended",
    "suspension-upheld": "Your appeal against the suspension was refused",
    "about": "News about your comment on “{title}”",
}
STRENGTH = {kind: place for place, kind in enumerate(NOTICES)}
WHY = {
    FollowKind.ARTICLE: "“{title}”",
    FollowKind.THREAD: "the thread of {title}",
    FollowKind.TAG: "the tag “{title}”",
    FollowKind.SEARCH: "the search “{title}”",
}
WITH_COMMENT = {"reply", "mention", "thread", "comment"}
ABOUT_OWN = {
    "approved", "hidden", "restored", "set-aside", "appeal-granted", "appeal-refused", "answered", "accepted",
    "declined", "about",
}  # fmt: skip
ABOUT_ACCOUNT = {"suspended", "suspension-ended", "suspension-upheld"}

MESSAGES = {
    MessageKind.RESET: "A new password",
    MessageKind.VERIFY: "Verifying an address",
    MessageKind.CHANGED: "The password was changed",
    MessageKind.AT_ONCE: "News at once",
    MessageKind.DIGEST: "The daily mail",
}
STATES = {
    MessageState.WAITING: "waits",
    MessageState.SENDING: "is tried again",
    MessageState.SENT: "sent",
    MessageState.DROPPED: "not needed any more",
    MessageState.REFUSED: "refused by the mail server",
    MessageState.FAILED: "given up",
}
