"""The writer's parts that are ours: postings grouped by term as they come, and lengths in memory."""

import pickle
from collections import defaultdict
from collections.abc import Iterator
from heapq import merge
from operator import itemgetter
from typing import Any

from whoosh.index import FileIndex
from whoosh.writing import PostingPool, SegmentWriter

from blog.search.whoosh_blocks import BLOCK, PICKLE, BlockCodec

Posting = tuple[str, bytes, int, float, bytes]
_Chunk = tuple[str, bytes, list[Any]]

_POSTING_COST = 80  # bytes a posting takes in memory, measured over English text; an estimate that errs high
_field_and_term = itemgetter(0, 1)


class TermPool(PostingPool):  # type: ignore[misc]  # whoosh has no types
    """Keeps field -> term -> [document, weight, value, document, weight, value ...] in the order added.

    Document numbers only grow while a segment is written, also while older segments are merged into it, so
    sorting the terms is enough. One flat list a term, because a tuple a posting doubles the memory and has the
    garbage collector walk over all of them. When the limit is reached the terms go to disk as one sorted run.
    """

    def __init__(self, tempstore: Any, segment: Any, *, limitmb: int) -> None:
        super().__init__(tempstore, segment, limitmb=limitmb)
        self._fields: defaultdict[str, defaultdict[bytes, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self.runs: list[str] = []
        self._count = 0
        self._most = limitmb * 1024 * 1024 // _POSTING_COST

    def add(self, item: Posting) -> None:
        self._fields[item[0]][item[1]] += item[2:]
        self._count += 1
        if self._count >= self._most:
            self.save()

    def save(self) -> None:
        """Write what is held as one sorted run and forget it."""
        if not self._count:
            return
        self.fieldnames.update(self._fields)
        path, file = self._new_run()
        with file:
            pickler = pickle.Pickler(file, PICKLE)
            pickler.fast = True  # no memo: it would keep every object of the run alive
            for chunk in self._held():
                pickler.dump(chunk)
        self.runs.append(path)
        self._fields.clear()
        self._count = 0

    def _held(self) -> Iterator[_Chunk]:
        for fieldname, terms in sorted(self._fields.items(), key=itemgetter(0)):
            for term in sorted(terms):
                yield fieldname, term, terms[term]

    def _chunks_of(self, path: str) -> Iterator[_Chunk]:
        with self._open_run(path) as file:
            load = pickle.Unpickler(file).load  # noqa: S301  # written above by this very object
            while True:
                try:
                    yield load()
                except EOFError:
                    break
        self._remove_run(path)

    def iter_postings(self) -> Iterator[Posting]:
        """Give all postings by field, term and document."""
        runs, self.runs = self.runs, []
        chunks: Iterator[_Chunk] = merge(*map(self._chunks_of, runs), self._held(), key=_field_and_term)
        for fieldname, term, flat in chunks:
            values = iter(flat)
            for docnum, weight, value in zip(values, values, values, strict=True):
                yield fieldname, term, docnum, weight, value


class _Lengths:
    """Field lengths of the segment being closed, in memory: Whoosh would look at the disk for each posting."""

    def __init__(self, reader: Any, schema: Any) -> None:
        self._reader = reader
        self._of = {
            name: [reader.doc_field_length(docnum, name, 0) or 0 for docnum in range(reader.doc_count_all())]
            for name, kind in schema.items()
            if kind.scorable
        }

    def doc_field_length(self, docnum: int, fieldname: str) -> int:
        lengths = self._of.get(fieldname)
        return lengths[docnum] if lengths else 0

    def close(self) -> None:
        self._reader.close()


class Writer(SegmentWriter):  # type: ignore[misc]
    """Whoosh's writer with the parts above, separate files instead of a compound one, and little memory."""

    def __init__(self, index: FileIndex, *, limitmb: int) -> None:
        super().__init__(index, limitmb=limitmb, compound=False, codec=BlockCodec(blocklimit=BLOCK))
        self.pool = TermPool(self.temp_storage(), self.newsegment, limitmb=limitmb)

    def per_document_reader(self) -> _Lengths:
        return _Lengths(super().per_document_reader(), self.schema)
