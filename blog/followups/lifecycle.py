"""The states of an action: which step leads from where to where, and what each asks for. Pure."""

from datetime import date
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from blog.articles.document import Address
from blog.errors import Conflict, Fault, Invalid
from blog.followups.models import OPEN, ActionItem, ActionState
from blog.lib.text import clean_text

MAX_REASON = 2_000  # characters
MAX_EVIDENCE = 4_000
EARLIEST = date(1990, 1, 1)  # what is said to be done before it is a mistake of typing

_ADDRESS: TypeAdapter[str] = TypeAdapter(Address)


class Step(NamedTuple):
    """One verb: from which states it leads to which, and the event that tells of it."""

    after: tuple[ActionState, ...]
    to: ActionState
    event: str


START = Step((ActionState.PROMISED,), ActionState.IN_PROGRESS, "action.started")
DONE = Step(OPEN, ActionState.DONE, "action.done")
CONFIRM = Step((ActionState.DONE,), ActionState.CONFIRMED, "action.confirmed")
SEND_BACK = Step((ActionState.DONE,), ActionState.IN_PROGRESS, "action.sent_back")
DROP = Step(OPEN, ActionState.DROPPED, "action.dropped")
REOPEN = Step((ActionState.CONFIRMED, ActionState.DROPPED), ActionState.PROMISED, "action.reopened")


def require_seen(action: ActionItem, *, seen: int | None) -> None:
    """Raise `Conflict` where the action has moved on since the person saw it."""
    if seen is not None and seen != action.step:
        raise Conflict("Somebody changed this action since you opened it. Look at it as it is now, then decide again.")


def require_open(action: ActionItem) -> None:
    """Raise `Conflict` where nothing is to be done any more."""
    if not action.is_open:
        raise Conflict(f"This action is {action.state_words} now; it changes hands only while it is open.")


def require_step(action: ActionItem, step: Step) -> None:
    """Raise `Conflict` where this step leads nowhere from the action's state."""
    if action.state not in step.after:
        raise Conflict(f"This action is {action.state_words} now, so this step does not fit any more.")


def checked_text(text: str, *, path: str, most: int, missing: str = "") -> str:
    """The text as it is kept. Raises `Invalid` at `path`, with `missing` where it is given and the text is empty."""
    try:
        said = clean_text(text).strip()
    except ValueError as error:
        raise Invalid([Fault(path, str(error))]) from None
    if missing and not said:
        raise Invalid([Fault(path, missing)])
    if len(said) > most:
        reason = f"Keep it to {most:,} characters; this has {len(said):,}."
        raise Invalid([Fault(path, reason, is_too_long=True)])
    return said


def checked_address(address: str) -> str:
    """An address as write-ups take it: http or https, no blanks. Raises `Invalid` at path `evidence_url`."""
    try:
        return _ADDRESS.validate_python(address.strip())
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        is_long = found["type"] in ("string_too_long", "too_long")
        reason = "Write an address that starts with https:// or http:// and holds no blanks."
        if is_long:
            reason = "Keep the address to 2,000 characters."
        raise Invalid([Fault("evidence_url", reason, is_too_long=is_long)]) from None


def checked_day(day: date | None, *, today: date) -> date:
    """The day something was done; today where nobody says. Raises `Invalid` at path `done_on`."""
    if day is None:
        return today
    if not EARLIEST <= day <= today:
        raise Invalid([Fault("done_on", "Give the day it was done: not a day to come.")])
    return day
