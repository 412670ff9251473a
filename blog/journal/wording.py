"""How pages name events and jobs, and what they are about."""

from collections.abc import Collection

from blog.journal.models import Event, Job
from blog.journal.reactions import (
    FORGET,
    INDEX,
    LOOK_AT_LINKS,
    MATCH,
    PROJECT_ACTIONS,
    PUBLISH,
    SEND_MAIL,
    TELL,
    WRITE_MAIL,
)

KINDS = {
    INDEX: "Bring the search up to date",
    PUBLISH: "Publish a revision when its hour has come",
    LOOK_AT_LINKS: "Look whether the links of a draft lead anywhere",
    PROJECT_ACTIONS: "List the promised actions of a write-up",
    WRITE_MAIL: "Write a mail about an account",
    SEND_MAIL: "Send a mail",
    TELL: "Tell those who follow it",
    MATCH: "Tell those who follow a search that finds it",
    FORGET: "Make anew what holds the name of somebody who was erased",
}
SUBJECTS = {
    "article": "write-up",
    "user": "account",
    "action_item": "action",
    "api_token": "token",
    "upload": "picture",
    "comment_rule": "rule",
}


def kind_words(job: Job) -> str:
    """What the job should do; the bare name of a kind that this program no longer knows."""
    return KINDS.get(job.kind, job.kind)


def subject_words(of: Job | Event) -> str:
    """The row it is about: `write-up 12`."""
    return f"{SUBJECTS.get(of.subject_type, of.subject_type)} {of.subject_id}"


# What an event says, after who did it. A kind that is not here is shown by its name, to admins alone.
EVENTS = {
    "article.check_waived": "left a finding of the checks as it is in a write-up",
    "article.created": "began a write-up",
    "article.revised": "saved a revision of a write-up",
    "article.published": "published a write-up",
    "article.retired": "retired a write-up",
    "article.restored": "restored a write-up",
    "article.moved": "changed the address of a write-up",
    "article.merged": "merged a write-up into another one",
    "article.unmerged": "took the merge of a write-up back",
    "article.imported": "imported a write-up",
    "article.imported_as_draft": "imported a draft",
    "revision.submitted": "asked for a review",
    "revision.approved": "approved a revision",
    "revision.changes_requested": "asked for changes to a revision",
    "revision.recalled": "took a revision back",
    "revision.discarded": "put a draft away",
    "revision.brought_back": "brought a draft back",
    "revision.restored": "made a draft of an earlier revision",
    "revision.scheduled": "set a time for a revision",
    "revision.unscheduled": "called off the time of a revision",
    "revision.publish_refused": "did not publish a revision at its time",
    "remark.made": "remarked on a line of a revision",
    "remark.answered": "answered a remark",
    "remark.resolved": "settled a remark",
    "remark.reopened": "opened a remark again",
    "revision.written_by_token": "wrote a revision through a program",
    "action.assigned": "said whose an action is",
    "action.started": "began to work on an action",
    "action.done": "marked an action as done",
    "action.confirmed": "confirmed an action",
    "action.sent_back": "sent an action back",
    "action.dropped": "dropped an action",
    "action.reopened": "opened an action again",
    "action.replaced": "promised something else in the place of an action",
    "action.imported": "imported how an action stands",
    "comment.posted": "commented",
    "comment.held": "wrote a comment that waits for a moderator",
    "comment.approved": "let a comment through that waited",
    "comment.edited": "edited a comment",
    "comment.answered": "marked the answer to a question",
    "comment.accepted": "accepted a correction into a revision",
    "comment.declined": "declined a correction",
    "comment.reopened": "opened a question or a correction again",
    "comment.withdrawn": "withdrew a comment",
    "comment.hidden": "hid a comment",
    "comment.restored": "restored a comment",
    "comment.kept": "looked at a comment and left it as it is",
    "comment.act_undone": "took back what was done about a comment",
    "comment.flagged": "flagged a comment",
    "comment.unflagged": "took back the flag of a comment",
    "comment.put_aside": "put a comment aside that several members flagged",
    "comment.appealed": "appealed against what was done about a comment",
    "comment.appeal_granted": "granted an appeal about a comment",
    "comment.appeal_refused": "refused an appeal about a comment",
    "comment.imported": "imported a comment",
    "comment.marked_useful": "marked a comment as useful",
    "comment.unmarked_useful": "took back a mark of a comment",
    "comment.written_by_token": "commented through a program",
    "rule.made": "wrote a rule that can hold comments",
    "rule.changed": "changed a rule that can hold comments",
    "rule.tried": "tried a rule on past comments",
    "rule.live": "put a rule in force that holds comments",
    "rule.off": "switched off a rule that held comments",
    "account.registered": "registered",
    "account.created": "made an account",
    "account.imported": "imported an account",
    "account.profile_changed": "changed a profile",
    "account.password_changed": "changed a password",
    "account.reset_asked": "asked for a new password by mail",
    "account.verification_asked": "asked for a mail to verify an address",
    "account.address_verified": "verified an address",
    "account.mail_stopped": "stopped mail to an address that refuses it",
    "account.role_changed": "changed a role",
    "account.disabled": "disabled an account",
    "account.enabled": "enabled an account",
    "account.exported": "took the data of an account along",
    "account.erased": "erased an account",
    "account.suspended": "suspended a member",
    "account.suspension_ended": "ended a suspension",
    "account.suspension_appealed": "appealed against a suspension",
    "account.suspension_upheld": "refused an appeal against a suspension",
    "account.act_undone": "took back what was done about a member",
    "account.signed_in": "signed in",
    "account.sign_in_failed": "failed to sign in",
    "session.ended": "ended a session",
    "token.created": "made an API token",
    "token.revoked": "revoked an API token",
    "token.refused": "tried through a program what programs may not",
    "image.uploaded": "added a picture",
    "image.withdrawn": "withdrew a picture",
    "image.restored": "showed a picture again",
    "job.retried": "had a job tried again",
    "mail.retried": "had a mail sent again",
    "backup.restored": "put a backup back",
}

