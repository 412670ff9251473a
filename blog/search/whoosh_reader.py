"""Reading the Whoosh index: views of one generation, one thread at a time each, with their cards in memory."""

from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

from whoosh.index import EmptyIndexError, FileIndex, open_dir

from blog.search.engine import IndexUnavailable
from blog.search.whoosh_catalogue import Catalogue, Numbers, catalogue
from blog.search.whoosh_folder import Folder
from blog.search.whoosh_postings import KeptPostings
from blog.search.whoosh_rank import norms_of
from blog.search.whoosh_schema import Card, make_schema
from blog.search.whoosh_segment import Segment, load

CHECK_SECONDS = 0.25  # how old a view may be; well under the two seconds promised
IDLE_VIEWS = 4  # kept open for the next searches; more threads than that open their own for a millisecond
BROKEN_SECONDS = 2.0  # how long a failure to open is remembered: Whoosh retries for half a second each time
OPEN_TRIES = 2  # a commit elsewhere can remove a file between reading the table of contents and opening it

Identity = tuple[Path, int]  # directory and generation


@dataclass(frozen=True, slots=True)
class Leaf:
    """One open segment: its reader, what is kept of it, what is deleted in it.

    `homes` is the number of the write-up of each document, -1 for a deleted one; `norms` is what its length adds to the
    lower part of BM25; `is_clean` says that every document but the mark has a live write-up.
    """

    reader: Any
    segment: Segment
    deleted: frozenset[int]
    homes: "array[int]"
    norms: list[float]
    is_clean: bool


@dataclass(frozen=True, slots=True)
class View:
    """The index at one generation. Whoosh readers move a file position, so a view serves one thread at a time."""

    identity: Identity
    reader: Any
    leaves: tuple[Leaf, ...]
    catalogue: Catalogue
    numbers: Numbers
    postings: KeptPostings

    @property
    def articles(self) -> dict[str, Card]:
        """The live write-ups by key."""
        return {card.key: card for card in self.catalogue.cards if card is not None}

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

    def kept(self, key: str) -> bytes:
        """What was kept of a write-up for its entry; empty when it is not in the index."""
        number = self.numbers.known(key)
        if number is None or number >= len(self.catalogue.cards) or self.catalogue.cards[number] is None:
            return b""
        leaf = self.leaves[self.catalogue.leaf_of[number]]
        return leaf.segment.kept.read(self.catalogue.doc_of[number])


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
        self._latest: Identity | None = None
        self._checked_at = float("-inf")
        self._broken: tuple[float, str] | None = None
        self._segments: dict[tuple[Path, str], Segment] = {}
        self._numbers = Numbers()
        self._postings = KeptPostings()
        self._generation: tuple[Identity, Catalogue, dict[str, Leaf]] | None = None

    @contextmanager
    def reading(self) -> Iterator[View]:
        """Lend a view that is at most CHECK_SECONDS old. Raises whatever a broken index raises."""
        view = self._take()
        try:
            yield view
        except BaseException:
            view.reader.close()
            raise
        with self._lock:
            if view.identity == self._latest and len(self._idle) < IDLE_VIEWS:
                self._idle.append(view)
                return
        view.reader.close()

    def expire(self) -> None:
        """Look again at the next search, whatever the clock says."""
        self._checked_at = float("-inf")
        self._broken = None

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
            self._index, self._latest, self._generation = None, None, None
            self._postings.forget(self._segments.keys())
            self._segments.clear()
            self._checked_at = float("-inf")
        for view in idle:
            view.reader.close()

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
                view.reader.close()

    def _open(self) -> View:
        assert self._index is not None and self._latest is not None
        path = self._latest[0]
        reader = self._index.reader()
        try:
            generation = reader.generation() if hasattr(reader, "generation") else None
            identity = self._latest = (path, self._latest[1] if generation is None else int(generation))
            leaves, articles = self._leaves(path, reader, identity)
        except BaseException:
            reader.close()
            raise
        return View(identity, reader, leaves, articles, self._numbers, self._postings)

    def _leaves(self, path: Path, reader: Any, identity: Identity) -> tuple[tuple[Leaf, ...], Catalogue]:
        """The parts of a view. All but the open files is shared by the views of a generation."""
        parts = [part for part, _ in reader.leaf_readers()] if reader.doc_count_all() else []
        segments = [self._segment(path, part) for part in parts]
        gone = self._segments.keys() - {segment.name for segment in segments}
        self._postings.forget(gone)
        for name in gone:
            del self._segments[name]
        leaves = []
        known = self._generation[2] if self._generation and self._generation[0] == identity else None
        for part, segment in zip(parts, segments, strict=True):
            deleted = frozenset(part.deleted_docs_set)
            # With a single deletion Whoosh wraps every list of postings in a filter that is slow and can skip nothing.
            # Deleted documents are taken out of what matches instead (Leaf.homes).
            part.deleted_docs_set = frozenset()
            same = known[segment.name[1]] if known else None
            if same is not None:
                leaves.append(replace(same, reader=part))
            else:
                leaves.append(Leaf(part, segment, deleted, segment.homes_without(deleted), [], is_clean=False))
        if known and self._generation:
            return tuple(leaves), self._generation[1]
        return self._new_generation(identity, reader, leaves)

    def _new_generation(
        self, identity: Identity, reader: Any, leaves: list[Leaf]
    ) -> tuple[tuple[Leaf, ...], Catalogue]:
        articles = catalogue(leaves, self._numbers, self._generation[1] if self._generation else None)
        average = reader.field_length("text") / (reader.doc_count_all() or 1) or 1
        ready = tuple(
            replace(
                leaf,
                norms=norms_of(leaf.segment.lengths, average),
                is_clean=not leaf.deleted and leaf.segment.all_live(articles.live),
            )
            for leaf in leaves
        )
        self._generation = (identity, articles, {leaf.segment.name[1]: leaf for leaf in ready})
        return ready, articles

    def _segment(self, path: Path, reader: Any) -> Segment:
        name = (path, str(reader.segment().segment_id()))
        if name not in self._segments:
            self._segments[name] = load(name, reader, self._numbers)
        return self._segments[name]
