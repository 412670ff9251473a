"""What the form's own buttons do to its rows: add one, remove one, move one up or down. Nothing is saved by them."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from blog.editor.field_forms import LISTS, RowList
from blog.editor.row_forms import Row, Rows, blank_row
from blog.errors import Fault, Invalid


def press(rows: Rows, fields: Mapping[str, str]) -> str | None:
    """Do what the pressed button says, in place. Returns the name of the row or list to show next, or None where no
    such button was pressed. Buttons: `add=timeline`, `remove=timeline-3`, `move=timeline-3-up`. Raises `Invalid`, with
    the path of the list, where it has as many rows as it may.
    """
    if "add" in fields:
        return _add(rows, fields["add"])
    if "remove" in fields:
        return _remove(rows, fields["remove"])
    if "move" in fields:
        return _move(rows, fields["move"])
    return None


def number_rows(rows: Rows) -> None:
    """Give every row without an id the next one of its list, as saving will, so that other rows can point at it."""
    for one in LISTS:
        _number(one, rows[one.name])


def _number(one: RowList, rows: list[Row]) -> None:
    taken = {row.get("id") for row in rows}
    free = (name for number in count(1) if (name := f"{one.prefix}{number}") not in taken)
    for row in rows:
        if one.prefix and not row["id"]:
            row["id"] = next(free)
        for below in one.lists:
            _number(below, row[below.name])


def _add(rows: Rows, name: str) -> str:
    found = _list_at(rows, name)
    if found is None:
        return ""
    one, there = found
    if len(there) >= one.most:
        reason = f"at most {one.most} rows: take one out before you add another"
        raise Invalid([Fault(name.replace("-", "."), reason)])
    there.append(blank_row(one))
    return f"{name}-{len(there) - 1}"


def _remove(rows: Rows, name: str) -> str:
    found = _row_at(rows, name)
    if found is None:
        return ""
    there, place, list_name = found
    del there[place]
    return f"{list_name}-{min(place, len(there) - 1)}" if there else list_name


def _move(rows: Rows, name: str) -> str:
    row_name, _, direction = name.rpartition("-")
    found = _row_at(rows, row_name)
    if found is None:
        return ""
    there, place, list_name = found
    other = max(place - 1, 0) if direction == "up" else min(place + 1, len(there) - 1)
    there[place], there[other] = there[other], there[place]
    return f"{list_name}-{other}"


def _row_at(rows: Rows, name: str) -> tuple[list[Row], int, str] | None:
    list_name, _, step = name.rpartition("-")
    found = _list_at(rows, list_name)
    if found is None or not _is_place(step, found[1]):
        return None
    return found[1], int(step), list_name


def _list_at(rows: Rows, name: str) -> tuple[RowList, list[Row]] | None:
    """The list of this name: `timeline`, or `incidents-0-permissions`."""
    steps = name.split("-")
    one: RowList | None = next((one for one in LISTS if one.name == steps[0]), None)
    there: Any = rows.get(steps[0])
    for place, below in zip(steps[1::2], steps[2::2], strict=False):
        if one is None or not _is_place(place, there):
            return None
        one = next((child for child in one.lists if child.name == below), None)
        there = there[int(place)].get(below)
    return (one, there) if one is not None and len(steps) % 2 else None


def _is_place(step: str, rows: list[Row]) -> bool:
    return step.isascii() and step.isdigit() and len(step) <= 5 and int(step) < len(rows)
