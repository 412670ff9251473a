"""The postings of a term in one segment, read a block at a time and kept as small arrays up to a number of bytes."""

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from threading import Lock
from typing import Any

from whoosh.reading import TermNotFound

from blog.search.whoosh_blocks import SMALL

KEPT_BYTES = 16_000_000  # a posting takes 3 to 8; all of 10,000 long write-ups and 20,000 comments would fit
COST_OF_ENTRY = 400  # bytes a kept term takes beside its postings
BISECT = 12  # looking up one document costs as much as walking over so many

Term = tuple[str, str]  # field and text


@dataclass(frozen=True, slots=True)
class Postings:
    """Every document of one segment that holds a term, ascending, deleted ones among them, and how often it does.

    `weights` is None where each has it once.
    """

    ids: "array[int]"
    weights: "array[int] | array[float] | None"

    def pairs(self) -> "Iterator[tuple[int, float]]":
        """(document, weight) in the order of documents."""
        return zip(self.ids, repeat(1.0) if self.weights is None else self.weights, strict=False)

    def kept_in(self, docs: set[int]) -> set[int]:
        """Those of the documents that hold the term."""
        if len(docs) * BISECT > len(self.ids):
            return docs.intersection(self.ids)
        ids, count = self.ids, len(self.ids)
        return {doc for doc in docs if (at := bisect_left(ids, doc)) < count and ids[at] == doc}

    def pairs_in(self, docs: Collection[int]) -> "Iterator[tuple[int, float]]":
        """(document, weight) of those of `docs` that hold the term."""
        if len(docs) * BISECT > len(self.ids):
            return (pair for pair in self.pairs() if pair[0] in docs)
        return self._looked_up(docs)

    def _looked_up(self, docs: Collection[int]) -> "Iterator[tuple[int, float]]":
        ids, weights, count = self.ids, self.weights, len(self.ids)
        for doc in docs:
            at = bisect_left(ids, doc)
            if at < count and ids[at] == doc:
                yield doc, 1.0 if weights is None else weights[at]

    @property
    def size(self) -> int:
        """Bytes in memory, roughly."""
        arrays = (self.ids, self.weights) if self.weights is not None else (self.ids,)
        return COST_OF_ENTRY + sum(one.itemsize * len(one) for one in arrays)


NOTHING = Postings(array("I"), None)


class KeptPostings:
    """The latest postings asked for, of all segments together. A segment never changes, so they stay right."""

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self._limit = limit
        self._kept: OrderedDict[tuple[object, Term], Postings] = OrderedDict()
        self._lock = Lock()
        self.size = 0

    def get(self, segment: object, term: Term) -> Postings | None:
        with self._lock:
            found = self._kept.get((segment, term))
            if found is not None:
                self._kept.move_to_end((segment, term))
            return found

    def keep(self, segment: object, term: Term, postings: Postings) -> None:
        with self._lock:
            if (segment, term) in self._kept:
                return
            self._kept[segment, term] = postings
            self.size += postings.size
            while self.size > self._limit:
                self.size -= self._kept.popitem(last=False)[1].size

    def forget(self, segments: Collection[object]) -> None:
        """Let go of segments that are no longer read."""
        with self._lock:
            for key in [key for key in self._kept if key[0] in segments]:
                self.size -= self._kept.pop(key).size


def term_info(reader: Any, term: Term) -> Any:
    """What Whoosh knows of a term of a segment; None when it is not there."""
    try:
        return reader.term_info(*term)
    except TermNotFound:
        return None


def read_postings(reader: Any, term: Term, info: Any, after_block: Callable[[], None]) -> Postings:
    """Read a term's postings. `after_block` is called often and may raise.

    Blocks are taken whole: a matcher's step for each posting takes ten times as long.
    """
    matcher = reader.codec().postings_reader(reader._terms._postfile, info, reader.schema[term[0]].format)
    limit = reader.doc_count_all()
    ids = array("H" if limit < SMALL else "I")
    weights: list[bytes | array[float]] = []
    while True:
        some, counts = matcher.block()
        ids.extend(some if some.typecode == ids.typecode else some.tolist())
        weights.append(bytes([1]) * len(some) if counts is None else counts)
        if matcher._lastblock:
            break
        matcher._next_block()
        after_block()
    if ids[-1] >= limit:
        raise ValueError(f"the postings of {term} are damaged")
    return Postings(ids, _joined(weights))


def _joined(blocks: "list[bytes | array[float]]") -> "array[int] | array[float] | None":
    if all(isinstance(block, bytes) for block in blocks):
        whole = b"".join(blocks)
        return None if whole.count(1) == len(whole) else array("B", whole)
    return array("f", chain.from_iterable(blocks))
