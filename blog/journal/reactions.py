"""What follows from what: event kind -> job kinds, and event kind -> versions that move on. `app.py` ties each job kind
to its code.
"""

INDEX = "search.index"
PROJECT_ACTIONS = "followups.project"
PUBLISH = "articles.publish"  # what was approved, when its hour has come
LOOK_AT_LINKS = "links.look"
WRITE_MAIL = "mail.write"  # about an account
SEND_MAIL = "mail.send"  # one message, whoever made it
TELL = "notices.tell"  # those who follow it
MATCH = "notices.match"  # those who follow a search that finds it
FORGET = "my_data.forget"  # what copies the names of people, after one was erased

REACTIONS: dict[str, tuple[str, ...]] = {
    "account.registered": (WRITE_MAIL,),
    "account.reset_asked": (WRITE_MAIL,),
    "account.verification_asked": (WRITE_MAIL,),
    "account.password_changed": (WRITE_MAIL,),
    "account.erased": (FORGET,),
    "revision.scheduled": (PUBLISH,),
    "article.created": (LOOK_AT_LINKS,),
    "article.revised": (LOOK_AT_LINKS,),
    "article.published": (INDEX, PROJECT_ACTIONS, TELL, MATCH),
    "article.imported": (INDEX, PROJECT_ACTIONS),
    "article.retired": (INDEX, PROJECT_ACTIONS, TELL),
    "article.restored": (INDEX, PROJECT_ACTIONS),
    "article.merged": (INDEX, PROJECT_ACTIONS, TELL),
    "article.unmerged": (INDEX, PROJECT_ACTIONS),
    "comment.posted": (INDEX, TELL),
    "comment.held": (INDEX,),
    "comment.approved": (INDEX, TELL),
    "comment.edited": (INDEX, TELL),
    "comment.hidden": (INDEX, TELL),
    "comment.restored": (INDEX, TELL),
    "comment.put_aside": (INDEX, TELL),
    "comment.act_undone": (INDEX, TELL),
    "comment.appeal_granted": (INDEX, TELL),
    "comment.withdrawn": (INDEX,),
    "comment.imported": (INDEX,),
    "comment.appeal_refused": (TELL,),
    "comment.answered": (TELL,),
    "comment.accepted": (TELL,),
    "comment.declined": (TELL,),
    "account.suspended": (TELL,),
    "account.suspension_ended": (TELL,),
    "account.suspension_upheld": (TELL,),
}

# Jobs that a site can leave undone, and the setting that says so.
SWITCHES = {LOOK_AT_LINKS: "link_checks", WRITE_MAIL: "mail_url"}

# All that a program may change with a token, whatever its owner may. `record` refuses anything else.
PROGRAMS_MAY = {
    "article.created",
    "article.revised",
    "article.check_waived",
    "revision.submitted",
    "revision.written_by_token",
    "comment.posted",
    "comment.held",
    "comment.written_by_token",
    "token.refused",
}

# What pages are made from. `{subject}` is the event's subject; other names stand for values of its data.
WRITE_UPS = "write-ups"  # which are published, and what lists say of them
COUNTS = "counts"  # how many comments they have
PEOPLE = "people"  # the names of people, wherever they stand
ACTIONS = "actions"  # what was promised, and what became of it
SITE = "site"  # everything; no event moves it, `flask journal refresh` does

VERSIONS: dict[str, tuple[str, ...]] = {
    "article.published": ("article {subject}", WRITE_UPS),
    "article.imported": ("article {subject}", WRITE_UPS),
    "article.retired": ("article {subject}", WRITE_UPS),
    "article.restored": ("article {subject}", WRITE_UPS),
    "article.moved": ("article {subject}", WRITE_UPS),
    "article.merged": ("article {subject}", "thread {subject}", "article {into}", "thread {into}", WRITE_UPS, COUNTS),
    "article.unmerged": ("article {subject}", "thread {subject}", "article {into}", "thread {into}", WRITE_UPS, COUNTS),
    "comment.posted": ("thread {article}", COUNTS),
    "comment.held": ("thread {article}", COUNTS),
    "comment.approved": ("thread {article}", COUNTS),
    "comment.edited": ("thread {article}", COUNTS),
    "comment.answered": ("thread {article}",),
    "comment.accepted": ("thread {article}",),
    "comment.declined": ("thread {article}",),
    "comment.reopened": ("thread {article}",),
    "comment.hidden": ("thread {article}", COUNTS),
    "comment.restored": ("thread {article}", COUNTS),
    "comment.put_aside": ("thread {article}", COUNTS),
    "comment.act_undone": ("thread {article}", COUNTS),
    "comment.appeal_granted": ("thread {article}", COUNTS),
    "comment.withdrawn": ("thread {article}", COUNTS),
    "comment.imported": ("thread {article}", COUNTS),
    "comment.marked_useful": ("thread {article}",),
    "comment.unmarked_useful": ("thread {article}",),
    "action.assigned": ("article {article}", ACTIONS),
    "action.started": ("article {article}", ACTIONS),
    "action.done": ("article {article}", ACTIONS),
    "action.confirmed": ("article {article}", ACTIONS),
    "action.sent_back": ("article {article}", ACTIONS),
    "action.dropped": ("article {article}", ACTIONS),
    "action.reopened": ("article {article}", ACTIONS),
    "action.replaced": ("article {article}", ACTIONS),
    "action.imported": ("article {article}", ACTIONS),
    "account.profile_changed": ("person {subject}", PEOPLE),
    "account.role_changed": ("person {subject}",),
    "account.disabled": ("person {subject}",),
    "account.enabled": ("person {subject}",),
    "account.suspended": ("person {subject}",),
    "account.suspension_ended": ("person {subject}",),
    "account.act_undone": ("person {subject}",),
    "account.password_changed": ("person {subject}",),
    "account.erased": ("person {subject}", PEOPLE),
    "session.ended": ("person {user}",),
    # No events: what somebody reads stays out of the journal. Their own pages follow; the page of all where they read
    # what is not live any more, and it is not kept for them.
    "visit.noted": ("person {subject}",),
    "visit.noted_late": ("person {subject}", "article {article}"),
}
