"""The errors a rule may raise, and their one mapping to an answer.

`NotFound` 404, `NotAllowed` 403, `NotSignedIn` 401 (the JSON API without a token that holds), `Invalid` 400 (422 where
all that is wrong is a length, or what the rule says), `Conflict` 409, `PreconditionFailed` 412, `PreconditionRequired`
428, `TooMany` 429, `Busy` 503, `NoRoom` 507. Rules raise them; views catch `Invalid` and `Conflict` only to show them
on a form; everything else is mapped by `blog.lib.error_pages`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input: `path` names the field (`timeline.3.at`, or empty), `reason` says what to do."""

    path: str
    reason: str
    is_too_long: bool = field(default=False, compare=False)  # a text or list above its limit
    fingerprint: str = field(default="", compare=False)  # of a check's finding: what a waiver names

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


class HindsightError(Exception):
    """A refusal with a message for the person who asked; `status` is the HTTP status it maps to."""

    status = 500
    title = "Something went wrong"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.title)
        self.message = message or self.title


class NotFound(HindsightError):
    status = 404
    title = "There is nothing at this address"


class Moved(HindsightError):
    """What was asked for has another address; `slug` is the one to put in the place of the old one."""

    status = 301
    title = "This has another address now"

    def __init__(self, slug: str) -> None:
        super().__init__(f"It stands under the name {slug} now. Old addresses lead there.")
        self.slug = slug


class NotAllowed(HindsightError):
    status = 403
    title = "You are not allowed to do this"


class NotSignedIn(HindsightError):
    """A program asks for more than everybody may have, and brings no token, or one that does not hold (any more)."""

    status = 401
    title = "This needs an API token"


class Conflict(HindsightError):
    status = 409
    title = "Somebody else changed this first"


class PreconditionFailed(HindsightError):
    """What a program says it saw is not what stands there now."""

    status = 412
    title = "This was changed since you read it"


class PreconditionRequired(HindsightError):
    """A change of something that exists must say which state of it was seen."""

    status = 428
    title = "Say which text this is based on"


class TooMany(HindsightError):
    """A limit on how often was reached; `retry_after_seconds` says when to try again."""

    status = 429
    title = "Too many requests"

    def __init__(self, message: str = "", *, retry_after_seconds: int = 60) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Busy(HindsightError):
    status = 503
    title = "The site is busy; nothing was lost, please try again"


class NoRoom(HindsightError):
    """The disk is full, or nearly."""

    status = 507
    title = "There is no room left on the disk; nothing was saved. Please tell an admin"


class Invalid(HindsightError):
    """An input that a rule refuses: every fault at once, each with its path, so that a form shows them in place."""

    status = 400
    title = "Something in this input needs a change"

    def __init__(self, faults: str | Sequence[Fault], *, status: int | None = None) -> None:
        self.faults = [Fault("", faults)] if isinstance(faults, str) else list(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults))
        is_length = bool(self.faults) and all(fault.is_too_long for fault in self.faults)
        self.status = status or (422 if is_length else 400)

    def at(self, path: str) -> list[str]:
        """The reasons given for one field, for showing beside it."""
        return [fault.reason for fault in self.faults if fault.path == path]
