"""Reading the Whoosh index: views of one generation, one thread at a time each, with their cards in memory."""

import json
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from sys import intern
from threading import Lock
from typing import Any

from whoosh.index import EmptyIndexError, FileIndex, open_dir

from blog.search.engine import IndexUnavailable
from blog.search.whoosh_folder import Folder
from blog.search.whoosh_schema import Card, decode_card, make_schema
from blog.search.whoosh_weighting import Weighting

CHECK_SECONDS = 0.25  # how old a view may be; well under the two seconds promised
IDLE_VIEWS = 4  # kept open for the next searches; more threads than that open their own for a millisecond
BROKEN_SECONDS = 2.0  # how long a failure to open is remembered: Whoosh retries for half a second each time
OPEN_TRIES = 2  # a commit elsewhere can remove a file between reading the table of contents and opening it

_Identity = tuple[Path, int]  # directory and generation


@dataclass(frozen=True, slots=True)
class Postings:
    """Every document of one segment that holds a term, ascending, and how often (its weight)."""

    ids: "array[int]"
    weights: "array[float]"


@dataclass(frozen=True, slots=True)
class Segment:
    """What is kept of one segment, by document number. It never changes on disk, so all views share it."""

    cards: list[Card | None]  # None for the mark
    homes: list[str]  # key of the write-up a document belongs to; empty for the mark
    articles: frozenset[int]
    audiences: frozenset[str]
    lengths: "array[int]"  # words of the text, as precise as Whoosh keeps them
    mark: tuple[int, int] | None  # document number and value
    postings: dict[tuple[str, str], Postings] = field(default_factory=dict)  # by term, the latest asked


@dataclass(frozen=True, slots=True)
class Leaf:
    """One open segment: its own searcher, its first document number in the whole, what is deleted in it."""

    searcher: Any
    reader: Any
    offset: int
    segment: Segment
    deleted: frozenset[int]


@dataclass(frozen=True, slots=True)
class View:
    """The index at one generation. Whoosh readers move a file position, so a view serves one thread at a time."""

    identity: _Identity
    searcher: Any
    leaves: tuple[Leaf, ...]
    articles: dict[str, Card]  # live ones, by key
    facets: Counter[str]  # of all of them

    @property
    def mark(self) -> int:
        """The live mark, 0 when there is none."""
        return max(self._marks(), default=0)

    @property
    def documents(self) -> int:
        """How many live documents there are; the mark is none."""
        return sum(len(leaf.segment.cards) - len(leaf.deleted) for leaf in self.leaves) - len(self._marks())

    def _marks(self) -> list[int]:
        marks = ((leaf.segment.mark, leaf.deleted) for leaf in self.leaves)
        return [mark[1] for mark, deleted in marks if mark and mark[0] not in deleted]


