"""Which stretches two sequences share, found within a number of steps that no input can exceed."""

import difflib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

MAX_STEPS = 2_000_000  # elements looked at in one comparison: measured, under a second


@dataclass
class Effort:
    """How many steps a comparison may still take. One is shared by all parts of a comparison."""

    steps: int = MAX_STEPS

    def spend(self, steps: int) -> bool:
        """Take this many; False, and none taken, where fewer are left: what is smaller may still be compared."""
        if steps > self.steps:
            return False
        self.steps -= steps
        return True


class Stretch(NamedTuple):
    """`size` equal elements, from `old` in the first sequence and from `new` in the second."""

    old: int
    new: int
    size: int


class _Range(NamedTuple):
    old: int
    old_end: int
    new: int
    new_end: int


def stretches(old: Sequence[str], new: Sequence[str], effort: Effort) -> list[Stretch]:
    """What both share, in order and as long as can be; where the effort does not suffice, fewer stretches.

    Patience diff (Bram Cohen): what stands exactly once on both sides holds the rest in place, and what lies between
    is searched in the same way. Where nothing stands once, `difflib` searches, as far as the effort goes.
    """
    found: list[Stretch] = []
    todo = [_Range(0, len(old), 0, len(new))]
    while todo:
        inner = _without_ends(old, new, todo.pop(), found)
        size = inner.old_end - inner.old + inner.new_end - inner.new
        if inner.old == inner.old_end or inner.new == inner.new_end or not effort.spend(size):
            continue
        anchors = _anchors(old, new, inner)
        if not anchors:
            found += _searched(old, new, inner, effort)
            continue
        found += [Stretch(*anchor, 1) for anchor in anchors]
        befores = [(inner.old - 1, inner.new - 1), *anchors]
        afters = [*anchors, (inner.old_end, inner.new_end)]
        todo += [_Range(a + 1, c, b + 1, d) for (a, b), (c, d) in zip(befores, afters, strict=True)]
    return _joined(sorted(found))


def longest_rising(places: Sequence[int]) -> list[int]:
    """The indices of a longest run of growing values (patience sorting), in order."""
    tops: list[int] = []  # the smallest value that ends a run of each length
    holders: list[int] = []  # and its index
    before: list[int] = []
    for index, place in enumerate(places):
        pile = bisect_left(tops, place)
        tops[pile : pile + 1] = [place]
        holders[pile : pile + 1] = [index]
        before.append(holders[pile - 1] if pile else -1)
    run: list[int] = []
    index = holders[-1] if holders else -1
    while index >= 0:
        run.append(index)
        index = before[index]
    return run[::-1]


def _without_ends(old: Sequence[str], new: Sequence[str], within: _Range, found: list[Stretch]) -> _Range:
    """What is left when both ends that are equal are taken off; they are added to `found`."""
    start, end, other, other_end = within
    while start < end and other < other_end and old[start] == new[other]:
        start, other = start + 1, other + 1
    found.append(Stretch(within.old, within.new, start - within.old))
    while start < end and other < other_end and old[end - 1] == new[other_end - 1]:
        end, other_end = end - 1, other_end - 1
    found.append(Stretch(end, other_end, within.old_end - end))
    return _Range(start, end, other, other_end)


def _anchors(old: Sequence[str], new: Sequence[str], within: _Range) -> list[tuple[int, int]]:
    """Places of what stands once on both sides, as many as keep their order."""
    ours = _places_of_single(old, within.old, within.old_end)
    theirs = _places_of_single(new, within.new, within.new_end)
    pairs = [(place, theirs[item]) for item, place in ours.items() if item in theirs]
    return [pairs[index] for index in longest_rising([theirs_at for _, theirs_at in pairs])]


def _places_of_single(items: Sequence[str], start: int, end: int) -> dict[str, int]:
    places: dict[str, int] = {}
    repeated: set[str] = set()
    for place in range(start, end):
        if items[place] in places:
            repeated.add(items[place])
        places[items[place]] = place
    return {
        item: place for item, place in places.items() if item not in repeated and item.strip()
    }  # blanks hold nothing


def _searched(old: Sequence[str], new: Sequence[str], within: _Range, effort: Effort) -> list[Stretch]:
    ours, theirs = old[within.old : within.old_end], new[within.new : within.new_end]
    try:
        blocks = _BoundedMatcher(ours, theirs, effort).get_matching_blocks()
    except _TooMuch:
        return []
    return [Stretch(within.old + block.a, within.new + block.b, block.size) for block in blocks]


def _joined(found: list[Stretch]) -> list[Stretch]:
    joined: list[Stretch] = []
    for one in found:
        if not one.size:
            continue
        last = joined[-1] if joined else None
        if last and (last.old + last.size, last.new + last.size) == one[:2]:
            joined[-1] = last._replace(size=last.size + one.size)
        else:
            joined.append(one)
    return joined


class _TooMuch(Exception):
    """The search took all the steps that it may."""


class _BoundedMatcher(difflib.SequenceMatcher[str]):
    """One that gives up. Its own search weighs each element against every equal one, once for each stretch it finds."""

    def __init__(self, old: Sequence[str], new: Sequence[str], effort: Effort) -> None:
        super().__init__(None, old, new)
        equals: dict[str, list[int]] = self.b2j  # type: ignore[attr-defined]
        self._steps_before = [0, *accumulate(1 + len(equals.get(one, ())) for one in old)]
        self._effort = effort

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> difflib.Match:
        until = len(self._steps_before) - 1 if ahi is None else ahi
        if not self._effort.spend(self._steps_before[until] - self._steps_before[alo]):
            raise _TooMuch
        return super().find_longest_match(alo, ahi, blo, bhi)
