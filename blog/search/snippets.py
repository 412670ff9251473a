"""Passages that show why something was found: plain text in, escaped text with `<mark>` out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from blog.search.language import Phrase, Prefix, Query
from blog.search.whoosh_analysis import WORD, fold, stem

LENGTH = 240  # characters; about three lines of a result
SEARCHED = 12_000  # characters of the text looked at; the cost of a page of results is bounded by it
_BLANK = re.compile(r"[\s\x00-\x1f\x7f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")  # bidi overrides too


@dataclass(frozen=True, slots=True)
class _Wanted:
    stems: frozenset[str]
    prefixes: tuple[str, ...]

    def has(self, word: str) -> str | None:
        """Give the term the word stands for when it was asked for."""
        term = stem(word)
        if term in self.stems:
            return term
        folded = fold(word) if self.prefixes else ""
        return next((prefix for prefix in self.prefixes if folded.startswith(prefix)), None)


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    term: str


def snippet(text: str, query: Query, *, length: int = LENGTH) -> Markup:
    """Give the densest `length` characters of the plain text, the beginning when nothing in it was asked for."""
    text = _BLANK.sub(" ", text[:SEARCHED]).strip()
    hits = _hits(text, _wanted(query))
    start, end = _window(text, hits, length)
    shown = [hit for hit in hits if start <= hit.start and hit.end <= end]
    marked = _mark(text, shown, start, end)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    return Markup(before) + marked + Markup(after)  # noqa: S704  # two fixed strings


def highlight(text: str, query: Query) -> Markup:
    """Give the whole of a short text, such as a title, with the words asked for marked."""
    text = _BLANK.sub(" ", text)
    return _mark(text, _hits(text, _wanted(query)), 0, len(text))


def _wanted(query: Query) -> _Wanted:
    stems: set[str] = set()
    prefixes = []
    for leaf in query.leaves:
        if isinstance(leaf, Prefix):
            prefixes.append(fold(leaf.text))
            continue
        written = " ".join(leaf.words) if isinstance(leaf, Phrase) else leaf.text
        stems.update(term for term in map(stem, WORD.findall(written)) if term is not None)
    return _Wanted(frozenset(stems), tuple(prefixes))


def _hits(text: str, wanted: _Wanted) -> list[_Hit]:
    found = ((word, wanted.has(word[0])) for word in WORD.finditer(text))
    return [_Hit(word.start(), word.end(), term) for word, term in found if term is not None]


def _window(text: str, hits: Sequence[_Hit], length: int) -> tuple[int, int]:
    """Choose the window with the most different terms, then the most words, then the earliest."""
    best, choice = (0, 0), 0
    first = 0
    for last, hit in enumerate(hits):
        while hit.end - hits[first].start > length:
            first += 1
            if first > last:
                break
        inside = hits[first : last + 1]
        worth = (len({each.term for each in inside}), len(inside))
        if worth > best:
            best, choice = worth, first
    if not best[0]:
        return 0, _word_end(text, length)
    last_end = max(hit.end for hit in hits[choice : choice + best[1]])
    spare = max(length - (last_end - hits[choice].start), 0)
    start = _word_start(text, max(hits[choice].start - spare // 3, 0), hits[choice].start)
    return start, max(_word_end(text, start + length), last_end)


def _word_start(text: str, at: int, limit: int) -> int:
    """Move to the beginning of a word, forward and at most to `limit`."""
    if at == 0 or text[at - 1] == " ":
        return at
    blank = text.find(" ", at, limit)
    return limit if blank < 0 else blank + 1


def _word_end(text: str, at: int) -> int:
    """Move back to the end of a word, unless that word alone is longer than a line."""
    if at >= len(text):
        return len(text)
    blank = text.rfind(" ", max(at - 60, 0), at + 1)
    return at if blank < 0 else blank


def _mark(text: str, hits: Sequence[_Hit], start: int, end: int) -> Markup:
    parts = []
    at = start
    for hit in hits:
        parts += [escape(text[at : hit.start]), Markup("<mark>"), escape(text[hit.start : hit.end]), Markup("</mark>")]
        at = hit.end
    parts.append(escape(text[at:end]))
    return Markup("").join(parts)
