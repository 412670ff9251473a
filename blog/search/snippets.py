"""Passages that show why something was found: plain text in, escaped text with `<mark>` out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup, escape

from blog.search.language import Phrase, Prefix, Query
from blog.search.whoosh_analysis import WORD, fold, stem

LENGTH = 240  # characters; about three lines of a result
SEARCHED = 12_000  # characters of the text looked at; the cost of a page of results is bounded by it
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")  # controls and bidi marks

_SPECIAL = re.compile("[&<>\"']")
_ACCENTED = re.compile(r"[^\W_\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was asked for. `beginnings`: every word asked for begins with one, in lower case, or has an accent."""

    stems: frozenset[str]
    prefixes: tuple[str, ...]
    beginnings: frozenset[str]

    def has(self, word: str) -> str | None:
        """Give the term the word stands for when it was asked for."""
        term = stem(word)
        if term in self.stems:
            return term
        folded = fold(word) if self.prefixes else ""
        return next((prefix for prefix in self.prefixes if folded.startswith(prefix)), None)


class _Hit(NamedTuple):
    start: int
    end: int
    term: str


def snippet(text: str, query: Query, *, length: int = LENGTH) -> Markup:
    """Give the densest `length` characters of the plain text, the beginning when nothing in it was asked for."""
    return snippet_of_line(one_line(text[:SEARCHED]), query, length=length)


def snippet_of_line(text: str, query: Query, *, length: int = LENGTH) -> Markup:
    """As `snippet`, for what `one_line` made."""
    hits = _hits(text, _wanted(query))
    start, end = _window(text, hits, length)
    shown = [hit for hit in hits if start <= hit.start and hit.end <= end]
    marked = _mark(text, shown, start, end)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    return Markup(f"{before}{marked}{after}")  # noqa: S704  # two fixed strings around what is escaped


def highlight(text: str, query: Query) -> Markup:
    """Give the whole of a short text, such as a title, with the words asked for marked."""
    text = one_line(text)
    return Markup(_mark(text, _hits(text, _wanted(query)), 0, len(text)))  # noqa: S704  # `_mark` escaped it


def one_line(text: str) -> str:
    """The text with single spaces for all blanks, controls and bidi marks; twenty long texts make a page."""
    line = " ".join(text.split())
    return line if line.isprintable() else " ".join(_UNSEEN.sub(" ", line).split())


_latest: tuple[Query, _Wanted] | None = None


def _wanted(query: Query) -> _Wanted:
    """What a query asks for. A page asks eighty times for one query, and comparing it costs as much as a snippet."""
    global _latest  # noqa: PLW0603  # one pair, replaced whole: another thread's query only costs a second look
    latest = _latest
    if latest is None or latest[0] is not query:
        latest = _latest = (query, _make_wanted(query))
    return latest[1]


def _make_wanted(query: Query) -> _Wanted:
    stems: set[str] = set()
    prefixes = []
    for leaf in query.leaves:
        if isinstance(leaf, Prefix):
            prefixes.append(fold(leaf.text))
            continue
        written = " ".join(leaf.words) if isinstance(leaf, Phrase) else leaf.text
        stems.update(term for term in map(stem, WORD.findall(written)) if term is not None)
    # A word begins as its stem does but for the last letter: happy, happi.
    beginnings = {stem[:-1] or stem for stem in stems} | set(prefixes)
    return _Wanted(frozenset(stems), tuple(prefixes), frozenset(beginnings))


def _hits(text: str, wanted: _Wanted) -> list[_Hit]:
    found = ((word, wanted.has(word[0])) for word in _likely_words(text, wanted))
    return [_Hit(word.start(), word.end(), term) for word, term in found if term is not None]


def _likely_words(text: str, wanted: _Wanted) -> Iterator[re.Match[str]]:
    """The words that may be asked for, in their order. Looking at each word of twenty texts costs half of a page."""
    lower = text.lower()
    if len(lower) != len(text):  # a few letters become two, and places would no longer agree
        yield from WORD.finditer(text)
        return
    starts = set()
    for beginning in wanted.beginnings:
        at = lower.find(beginning)
        while at >= 0:
            if at == 0 or not lower[at - 1].isalnum():
                starts.add(at)
            at = lower.find(beginning, at + 1)
    if not text.isascii():
        starts.update(_start_of_word(text, letter.start()) for letter in _ACCENTED.finditer(text))
    for start in sorted(starts):
        word = WORD.match(text, start)
        if word is not None:
            yield word


def _start_of_word(text: str, at: int) -> int:
    while at > 0 and text[at - 1].isalnum():
        at -= 1
    return at


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


def _mark(text: str, hits: Sequence[_Hit], start: int, end: int) -> str:
    """HTML, as a plain string."""
    parts = []
    at = start
    for hit in hits:
        parts += [_escaped(text[at : hit.start]), "<mark>", _escaped(text[hit.start : hit.end]), "</mark>"]
        at = hit.end
    parts.append(_escaped(text[at:end]))
    return "".join(parts)


def _escaped(text: str) -> str:
    """The text as HTML, as a plain string: joining Markup escapes each part a second time to find it needs none."""
    return text if _SPECIAL.search(text) is None else str(escape(text))
