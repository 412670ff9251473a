"""The Whoosh search engine: one folder on one machine, behind the neutral contract of engine.py."""

import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from blog.search.engine import (
    MAX_DEPTH,
    PUBLIC,
    Hits,
    IndexUnavailable,
    Operation,
    Row,
    SearchDocument,
    Sort,
    Status,
)
from blog.search.language import Query
from blog.search.whoosh_check import examine
from blog.search.whoosh_fold import conditions
from blog.search.whoosh_folder import Backlog, Folder
from blog.search.whoosh_match import Deadline
from blog.search.whoosh_reader import Readers
from blog.search.whoosh_search import Search, similar_rows
from blog.search.whoosh_writer import coalesce, rebuild, write_batch

WRITE_MB = 16  # what the writer may hold, in the worker's process or in a thread of a web process
TIME_LIMIT_SECONDS = 0.5
KEPT_PAGES = 128  # of results, about 10 kB each; a new generation of the index leaves them behind

_EVERYONE = frozenset({PUBLIC})


class WhooshEngine:
    """See SearchEngine for what each method promises. The clocks give seconds; others are for tests."""

    def __init__(
        self,
        root: Path,
        *,
        clock: Callable[[], float] = time.monotonic,
        work_clock: Callable[[], float] = time.thread_time,  # what others do on this machine is no query's fault
        write_mb: int = WRITE_MB,
        time_limit_seconds: float = TIME_LIMIT_SECONDS,
    ) -> None:
        self._folder = Folder(root)
        self._readers = Readers(self._folder, clock=clock)
        self._work_clock = work_clock
        self._write_mb = write_mb
        self._seconds = time_limit_seconds
        self._kept: dict[Hashable, Hits] = {}  # the latest pages, for those who turn back or ask the same

    def apply(self, batch: Sequence[Operation], mark: int) -> None:
        with self._guarded("written"), self._folder.locked("writer"):
            write_batch(self._folder.current(), batch, mark, limitmb=self._write_mb)
            if self._folder.is_locked("rebuild"):
                Backlog(self._folder.root).append(coalesce(batch), mark)
            self._readers.expire()

    def mark(self) -> int:
        with self._guarded("read"), self._readers.reading() as view:
            return view.mark

    def search(
        self,
        query: Query,
        *,
        filters: Mapping[str, Sequence[str]] | None = None,
        sort: Sort = "relevance",
        page: int = 1,
        per_page: int = 20,
        audiences: frozenset[str] = _EVERYONE,
    ) -> Hits:
        if not audiences or query.is_lost:
            return Hits()
        rules = conditions(query, filters or {}, audiences)
        with self._guarded("read"), self._readers.reading() as view:
            start = max(page - 1, 0) * per_page
            key = (view.identity, query, rules, sort, start, per_page)
            if (known := self._kept.get(key)) is not None:
                return known
            search = Search(view, query, rules, Deadline(self._work_clock, self._seconds))
            hits = search.run(sort, start, min(start + per_page, MAX_DEPTH))
            self._keep(key, hits)
            return hits

    def _keep(self, key: Hashable, hits: Hits) -> None:
        if hits.cut_short:
            return  # the next try may have more time
        if len(self._kept) >= KEPT_PAGES:
            self._kept.pop(next(iter(self._kept), key), None)
        self._kept[key] = hits

    def kept(self, keys: Sequence[str]) -> Mapping[str, str]:
        with self._guarded("read"), self._readers.reading() as view:
            return {key: kept.decode() for key in keys if (kept := view.kept(key))}

    def similar(
        self, document: SearchDocument, *, limit: int = 5, audiences: frozenset[str] = _EVERYONE
    ) -> tuple[Row, ...]:
        rules = conditions(Query(), {"kind": ["article"]}, audiences)
        with self._guarded("read"), self._readers.reading() as view:
            deadline = Deadline(self._work_clock, self._seconds * 2)
            return similar_rows(view, document, rules, limit, deadline)

    def all_keys(self) -> frozenset[str]:
        with self._guarded("read"), self._readers.reading() as view:
            return frozenset(
                card.key
                for leaf in view.leaves
                for docnum, card in enumerate(leaf.segment.cards)
                if card is not None and docnum not in leaf.deleted
            )

    def check(self, *, deep: bool = False) -> Status:
        return examine(self._folder, deep=deep)

    def rebuild(self, documents: Iterable[SearchDocument], mark: int) -> int:
        with self._guarded("rebuilt"):
            rebuild(self._folder, documents, mark, limitmb=self._write_mb)
            self._readers.expire()
        with self._guarded("read"), self._readers.reading() as view:
            return view.documents

    def close(self) -> None:
        self._readers.close()

    @contextmanager
    def _guarded(self, done: str) -> Iterator[None]:
        """Turn whatever a damaged index raises (ten kinds were seen) into the one error callers know."""
        try:
            yield
        except IndexUnavailable:
            raise
        except Exception as error:
            self._readers.close()
            raise IndexUnavailable(f"The search index cannot be {done} ({type(error).__name__}: {error}).") from error
