"""Action rows from the lists and tables that write-ups promise their remedies in."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from blog.articles.document import MAX_NAME, MAX_NOTE
from blog.articles.vocabulary import ActionKind
from blog.lib.text import clean_line
from blog.transfer import outline
from blog.transfer.reading import Findings, plain_words

COLUMNS = {
    "text": ("action", "item", "task", "description", "what", "todo", "remedy"),
    "owner_role": ("owner", "assignee", "team", "responsible", "who"),
    "due_on": ("due", "deadline", "target date", "by when"),
    "kind": ("type", "kind", "category"),
}
NOTHING = {"n/a", "na", "none", "tbd", "tbc", "-"}  # what people write below a heading that must not be empty
_CHECKBOX = re.compile(r"\[([ xX])\]\s+")


def action_rows(lines: Sequence[str], findings: Findings) -> tuple[list[dict[str, Any]], bool]:
    """(rows, whether they hold all of the lines). A paragraph without a list is no action: nobody listed a promise."""
    table, others = outline.table_of(lines)
    if table is not None and table.rows:
        rows = [row for cells in table.rows if (row := _row_of_cells(table.header, cells))]
        return rows, len(rows) == len(table.rows) and not others
    items, others = outline.items_of(lines)
    rows = [row for item in items if (row := _row_of_item(item)) and row["text"].lower().rstrip(".") not in NOTHING]
    is_flat = not any(item.nested or _CHECKBOX.match(item.text) for item in items)
    return rows, bool(rows) and len(rows) == len(items) and is_flat and not others


def _row_of_item(item: outline.Item) -> dict[str, Any] | None:
    text = _CHECKBOX.sub("", item.text, count=1)
    if item.nested:
        below, others = outline.items_of(item.nested)
        text = "; ".join([text.rstrip(":;"), *(one.text for one in below), *(line.strip() for line in others)])
    return {"text": text} if text and len(text) <= MAX_NOTE else None


def _row_of_cells(header: list[str], cells: list[str]) -> dict[str, Any] | None:
    row: dict[str, Any] = {}
    beside = []
    for place, cell in enumerate(cells):
        name = plain_words(header[place])[0].lower().strip() if place < len(header) else ""
        column = next((column for column, names in COLUMNS.items() if name.startswith(names)), "")
        value = _value(column, cell)
        if cell and column and value is not None and column not in row:
            row[column] = value
        elif cell:
            beside.append(f"{name}: {cell}" if name else cell)
    if "text" not in row:
        if not beside:
            return None
        row["text"], beside = beside[0].partition(": ")[2] or beside[0], beside[1:]
    row["text"] += f" ({'; '.join(beside)})" if beside else ""
    return row if len(row["text"]) <= MAX_NOTE else None


def _value(column: str, cell: str) -> Any:
    if column == "due_on":
        try:
            return date.fromisoformat(cell.strip())
        except ValueError:
            return None
    if column == "kind":
        try:
            return ActionKind(cell).value
        except ValueError:
            return None
    if column == "owner_role":
        words = clean_line(plain_words(cell)[0])
        return words if words and len(words) <= MAX_NAME else None
    return cell
