"""The difference between two texts, line by line, for people to read."""

import difflib
from dataclasses import dataclass
from typing import Literal

MAX_LINES = 6_000  # comparing costs up to the square of this; a longer write-up is read whole instead
CONTEXT = 3


@dataclass(frozen=True)
class DiffLine:
    """One line. `kind` is old (only in the first text), new (only in the second), same, or gap (lines left out)."""

    kind: Literal["old", "new", "same", "gap"]
    text: str = ""


def line_diff(first: str, second: str) -> list[DiffLine] | None:
    """What changes from `first` to `second`, with three lines around each change; empty where they are equal, None
    where they are too long to compare.
    """
    old, new = first.splitlines(), second.splitlines()
    if len(old) > MAX_LINES or len(new) > MAX_LINES:
        return None
    lines: list[DiffLine] = []
    for group in difflib.SequenceMatcher(None, old, new).get_grouped_opcodes(CONTEXT):
        if lines or group[0][1]:
            lines.append(DiffLine("gap"))
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                lines += [DiffLine("same", line) for line in old[old_from:old_to]]
                continue
            lines += [DiffLine("old", line) for line in old[old_from:old_to]]
            lines += [DiffLine("new", line) for line in new[new_from:new_to]]
    return lines