class Readers:
    """Opens views, keeps a few, and replaces them when the index has a new generation or another directory.

    Never Searcher.refresh(): it keeps segments whose documents were deleted or replaced.
    """

    def __init__(self, folder: Folder, *, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = Lock()
        self._idle: list[View] = []
        self._index: FileIndex | None = None
        self._latest: _Identity | None = None
        self._checked_at = float("-inf")
        self._broken: tuple[float, str] | None = None
        self._segments: dict[tuple[Path, str], Segment] = {}
        self._articles: tuple[_Identity, dict[str, Card], Counter[str]] | None = None

    @contextmanager
    def reading(self) -> Iterator[View]:
        """Lend a view that is at most CHECK_SECONDS old. Raises whatever a broken index raises."""
        view = self._take()
        try:
            yield view
        except BaseException:
            view.searcher.close()
            raise
        with self._lock:
            if view.identity == self._latest and len(self._idle) < IDLE_VIEWS:
                self._idle.append(view)
                return
        view.searcher.close()

    def expire(self) -> None:
        """Look again at the next search, whatever the clock says."""
        self._checked_at = float("-inf")
        self._broken = None

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
            self._index, self._latest, self._articles = None, None, None
            self._segments.clear()
            self._checked_at = float("-inf")
        for view in idle:
            view.searcher.close()

    def _take(self) -> View:
        with self._lock:
            if self._broken and self._clock() < self._broken[0]:
                raise IndexUnavailable(self._broken[1])
            try:
                view = self._current_view()
            except Exception as error:
                self._index = None
                self._broken = (self._clock() + BROKEN_SECONDS, f"The search index cannot be opened ({error!r}).")
                raise
            self._broken = None
            return view

    def _current_view(self) -> View:
        for attempt in range(OPEN_TRIES):
            try:
                now = self._clock()
                if now - self._checked_at >= CHECK_SECONDS or self._index is None:
                    self._look()
                    self._checked_at = now
                return self._idle.pop() if self._idle else self._open()
            except (FileNotFoundError, EmptyIndexError):
                self._index = None
                if attempt == OPEN_TRIES - 1:
                    raise
        raise AssertionError

    def _look(self) -> None:
        path = self._folder.current()
        if self._index is None or self._latest is None or self._latest[0] != path:
            self._index = open_dir(str(path), schema=make_schema())
        latest = (path, self._index.latest_generation())
        if latest != self._latest:
            idle, self._idle = self._idle, []
            self._latest = latest
            for view in idle:
                view.searcher.close()

    def _open(self) -> View:
        assert self._index is not None and self._latest is not None
        path = self._latest[0]
        searcher = self._index.searcher(weighting=Weighting())
        try:
            identity = self._latest = (path, _generation(searcher.reader(), default=self._latest[1]))
            leaves = tuple(self._leaf(path, leaf, offset) for leaf, offset in _leaf_searchers(searcher))
        except BaseException:
            searcher.close()
            raise
        names = {(path, str(leaf.reader.segment().segment_id())) for leaf in leaves}
        for name in self._segments.keys() - names:
            del self._segments[name]
        if self._articles is None or self._articles[0] != identity:
            articles = _articles(leaves)
            facets = Counter(chain.from_iterable(card.facets for card in articles.values()))
            self._articles = (identity, articles, facets)
        return View(identity, searcher, leaves, *self._articles[1:])

    def _leaf(self, path: Path, searcher: Any, offset: int) -> Leaf:
        reader = searcher.reader()
        name = (path, str(reader.segment().segment_id()))
        if name not in self._segments:
            self._segments[name] = _load(reader)
        segment = self._segments[name]
        searcher.weighting.lengths[reader] = segment.lengths
        deleted = frozenset(reader.deleted_docs_set)
        # With a single deletion Whoosh wraps every list of postings in a filter that is slow and can skip nothing.
        # Deleted documents are taken out of the sets of matches instead (Leaf.deleted).
        reader.deleted_docs_set = frozenset()
        return Leaf(searcher, reader, offset, segment, deleted)


def _leaf_searchers(searcher: Any) -> list[tuple[Any, int]]:
    return list(searcher.leaf_searchers()) if searcher.doc_count_all() else []


def _generation(reader: Any, *, default: int) -> int:
    generation = reader.generation() if hasattr(reader, "generation") else None
    return default if generation is None else int(generation)


def _load(reader: Any) -> Segment:
    cards: list[Card | None] = []
    mark = None
    if not reader.has_column("card"):
        raise FileNotFoundError("the card column is gone")
    for docnum, raw in enumerate(reader.column_reader("card", translate=False)):
        if raw.startswith(b"["):
            cards.append(decode_card(raw))
        else:
            mark = (docnum, int(json.loads(raw)))
            cards.append(None)
    if len(cards) != reader.doc_count_all():
        raise ValueError("the card column is cut short")
    lengths = array("I", (reader.doc_field_length(docnum, "text") or 1 for docnum in range(len(cards))))
    return Segment(
        cards=cards,
        homes=["" if card is None else intern(card.parent or card.key) for card in cards],
        articles=frozenset(docnum for docnum, card in enumerate(cards) if card and card.parent is None),
        audiences=frozenset(card.audience for card in cards if card),
        lengths=lengths,
        mark=mark,
    )


def _articles(leaves: tuple[Leaf, ...]) -> dict[str, Card]:
    return {
        card.key: card
        for leaf in leaves
        for docnum, card in enumerate(leaf.segment.cards)
        if card is not None and card.parent is None and docnum not in leaf.deleted
    }
