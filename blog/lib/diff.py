"""The difference between two texts, by lines and by words, for people to read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from blog.lib.matching import Effort, Stretch, stretches

MAX_LINES = 6_000  # a longer write-up is read whole instead
CONTEXT = 3
LEAST_SHARED = 0.4  # of the shorter text: with less in common, two texts are read easier apart

# A word, a blank, or one mark. Chinese and Japanese are written without blanks: each character stands for itself.
_LONE = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_MARKS = r"!-/:-@\[-^`{-~\u00a1-\u00bf\u2010-\u2027\u2030-\u205e\u3001-\u303f\uff01-\uff0f"
_LETTERS = rf"[^\s{_MARKS}{_LONE}]+"
WORDS = re.compile(rf"{_LETTERS}(?:['’.,:]{_LETTERS})*|\s+|[{_MARKS}{_LONE}]")


@dataclass(frozen=True)
class Part:
    """A stretch of text that stands in the old text only, in the new one only, or in both."""

    kind: Literal["old", "new", "same"]
    text: str


@dataclass(frozen=True)
class TextLine:
    """A line of two texts laid over each other. `old` and `new` may be several lines that came or went together;
    `changed` has parts of several kinds; `gap` stands for lines left out and has none. `number` is the line of the new
    text that it begins at, from 1; 0 where the new text has no such line.
    """

    kind: Literal["old", "new", "same", "changed", "gap"]
    parts: tuple[Part, ...] = ()
    number: int = 0

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)


@dataclass(frozen=True)
class DiffLine:
    """One line. `kind` is old (only in the first text), new (only in the second), same, or gap (lines left out)."""

    kind: Literal["old", "new", "same", "gap"]
    text: str = ""


def line_diff(first: str, second: str) -> list[DiffLine] | None:
    """What changes from `first` to `second` by whole lines, with three lines around each change; empty where they are
    equal, None where they are too long to read so.
    """
    ours, theirs = first.splitlines(), second.splitlines()
    if len(ours) > MAX_LINES or len(theirs) > MAX_LINES:
        return None
    lines: list[TextLine] = []
    for old, new, same in _steps(ours, theirs, Effort()):
        lines += [*_each("old", old), *_each("new", new), *_each("same", same)]
    return [DiffLine(line.kind, line.text) for line in _with_gaps(lines) if line.kind != "changed"]


def text_diff(old: str, new: str, *, effort: Effort | None = None) -> list[TextLine]:
    """What changes from `old` to `new`, word by word within lines, with three lines around each change; empty where
    they are equal. Nothing is left out of a change: what takes too long to compare stands there whole, twice.
    """
    effort = effort or Effort()
    lines: list[TextLine] = []
    number = 1
    for before, after, same in _steps(_lines(old), _lines(new), effort):
        lines += _replaced(before, after, effort, number)
        lines += _each("same", same, number + len(after))
        number += len(after) + len(same)
    return _with_gaps(lines)


def word_diff(old: str, new: str, *, effort: Effort | None = None) -> tuple[Part, ...]:
    """The words both texts share and those that only one has; the parts hold both texts whole. Texts with little in
    common are one old and one new part: crumbs of what happens to be equal explain nothing.
    """
    parts: list[Part] = []
    for before, after, same in _steps(WORDS.findall(old), WORDS.findall(new), effort or Effort(), is_prose=True):
        parts += [Part("old", "".join(before)), Part("new", "".join(after)), Part("same", "".join(same))]
    shared = sum(len(part.text) for part in parts if part.kind == "same")
    if shared < LEAST_SHARED * min(len(old), len(new)):
        parts = [Part("old", old), Part("new", new)]
    return tuple(part for part in parts if part.text)


def _lines(text: str) -> list[str]:
    """The lines of a text; none of an empty one: what was filled in for the first time took the place of nothing."""
    return text.split("\n") if text else []


Steps = Iterator[tuple[Sequence[str], Sequence[str], Sequence[str]]]


def _steps(old: Sequence[str], new: Sequence[str], effort: Effort, *, is_prose: bool = False) -> Steps:
    """(only in old, only in new, what follows in both), over and over until both are told."""
    at = other = 0
    for shared in [*stretches(old, new, effort), Stretch(len(old), len(new), 0)]:
        end, other_end = shared.old + shared.size, shared.new + shared.size
        is_inner = (shared.old or shared.new) and (end, other_end) != (len(old), len(new))
        if is_prose and is_inner and not any(word[0].isalnum() for word in old[shared.old : end]):
            continue  # a blank or a comma between two changes belongs to both
        yield old[at : shared.old], new[other : shared.new], old[shared.old : end]
        at, other = end, other_end


def _each(kind: Literal["old", "new", "same"], lines: Sequence[str], number: int = 0) -> list[TextLine]:
    """Each line by itself; the first stands at `number` of the new text, or none does."""
    return [TextLine(kind, (Part(kind, line),), number and number + place) for place, line in enumerate(lines)]


def _replaced(old: Sequence[str], new: Sequence[str], effort: Effort, number: int) -> list[TextLine]:
    """Lines that took the place of others: laid over each other where they share words."""
    before, after = "\n".join(old), "\n".join(new)
    if old and new:
        parts = word_diff(before, after, effort=effort)
        if any(part.kind == "same" for part in parts):
            return list(_numbered([_line_of(line) for line in _split(parts)], number))
    return [*_each("old", [before] if old else []), *_each("new", [after] if new else [], number)]


def _numbered(lines: Sequence[TextLine], number: int) -> Iterator[TextLine]:
    for line in lines:
        yield replace(line, number=number)
        number += 1 + sum(part.text.count("\n") for part in line.parts if part.kind != "old")


def _split(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """The parts of each line; a line ends where both texts end one."""
    line: list[Part] = []
    for part in parts:
        texts = part.text.split("\n") if part.kind == "same" else [part.text]
        for place, text in enumerate(texts):
            if place:
                yield line
                line = []
            if text:
                line.append(Part(part.kind, text))
    yield line


def _line_of(parts: list[Part]) -> TextLine:
    kinds = {part.kind for part in parts}
    return TextLine(kinds.pop() if len(kinds) == 1 else "changed" if kinds else "same", tuple(parts))


def _with_gaps(lines: list[TextLine]) -> list[TextLine]:
    """Only what changed and the lines around it."""
    near = set[int]()
    for place, line in enumerate(lines):
        if line.kind != "same":
            near.update(range(place - CONTEXT, place + CONTEXT + 1))
    shown: list[TextLine] = []
    for place, line in enumerate(lines):
        if place in near:
            shown.append(line)
        elif near and (not shown or shown[-1].kind != "gap"):
            shown.append(TextLine("gap"))
    return shown if not shown or shown[-1].kind != "gap" else shown[:-1]