# What everybody may read, without the people in it. Drafts and reviews are not among them: nobody learns from here that
# a write-up is being written.
PUBLIC = {
    "article.published", "article.retired", "article.restored", "article.imported", "article.merged",
    "article.unmerged", "comment.withdrawn",
    "comment.answered", "comment.accepted", "comment.declined", "comment.reopened",
    "comment.hidden", "comment.restored", "rule.live", "rule.off",
    "account.role_changed", "account.disabled", "account.enabled",
    "backup.restored", "action.assigned", "action.started", "action.done", "action.confirmed", "action.sent_back",
    "action.dropped", "action.reopened", "action.replaced", "action.imported",
    "comment.approved", "comment.kept", "comment.act_undone", "comment.put_aside", "comment.appeal_granted",
    "comment.appeal_refused", "account.suspended", "account.suspension_ended", "account.suspension_upheld",
    "account.act_undone",
}  # fmt: skip
# Reasons that were asked for as public ones; the others may name people.
PUBLIC_REASONS = {
    "comment.declined",
    "comment.approved", "comment.kept", "comment.appeal_granted", "comment.appeal_refused", "account.suspended",
    "account.suspension_ended", "account.suspension_upheld",
    "article.retired", "article.merged", "comment.hidden", "comment.restored", "action.done", "action.confirmed",
    "action.sent_back",
    "action.dropped", "action.reopened",
}  # fmt: skip

GROUPS = {
    "write-ups": ("Write-ups", ("article.", "revision.", "image.")),
    "comments": ("Comments", ("comment.", "rule.")),
    "actions": ("Actions", ("action.",)),
    "accounts": ("Accounts", ("account.", "session.", "token.")),
    "site": ("The site", ("backup.", "job.", "journal.", "mail.")),
}


def event_words(kind: str) -> str:
    """What was done: `published a write-up`."""
    return EVENTS.get(kind, kind)


def kinds_of(group: str, kinds: Collection[str]) -> set[str]:
    """Those of `kinds` that belong to a group of the page; all of them without one."""
    if not group:
        return set(kinds)
    return {kind for kind in kinds if kind.startswith(GROUPS[group][1])}
