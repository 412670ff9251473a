"""What the comment form sends, as typed: picked by name, never more than these fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from blog.errors import Fault, Invalid
from blog.lib.once import new_key
from blog.lib.row_numbers import row_number

FIELDS = ("text", "parent_id", "anchor", "kind", "source", "revision", "seen", "once")


@dataclass(frozen=True)
class CommentInput:
    """The fields of the form. They go back into it unchanged when the comment is refused."""

    text: str = ""
    parent_id: str = ""
    anchor: str = ""
    kind: str = ""
    source: str = ""
    revision: str = ""  # the one its writer has before them
    seen: str = ""  # what an edit began from, by `edit_changes.print_of`
    once: str = field(default_factory=new_key)  # one form, sent twice, is one comment

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """From a sent form; absent fields are empty."""
        return cls(**{name: form.get(name, "") for name in FIELDS})

    @property
    def parent_number(self) -> int | None:
        """The number of the comment that is answered. Raises `Invalid` for anything that is none."""
        given = self.parent_id.strip()
        if not given:
            return None
        number = row_number(given)
        if number is None:
            raise Invalid([Fault("parent_id", "This is not the number of a comment.")])
        return number
