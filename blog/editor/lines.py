"""The lines of a document as its reviewers read and name them: a path (`timeline.t3.text`) and a number from 1."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from blog.articles.comparing import Comparison, FieldChange, ListChange, whole
from blog.articles.document import Document
from blog.lib.diff import Part, TextLine

MAX_QUOTE = 500  # characters of a line that are kept with what was said about it


@dataclass(frozen=True)
class Line:
    """One line on the page of a review. `number` is its place in the new text of the field, 0 where it stands only in
    the old one, or where lines were left out.
    """

    path: str
    number: int
    kind: Literal["old", "new", "same", "changed", "gap"]
    parts: tuple[Part, ...] = ()

    @property
    def anchor(self) -> str:
        return anchor_of(self.path, self.number)


def anchor_of(path: str, number: int) -> str:
    """The id of a line on its page."""
    return f"line.{path}.{number}"


def texts_of(document: Document) -> dict[str, list[str]]:
    """Every field that holds something, with its lines."""
    return {field.path: field.new.split("\n") for field in fields_in(whole(document))}


def line_at(texts: Mapping[str, Sequence[str]], path: str, number: int) -> str | None:
    """What a line says, as far as it is kept; None where there is no such line."""
    lines = texts.get(path, ())
    return lines[number - 1][:MAX_QUOTE] if 1 <= number <= len(lines) else None


def place_of(texts: Mapping[str, Sequence[str]], path: str, number: int, quote: str) -> int:
    """Where a line of an earlier text stands now: the equal line nearest to its old place; 0 where there is none."""
    same = [at for at, line in enumerate(texts.get(path, ()), start=1) if line[:MAX_QUOTE] == quote]
    return min(same, key=lambda at: abs(at - number), default=0)


def lines_of(field: FieldChange) -> list[Line]:
    """A field as its lines, with the places they have in the new text."""
    return [line for shown in field.lines for line in _split(field.path, shown)]


def _split(path: str, shown: TextLine) -> Iterator[Line]:
    """What came as one piece is several lines to whoever speaks of one."""
    if shown.kind == "old" and not shown.text:
        return
    if shown.kind != "new" or not shown.number:
        yield Line(path, shown.number, shown.kind, shown.parts)
        return
    for number, text in enumerate(shown.text.split("\n"), start=shown.number):
        yield Line(path, number, "new", (Part("new", text),))


def fields_in(comparison: Comparison) -> Iterator[FieldChange]:
    """Every field of a comparison, those of rows and of their own rows among them."""
    yield from comparison.fields
    for one in comparison.lists:
        yield from _of_rows(one)


def _of_rows(change: ListChange) -> Iterator[FieldChange]:
    for row in change.rows:
        yield from row.fields
        for inner in row.lists:
            yield from _of_rows(inner)
