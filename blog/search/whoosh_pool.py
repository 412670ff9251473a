"""The writer's parts that are ours: postings grouped by term as they come, and blocks of them that are read fast."""

import pickle
import zlib
from collections import defaultdict
from collections.abc import Iterator
from heapq import merge
from operator import itemgetter
from typing import Any

from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC, W3Codec, W3PostingsWriter
from whoosh.index import FileIndex
from whoosh.util.numeric import length_to_byte
from whoosh.writing import PostingPool, SegmentWriter

Posting = tuple[str, bytes, int, float, bytes]
_Chunk = tuple[str, bytes, list[Any]]

BLOCK = 512  # postings; in blocks of 128, as Whoosh writes them, finding each takes half of the time to read a word
PICKLE = 4  # the protocol; it knows byte strings
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
            pickler = pickle.Pickler(file, 4)
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


class BlockWriter(W3PostingsWriter):  # type: ignore[misc]
    """Whoosh's writer of postings with a newer pickle: its own spells every byte string as a call, so that reading a
    word's postings took four times as long. Whoosh's reader reads both.
    """

    def _mini_weights(self) -> Any:
        """How often the term stands in each text, as whole numbers: a quarter of the bytes of Whoosh's fractions."""
        weights = super()._mini_weights()
        return tuple(map(int, weights)) if isinstance(weights, tuple) else weights

    def _write_block(self, last: bool = False) -> None:
        file = self._postfile
        if not self._blockcount:
            file.write(WHOOSH3_HEADER_MAGIC)
        self._terminfo.add_block(self)
        level = self._compression
        data = pickle.dumps((self._mini_ids(), self._mini_weights(), self._mini_values()), PICKLE)
        data = zlib.compress(data, level) if level else data
        shortest, longest = length_to_byte(self._minlength), length_to_byte(self._maxlength)
        facts = pickle.dumps((len(self._ids), self._ids[-1], self._maxweight, level, shortest, longest), PICKLE)
        size = len(facts) + len(data)
        file.write_int(-size if last else size)  # negative: the last block of the term
        file.write(facts)
        file.write(data)
        self._blockcount += 1
        self._new_block()


class BlockCodec(W3Codec):  # type: ignore[misc]
    """Whoosh's format of an index, written by the class above."""

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> BlockWriter:
        return BlockWriter(
            dbfile, self._blocklimit, byteids=byteids, compression=self._compression, inlinelimit=self._inlinelimit
        )


class Writer(SegmentWriter):  # type: ignore[misc]
    """Whoosh's writer with the parts above, separate files instead of a compound one, and little memory."""

    def __init__(self, index: FileIndex, *, limitmb: int) -> None:
        super().__init__(index, limitmb=limitmb, compound=False, codec=BlockCodec(blocklimit=BLOCK))
        self.pool = TermPool(self.temp_storage(), self.newsegment, limitmb=limitmb)

    def per_document_reader(self) -> _Lengths:
        return _Lengths(super().per_document_reader(), self.schema)
