"""The structured lists as form fields: what was typed, as a tree of texts, to the document's plain data and back.

A field is named by its path with dashes (`incidents-0-permissions-1-holder`). The tree has the same shape as the
document, but every leaf is the text as typed, so that a form can always be shown again as it was sent.
"""

import re
from collections.abc import Container, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from blog.articles.document import Document
from blog.editor.field_forms import LISTS, Block, Cell, RowList
from blog.errors import Fault, Invalid
from blog.lib.moment import Moment

Row = dict[str, Any]  # cells as text, blocks as dicts of cells, lists as lists of rows
Rows = dict[str, list[Row]]

_TIME = re.compile(
    r"(?P<about>about\s+)?(?P<at>.*?)(?:\s+(?P<precision>exact|minute|hour|day|month|year))?(?:\s+(?P<zone>[A-Za-z_]+/[A-Za-z0-9_/+-]+))?",
    re.DOTALL,
)
MAX_TIME = 150  # characters; the longest that means something has about 100
MAX_BRIEF = 160  # the page cuts it to one line
_YES_NO = {"yes": True, "no": False}


def read_rows(fields: Iterable[tuple[str, str]]) -> Rows:
    """The tree of what a form sent. Fields of other names are ignored; rows are numbered anew in their order.

    Raises `Invalid` for a list of more rows than a document may have. Blank ones do not count where they say nothing.
    """
    tree: dict[str, Any] = {}
    names = {rows.name for rows in LISTS}
    for name, value in fields:
        steps = name.split("-")
        if steps[0] in names and len(steps) <= 5:
            _plant(tree, steps, value)
    return {rows.name: _read_list(rows, tree.get(rows.name)) for rows in LISTS}


def rows_of(document: Document) -> Rows:
    """The tree of a document that exists."""
    return {rows.name: [_texts(rows, row) for row in getattr(document, rows.name)] for rows in LISTS}


def data_of(rows: Rows) -> dict[str, Any]:
    """The document's lists as plain data, for `parse_document`. What is blank is left out."""
    return {one.name: [_row_data(one, row) for row in rows[one.name]] for one in LISTS if rows[one.name]}


def without_blank(rows: Rows) -> Rows:
    """The tree without rows in which nothing was typed, so that the places in faults are the places in the form."""
    return {one.name: _typed_rows(one, rows[one.name]) for one in LISTS}


def blank_row(rows: RowList) -> Row:
    """A new row as the form shows it."""
    return _read_row(rows, {})


def typed_moment(moment: Moment | None) -> str:
    """A moment as the form shows it: what people write, where needed with its precision and its zone behind it."""
    if moment is None:
        return ""
    short, at = moment.as_text(), moment.at
    days = [] if at is None else [f"{at:%Y}", f"{at:%Y-%m}", f"{at:%Y-%m-%d}"]
    whole = short if at is None else f"{at.isoformat(sep=' ')} {moment.precision}"
    minutes = "" if at is None else at.isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC")
    zone = f" {moment.zone}" if moment.zone else ""
    candidates = [short.replace("+00:00", " UTC"), short]
    candidates += [f"{text}{zone}" for text in [*days, short, f"about {minutes}"]]
    return next((text for text in [*candidates, f"{whole}{zone}"] if _means(text, moment)), whole)


def field_of(path: str, names: Container[str]) -> str:
    """The field, or failing that the row, that a fault's path is about; empty where the form has none of it."""
    steps = path.split(".")
    for length in range(len(steps), 0, -1):
        name = "-".join(steps[:length])
        if name in names:
            return name
    return ""


def labels_of(rows: Rows) -> dict[str, str]:
    """Every field, row and list that a fault may be shown at, each with its words: `Timeline 4: When`."""
    return dict(label for one in LISTS for label in _labels(one, rows[one.name], one.name, one.title))


def brief_of(one: RowList, row: Row) -> str:
    """What a folded row shows of itself: `09:30: It began`."""
    wide = [cell for cell in one.cells if cell.kind in ("text", "moment") or cell.is_wide]
    texts = (" ".join(row[cell.name].split()) for cell in [*one.cells[:1], *wide])
    return ": ".join(list(dict.fromkeys(text for text in texts if text))[:2])[:MAX_BRIEF]


def _labels(one: RowList, rows: list[Row], start: str, words: str) -> Iterable[tuple[str, str]]:
    yield start, words
    for place, row in enumerate(rows):
        here, told = f"{start}-{place}", f"{words} {place + 1}"
        yield here, told
        yield from ((f"{here}-{cell.name}", f"{told}: {cell.label}") for cell in one.cells)
        for block in one.blocks:
            yield from ((f"{here}-{block.name}-{cell.name}", f"{told}: {cell.label}") for cell in block.cells)
        for below in one.lists:
            yield from _labels(below, row[below.name], f"{here}-{below.name}", f"{told}: {below.title}")


