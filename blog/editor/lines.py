"""The lines of a document as its reviewers read and name them: a path (`timeline.t3.text`) and a number from 1."""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from blog.articles.comparing import Comparison, FieldChange, ListChange, whole
from blog.articles.document import Document
from blog.lib.diff import Part, TextLine

MAX_LINES = 6_000  # of one piece that are shown one by one; a number and a link for each of 100,000 takes seconds
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


def places_of(lines: Sequence[str], quotes: Collection[str]) -> dict[str, list[int]]:
    """Where each of these quotes stands in a text, in one pass: there may be many of both."""
    places: dict[str, list[int]] = {quote: [] for quote in quotes}
    for at, line in enumerate(lines, start=1):
        if (quote := line[:MAX_QUOTE]) in places:
            places[quote].append(at)
    return places


def nearest(places: Sequence[int], number: int) -> int:
    """The one of rising places that is nearest to a line's old place; 0 where there is none."""
    after = bisect_left(places, number)
    return min(places[max(after - 1, 0) : after + 1], key=lambda at: abs(at - number), default=0)


def lines_of(field: FieldChange) -> list[Line]:
    """A field as its lines, with the places they have in the new text."""
    return [line for shown in field.lines for line in _split(field.path, shown)]


def _split(path: str, shown: TextLine) -> Iterator[Line]:
    """What came as one piece is several lines to whoever speaks of one; what nobody reads line by line stays one."""
    if shown.kind == "old" and not shown.text:
        return
    if shown.kind != "new" or not shown.number or shown.text.count("\n") > MAX_LINES:
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
