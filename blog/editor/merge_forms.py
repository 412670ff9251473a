"""One form that holds what two people changed at once: yours, with what only they changed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from blog.editor.field_forms import LISTS, RowList
from blog.editor.row_forms import Row, Rows
from blog.editor.three_way_forms import Sides, Typed, cells_of, text_at
from blog.lib.matching import Effort, stretches

LONG = ("summary", "body")  # and every cell of kind text: merged by lines


def merged(base: Typed, theirs: Typed, yours: Typed, *, take: Collection[str] = ()) -> Typed:
    """Yours, with all that only they changed, and with theirs at the keys in `take`. Where both changed a long text,
    what they changed in other lines of it comes in, too; where that is too much to compare, yours stands.
    """
    wanted = _Wanted(take)
    plain = {
        name: _merged_text(base.plain[name], theirs.plain[name], text, wanted, is_long=name in LONG, takes=name in take)
        for name, text in yours.plain.items()
    }
    return Typed(
        plain,
        {
            one.name: _merged_rows(
                one, one.name, (base.rows[one.name], theirs.rows[one.name], yours.rows[one.name]), wanted
            )
            for one in LISTS
        },
    )


@dataclass(frozen=True)
class _Wanted:
    """The keys at which theirs is taken, and the effort that all texts share: a form may have thousands."""

    take: Collection[str]
    effort: Effort = field(default_factory=Effort)


def _merged_rows(one: RowList, key: str, sides: Sides, wanted: _Wanted) -> list[Row]:
    by_id = [{row["id"]: row for row in rows if row.get("id")} for rows in sides]
    kept: list[Row] = []
    for yours in sides[2]:
        row_id = yours.get("id", "")
        base, theirs = by_id[0].get(row_id), by_id[1].get(row_id)
        here = f"{key}-{row_id}"
        if base is None or theirs is None:
            takes = here in wanted.take or (theirs is None and base == yours)
            kept += [row for row in (theirs if takes else yours,) if row is not None]
        else:
            kept.append(_merged_row(one, here, (base, theirs, yours), wanted))
    _put_in_missing(kept, sides, key, wanted.take)
    return kept


def _put_in_missing(kept: list[Row], sides: Sides, key: str, take: Collection[str]) -> None:
    """Their rows that yours does not have: the new ones, and those that you took out, if asked for. Each comes after
    the row that it follows on their side.
    """
    base, _, yours = ({row.get("id") for row in rows} for rows in sides)
    before: set[str] = set()
    for row in sides[1]:
        row_id = row.get("id", "")
        if row_id and row_id not in yours and (row_id not in base or f"{key}-{row_id}" in take):
            after = max((at + 1 for at, one in enumerate(kept) if one.get("id") in before), default=0)
            kept.insert(after, row)
        before |= {row_id} if row_id else set()


def _merged_row(one: RowList, key: str, rows: tuple[Row, Row, Row], wanted: _Wanted) -> Row:
    base, theirs, yours = rows
    row: dict[str, Any] = {**yours, **{block.name: dict(yours[block.name]) for block in one.blocks}}
    for steps, _, cell in cells_of(one):
        texts = (text_at(base, steps), text_at(theirs, steps), text_at(yours, steps))
        takes = "-".join((key, *steps)) in wanted.take
        text = _merged_text(*texts, wanted, is_long=cell.kind == "text", takes=takes)
        if len(steps) == 2:
            row[steps[0]][steps[1]] = text
        else:
            row[steps[0]] = text
    for below in one.lists:
        sides = (base[below.name], theirs[below.name], yours[below.name])
        here = f"{key}-{below.name}"
        if below.prefix:
            row[below.name] = _merged_rows(below, here, sides, wanted)
        elif here in wanted.take or sides[0] == sides[2]:
            row[below.name] = sides[1]
    return row


def _merged_text(base: str, theirs: str, yours: str, wanted: _Wanted, *, is_long: bool, takes: bool) -> str:
    if takes or base == yours:
        return theirs
    if not is_long or theirs in (base, yours):
        return yours
    return _merged_lines(base.split("\n"), theirs.split("\n"), yours.split("\n"), wanted.effort)


def _merged_lines(base: list[str], theirs: list[str], yours: list[str], effort: Effort) -> str:
    """The three-way merge of diff3: between lines that all three share, whoever changed the lines has them; where both
    did, yours stand.
    """
    kept_by = [
        {one.old + step: one.new + step for one in stretches(base, side, effort) for step in range(one.size)}
        for side in (theirs, yours)
    ]
    anchors = [at for at in range(len(base)) if at in kept_by[0] and at in kept_by[1]]
    out: list[str] = []
    was = their = your = 0
    for at in [*anchors, len(base)]:
        is_end = at == len(base)
        their_end = len(theirs) if is_end else kept_by[0][at]
        your_end = len(yours) if is_end else kept_by[1][at]
        own = yours[your:your_end]
        out += theirs[their:their_end] if own == base[was:at] else own
        out += [] if is_end else [base[at]]
        was, their, your = at + 1, their_end + 1, your_end + 1
    return "\n".join(out)


def apart(base: Typed, theirs: Typed, yours: Typed) -> Typed:
    """Yours with new names for its new rows where both sides gave the same id to a new row of their own."""
    rows: Rows = {}
    for one in LISTS:
        old, new = base.rows[one.name], theirs.rows[one.name]
        taken = {row["id"] for row in new} - {row["id"] for row in old}
        rows[one.name] = [
            {**row, "id": f"{row['id'][:29]}-2"} if row["id"] in taken and row not in new else row
            for row in yours.rows[one.name]
        ]
    return Typed(yours.plain, _pointing(rows, yours.rows))


def _pointing(rows: Rows, before: Rows) -> Rows:
    """Rows that point at a row which got a new name follow it."""
    renamed: dict[str, dict[str, str]] = {}
    for kind, name in (("source", "sources"), ("claim", "claims")):
        pairs = zip(before[name], rows[name], strict=True)
        renamed[kind] = {old["id"]: new["id"] for old, new in pairs if old["id"] != new["id"]}
    for one in LISTS:
        for cell in one.cells if any(renamed.values()) else ():
            if cell.kind in renamed:
                names = renamed[cell.kind]
                rows[one.name] = [
                    {**row, cell.name: names.get(row[cell.name], row[cell.name])} for row in rows[one.name]
                ]
    return rows
