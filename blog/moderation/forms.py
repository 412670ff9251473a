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


def chosen_comments(form: "MultiDict[str, str]") -> list[int]:
    """The comments that were ticked. Raises `Invalid` at path `comment` for none, too many, or what is no number."""
    numbers = {row_number(value) for value in form.getlist("comment")}
    if not numbers:
        raise Invalid([Fault("comment", "Tick the comments that it is about.")])
    if None in numbers or len(numbers) > MOST_AT_ONCE:
        raise Invalid([Fault("comment", f"Tick up to {MOST_AT_ONCE} comments of this page.")])
    return sorted(number for number in numbers if number is not None)
