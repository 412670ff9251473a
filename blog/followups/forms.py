"""What the forms of an action send, as typed: picked by name, never more than these fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from blog.errors import Fault, Invalid

FIELDS = ("step", "owner", "evidence", "evidence_url", "done_on", "reason")


@dataclass(frozen=True)
class ActionInput:
    """The fields of all forms of an action. They go back into their form unchanged when a step is refused."""

    step: str = ""
    owner: str = ""
    evidence: str = ""
    evidence_url: str = ""
    done_on: str = ""
    reason: str = ""

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """From a sent form; absent fields are empty."""
        return cls(**{name: form.get(name, "") for name in FIELDS})

    @property
    def seen(self) -> int | None:
        """The step that the person had before their eyes; None where the form does not say."""
        given = self.step.strip()
        return int(given) if given.isascii() and given.isdigit() and len(given) <= 9 else None

    @property
    def day(self) -> date | None:
        """The day it was done; None where none is given. Raises `Invalid` at path `done_on`."""
        if not self.done_on.strip():
            return None
        try:
            return date.fromisoformat(self.done_on.strip())
        except ValueError:
            raise Invalid([Fault("done_on", "Write the day as 2026-05-31.")]) from None
