"""What the tables hold of a person, as data: what an export takes out of each, and what erasing leaves of it.

Every column with the number of a person stands here once; a test compares the list with the models.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from blog.comments.edit_models import CommentEdit
from blog.comments.models import CommentState
from blog.comments.rule_models import RuleState

ERASED_NAME = "Erased member"  # nobody can take it: it is reserved
ERASED_TEXT = "Erased."


class Fate(StrEnum):
    """What becomes of the rows when their person is erased."""

    GO = "go"
    STAY = "stay"  # the record of the site, by a number that leads to nobody
    BLANK = "blank"  # the place stays, what the person put there goes


@dataclass(frozen=True)
class Holding:
    """`column` holds the number of the person, or of a row of `of`, a table in which `user_id` is. `blank` is what its
    columns are set to where the rows are blanked; `title` what the archive calls them ("" where something else in it
    tells the same), without the columns `left_out`.
    """

    table: str
    column: str
    fate: Fate
    title: str = ""
    blank: Mapping[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    of: str = ""


HOLDINGS = (
    Holding("users", "id", Fate.BLANK, "account", left_out=("password_hash", "name_key", "email_key")),
    Holding("sessions", "user_id", Fate.GO, "sessions", left_out=("token_hash",)),
    Holding("api_tokens", "user_id", Fate.BLANK, "tokens", {"name": ERASED_TEXT, "model": ""}, ("token_hash",)),
    Holding("program_labels", "owner_id", Fate.BLANK, "written by programs", {"program": "a program"}),
    Holding("articles", "created_by_id", Fate.STAY, "write-ups begun"),
    Holding("revisions", "created_by_id", Fate.STAY, "revisions", left_out=("rendered", "renderer_version")),
    Holding("revisions", "publish_by_id", Fate.STAY),
    Holding("revision_authors", "user_id", Fate.STAY, "revisions written on"),
    Holding("reviews", "reviewer_id", Fate.STAY, "reviews"),
    Holding("remarks", "user_id", Fate.BLANK, "remarks", {"text": ERASED_TEXT, "quote": ""}),
    Holding("remarks", "resolved_by_id", Fate.STAY),
    Holding("check_waivers", "created_by_id", Fate.STAY, "findings left as they are"),
    Holding("working_copies", "user_id", Fate.GO, "working copies"),
    Holding("presences", "user_id", Fate.GO),
    Holding("visits", "user_id", Fate.GO, "visits"),
    Holding("uploads", "created_by_id", Fate.STAY, "pictures"),
    Holding("uploads", "withdrawn_by_id", Fate.STAY),
    Holding("action_items", "owner_id", Fate.STAY, "actions that are mine"),
    Holding("action_items", "done_by_id", Fate.STAY, "actions done"),
    Holding("action_items", "confirmed_by_id", Fate.STAY, "actions confirmed"),
    Holding(
        "comments",
        "user_id",
        Fate.BLANK,
        "comments",
        {"state": CommentState.WITHDRAWN, "text": "", "html": "", "hidden_reason": "", "source": None},
        ("html", "renderer_version"),
    ),
    Holding("comments", "standing_by_id", Fate.STAY),
    Holding("useful_marks", "user_id", Fate.GO, "comments found useful"),
    Holding("thread_visits", "user_id", Fate.GO, "discussions read"),
    Holding(CommentEdit.__tablename__, "comment_id", Fate.GO, "earlier words of comments", of="comments"),
    Holding("comment_flags", "user_id", Fate.BLANK, "flags", {"words": ""}, ("weight", "act_id")),
    Holding(
        "moderation_acts", "person_id", Fate.STAY, "acts of moderators about me", left_out=("actor_id", "undone_by_id")
    ),
    Holding("moderation_acts", "actor_id", Fate.STAY, "acts of mine as a moderator"),
    Holding("moderation_acts", "undone_by_id", Fate.STAY),
    Holding("appeals", "user_id", Fate.BLANK, "appeals", {"text": ERASED_TEXT}),
    Holding(
        "comment_rules", "person_id", Fate.BLANK, blank={"person_id": None, "note": ERASED_TEXT, "state": RuleState.OFF}
    ),
    Holding("notices", "user_id", Fate.GO, "notices"),  # before the mails they stand in
    Holding("messages", "user_id", Fate.GO, "mails"),
    Holding("follows", "user_id", Fate.GO, "follows"),
    Holding("mailboxes", "user_id", Fate.GO, "mailbox"),
    Holding("proofs", "user_id", Fate.GO, left_out=("token_hash",)),
    Holding("events", "actor_id", Fate.STAY, "journal", left_out=("previous_hash", "hash")),
)

# The other tables, and why nothing of a person stands in them by number.
OTHERS = {
    "former_slugs": "addresses of write-ups",
    "incident_numbers": "incidents",
    "merges": "write-ups",
    "incidents": "made from live revisions",
    "article_terms": "made from live revisions",
    "related_write_ups": "made from live revisions",
    "tags": "names of things",
    "services": "names of things",
    "organisations": "names of things",
    "factors": "names of things",
    "links": "addresses that write-ups lead to",
    "jobs": "what is to be done, by the number of its row",
    "versions": "random values",
    "leases": "processes",
    "attempts": "keyed hashes, for a day",
    "kept_answers": "keyed hashes; an answer that names the person is found by its words",
}