def _plant(tree: dict[str, Any], steps: list[str], value: str) -> None:
    node = tree
    for step in steps[:-1]:
        if not isinstance(node.get(step), dict):
            node[step] = {}
        node = node[step]
    node.setdefault(steps[-1], value)


def _read_list(one: RowList, node: Any) -> list[Row]:
    if not isinstance(node, dict):
        return []
    places = sorted(int(step) for step in node if step.isascii() and step.isdigit() and len(step) <= 5)
    sent = [row for place in places if isinstance(row := node.get(str(place)), dict)]
    if len(sent) > one.most and not one.keeps_blank:
        sent = [row for row in sent if not _all_blank(one.cells, _cells_sent(one, row))]
    if len(sent) > one.most:
        told = f"{one.title}: at most {one.most} rows; this form holds {len(sent):,}. Go back and take some out."
        raise Invalid([Fault(one.name, told)])
    return [_read_row(one, row) for row in sent]


def _cells_sent(one: RowList, node: Mapping[str, Any]) -> Row:
    return {cell.name: _text(node, cell.name, cell.default) for cell in one.cells}


def _read_row(one: RowList, node: Mapping[str, Any]) -> Row:
    row: Row = {"id": _text(node, "id", "")} if one.prefix else {}
    row |= _cells_sent(one, node)
    for block in one.blocks:
        below = node.get(block.name)
        row[block.name] = {
            cell.name: _text(below if isinstance(below, dict) else {}, cell.name, cell.default) for cell in block.cells
        }
    return row | {below.name: _read_list(below, node.get(below.name)) for below in one.lists}


def _text(node: Mapping[str, Any], name: str, default: str) -> str:
    value = node.get(name, default)
    return value if isinstance(value, str) else default


def _texts(one: RowList, part: Any) -> Row:
    row: Row = {"id": part.id or ""} if one.prefix else {}
    row |= {cell.name: _cell_text(cell, getattr(part, cell.name)) for cell in one.cells}
    for block in one.blocks:
        below = getattr(part, block.name)
        row[block.name] = {
            cell.name: cell.default if below is None else _cell_text(cell, getattr(below, cell.name))
            for cell in block.cells
        }
    return row | {below.name: [_texts(below, child) for child in getattr(part, below.name)] for below in one.lists}


def _cell_text(cell: Cell, value: Any) -> str:
    match cell.kind:
        case "moment":
            return typed_moment(value)
        case "lines":
            return "\n".join(value)
        case "yes-no":
            return {True: "yes", False: "no"}.get(value, "")
        case _:
            return "" if value is None else str(value)


def _typed_rows(one: RowList, rows: list[Row]) -> list[Row]:
    kept = [row | {below.name: _typed_rows(below, row[below.name]) for below in one.lists} for row in rows]
    return [row for row in kept if one.keeps_blank or not _all_blank(one.cells, row)]


def _all_blank(cells: Iterable[Cell], values: Mapping[str, str]) -> bool:
    return all(values[cell.name].strip() in ("", cell.default) for cell in cells)


def _row_data(one: RowList, row: Row) -> dict[str, Any]:
    data = {"id": row["id"]} if row.get("id") else {}
    data |= _cells_data(one.cells, row)
    data |= {block.name: found for block in one.blocks if (found := _block_data(block, row[block.name]))}
    return data | {
        below.name: [_row_data(below, child) for child in row[below.name]] for below in one.lists if row[below.name]
    }


def _block_data(block: Block, values: Mapping[str, str]) -> dict[str, Any]:
    return {} if _all_blank(block.cells, values) else _cells_data(block.cells, values)


def _cells_data(cells: Iterable[Cell], values: Mapping[str, str]) -> dict[str, Any]:
    return {cell.name: _plain(cell, values[cell.name]) for cell in cells if values[cell.name].strip()}


def _plain(cell: Cell, text: str) -> Any:
    match cell.kind:
        case "moment":
            return _moment_data(text)
        case "lines":
            return [line for line in text.splitlines() if line.strip()]
        case "yes-no":
            return _YES_NO.get(text, text)
        case "text":
            return text
        case _:
            return text.strip()


def _moment_data(text: str) -> Any:
    text = " ".join(text.split())
    found = _TIME.fullmatch(text) if len(text) <= MAX_TIME else None  # it costs the cube of the length
    if found is None or not (found["about"] or found["precision"] or found["zone"]):
        return text
    precision = found["precision"] or ("hour" if found["about"] else None)
    data = {"at": found["at"], "precision": precision, "zone": found["zone"]}
    return {name: value for name, value in data.items() if value is not None}


def _means(text: str, moment: Moment) -> bool:
    try:
        return Moment.model_validate(_moment_data(text)) == moment
    except ValidationError:
        return False
