"""The ids of rows in plain data, before it is checked: every row of a list gets one."""

import itertools
from collections import Counter
from typing import Any


def numbered_rows(rows: list[Any], prefix: str, *, most: int, path: str) -> list[Any]:
    """The rows, each with an id: its own, or `prefix` and the next free number. Rows of other types stay as they are.

    Raises ValueError, with `path` in its words, for more than `most` rows: before any work is done on them.
    """
    if len(rows) > most:
        raise ValueError(f"{path}: at most {most} entries; this has {len(rows)}")
    taken = Counter(row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str))
    for row_id, count in sorted(taken.items()):
        if row_id and count > 1:
            raise ValueError(f"the row id {row_id!r} is used twice in one list")
    free = (row_id for number in itertools.count(1) if (row_id := f"{prefix}{number}") not in taken)
    return [{**row, "id": next(free)} if isinstance(row, dict) and not row.get("id") else row for row in rows]
