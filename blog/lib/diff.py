"""The difference between two texts, line by line, for people to read."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

MAX_LINES = 6_000  # a longer write-up is read whole instead
MAX_STEPS = 6_000_000  # lines weighed against their equals: a third of a second
CONTEXT = 3


@dataclass(frozen=True)
class DiffLine:
    """One line. `kind` is old (only in the first text), new (only in the second), same, or gap (lines left out)."""

    kind: Literal["old", "new", "same", "gap"]
    text: str = ""


def line_diff(first: str, second: str) -> list[DiffLine] | None:
    """What changes from `first` to `second`, with three lines around each change; empty where they are equal, None
    where they are too long to compare, or hold the same lines so often that comparing would take too long.
    """
    old, new = first.splitlines(), second.splitlines()
    if len(old) > MAX_LINES or len(new) > MAX_LINES:
        return None
    try:
        groups = list(_Comparison(old, new).get_grouped_opcodes(CONTEXT))
    except _TooMuch:
        return None
    lines: list[DiffLine] = []
    for group in groups:
        if lines or group[0][1]:
            lines.append(DiffLine("gap"))
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                lines += [DiffLine("same", line) for line in old[old_from:old_to]]
                continue
            lines += [DiffLine("old", line) for line in old[old_from:old_to]]
            lines += [DiffLine("new", line) for line in new[new_from:new_to]]
    return lines


class _TooMuch(Exception):
    """The comparison took all the steps that it may."""


class _Comparison(difflib.SequenceMatcher[str]):
    """One that gives up. Its own search weighs each line against every equal one, once for each stretch it finds."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        super().__init__(None, old, new)
        equals: dict[str, list[int]] = self.b2j  # type: ignore[attr-defined]
        self._steps_before = [0, *accumulate(1 + len(equals.get(line, ())) for line in old)]
        self._steps_left = MAX_STEPS

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> difflib.Match:
        until = len(self._steps_before) - 1 if ahi is None else ahi
        self._steps_left -= self._steps_before[until] - self._steps_before[alo]
        if self._steps_left < 0:
            raise _TooMuch
        return super().find_longest_match(alo, ahi, blo, bhi)
