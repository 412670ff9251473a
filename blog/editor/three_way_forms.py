"""Two people at once: what each changed since the revision both began from. It works on what was typed, so that a text
with faults in it can be laid beside the others, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from blog.editor.field_forms import LISTS, Cell, RowList
from blog.editor.forms import PLAIN, Sheet
from blog.editor.row_forms import Row, Rows, without_blank
from blog.lib.diff import TextLine, text_diff
from blog.lib.matching import Effort

PLAIN_LABELS = {"title": "Title", "summary": "Summary", "body": "Text", "tags": "Tags", "language": "Language"}


@dataclass(frozen=True)
class Typed:
    """One side: the plain fields and the rows as texts."""

    plain: dict[str, str]
    rows: Rows


@dataclass(frozen=True)
class Difference:
    """One field or row that the three sides do not agree on. `key` is its path with dashes and row ids
    (`timeline-t3-text`); a side on which the row does not stand is None.
    """

    key: str
    label: str
    base: str | None
    theirs: str | None
    yours: str | None
    effort: Effort = field(repr=False, compare=False)

    @property
    def who(self) -> str:
        """`theirs` or `yours` where one side alone changed it, `same` where both did and agree, else `both`."""
        if self.theirs == self.yours:
            return "same"
        if self.base == self.yours:
            return "theirs"
        return "yours" if self.base == self.theirs else "both"

    @property
    def their_lines(self) -> list[TextLine]:
        return text_diff(self.base or "", self.theirs or "", effort=self.effort)

    @property
    def your_lines(self) -> list[TextLine]:
        return text_diff(self.base or "", self.yours or "", effort=self.effort)


def typed_of(sheet: Sheet) -> Typed:
    """A form as one side of the three."""
    plain = {name: (sheet.form[name].data or "").replace("\r\n", "\n") for name in (*PLAIN, "tags")}
    return Typed(plain, without_blank(sheet.rows))


def differences(base: Typed, theirs: Typed, yours: Typed) -> list[Difference]:
    """All that one side changed, in the order of the form."""
    effort = Effort()
    plain = [
        Difference(name, label, base.plain[name], theirs.plain[name], yours.plain[name], effort)
        for name, label in PLAIN_LABELS.items()
        if not base.plain[name] == theirs.plain[name] == yours.plain[name]
    ]
    rows = (
        found
        for one in LISTS
        for found in _row_differences(
            one, one.name, one.title, (base.rows[one.name], theirs.rows[one.name], yours.rows[one.name]), effort
        )
    )
    return [*plain, *rows]


Sides = tuple[list[Row], list[Row], list[Row]]


def _row_differences(one: RowList, key: str, label: str, sides: Sides, effort: Effort) -> Iterator[Difference]:
    by_id = [{row["id"]: row for row in rows if row.get("id")} for rows in sides]
    for row_id in dict.fromkeys([*by_id[1], *by_id[2], *by_id[0]]):
        rows = [rows.get(row_id) for rows in by_id]
        here, told = f"{key}-{row_id}", f"{label} {row_id}"
        if rows[0] is None or rows[1] is None or rows[2] is None:
            texts = [None if row is None else row_text(one, row) for row in rows]
            if not texts[0] == texts[1] == texts[2]:
                yield Difference(here, told, texts[0], texts[1], texts[2], effort)
            continue
        yield from _cell_differences(one, here, told, (rows[0], rows[1], rows[2]), effort)
    yield from (
        Difference(f"{key}-", f"{label}, new", None, None, row_text(one, row), effort)
        for row in sides[2]
        if not row.get("id")
    )


def _cell_differences(
    one: RowList, key: str, label: str, rows: tuple[Row, Row, Row], effort: Effort
) -> Iterator[Difference]:
    for steps, cell_label, _ in cells_of(one):
        base, theirs, yours = (text_at(row, steps) for row in rows)
        if not base == theirs == yours:
            told = f"{label}: {cell_label}"
            yield Difference("-".join((key, *steps)), told, base, theirs, yours, effort)
    for below in one.lists:
        sides = (rows[0][below.name], rows[1][below.name], rows[2][below.name])
        here, told = f"{key}-{below.name}", f"{label}: {below.title}"
        if below.prefix:
            yield from _row_differences(below, here, told, sides, effort)
        elif not sides[0] == sides[1] == sides[2]:
            texts = [list_text(below, rows) for rows in sides]
            yield Difference(here, told, texts[0], texts[1], texts[2], effort)


def cells_of(one: RowList) -> Iterator[tuple[tuple[str, ...], str, Cell]]:
    """(steps to it, its words, itself) of each cell of a row, those of its blocks included."""
    yield from (((cell.name,), cell.label, cell) for cell in one.cells)
    yield from (((block.name, cell.name), cell.label, cell) for block in one.blocks for cell in block.cells)


def text_at(row: Row, steps: tuple[str, ...]) -> str:
    value: Any = row
    for step in steps:
        value = value[step]
    return str(value).replace("\r\n", "\n")


def row_text(one: RowList, row: Row) -> str:
    """A whole row as lines of `label: value`, for reading."""
    lines = [f"{label}: {text}" for steps, label, _ in cells_of(one) if (text := text_at(row, steps))]
    lines += [f"{below.title}: {text}" for below in one.lists if (text := list_text(below, row[below.name]))]
    return "\n".join(lines)


def list_text(one: RowList, rows: list[Row]) -> str:
    return "; ".join(", ".join(row_text(one, row).splitlines()) for row in rows)
