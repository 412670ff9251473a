"""What the forms of moderation send: a reason, and the comments it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from blog.errors import Fault, HindsightError, Invalid
from blog.lib.row_numbers import row_number

MOST_AT_ONCE = 50  # what a page of a queue shows


@dataclass(frozen=True)
class Typed:
    """What was typed, and why it was refused: a form that is shown again holds both. `number` says which form."""

    code: str = ""
    reason: str = ""
    days: str = ""
    text: str = ""
    verb: str = ""
    number: int = 0
    faults: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, form: "MultiDict[str, str]", *, number: int = 0, refusal: HindsightError | None = None) -> "Typed":
        faults = {}
        if isinstance(refusal, Invalid) and refusal.faults:
            faults = {fault.path: fault.reason for fault in refusal.faults}
        elif refusal is not None:
            faults = {"": refusal.message}
        names = ("code", "reason", "days", "text", "verb")
        return cls(**{name: form.get(name, "") for name in names}, number=number, faults=faults)


def chosen(form: "MultiDict[str, str]", name: str, *, what: str, most: int = MOST_AT_ONCE) -> list[int]:
    """The numbers that were ticked under a name, as `comment`; `what` they are, as `comments`. Raises `Invalid` at that
    path for none, too many, or what is no number.
    """
    numbers = {row_number(value) for value in form.getlist(name)}
    if not numbers:
        raise Invalid([Fault(name, f"Tick the {what} that it is about.")])
    if None in numbers or len(numbers) > most:
        raise Invalid([Fault(name, f"Tick up to {most} {what} of this page.")])
    return sorted(number for number in numbers if number is not None)
