"""What readers of other programs' comments have in common: threads, comments as they were said, and their states."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAX_ID = 60  # characters of the number that a comment has there; a longer one is no number


class Markup(StrEnum):
    HTML = "html"
    MARKDOWN = "markdown"


class ForeignState(StrEnum):
    """How the comment stood there. Only what everybody saw comes along; a reply keeps the place of what it answers."""

    PUBLIC = "public"
    WAITING = "waiting for approval"
    SPAM = "spam"
    DELETED = "deleted"


@dataclass(frozen=True)
class ForeignThread:
    """`addresses` are what may lead to its write-up, the likeliest first: web addresses, paths, or slugs."""

    key: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class ForeignComment:
    """`parent` is "" for the first of a thread. Nothing of it was checked: `email` is what somebody typed."""

    id: str
    thread: str
    parent: str
    name: str
    email: str
    at: datetime
    text: str
    markup: Markup
    state: ForeignState


@dataclass(frozen=True)
class Unreadable:
    """Something that is no comment of ours, and why. `is_fault` where it should be one."""

    name: str
    reason: str
    is_fault: bool = True


ForeignRecord = ForeignThread | ForeignComment | Unreadable
