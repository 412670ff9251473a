"""Blocks of postings on disk: which documents hold a term is read without the places where they hold it."""

import pickle
import struct
import zlib
from array import array
from typing import Any

from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC, W3Codec, W3LeafMatcher, W3PostingsWriter
from whoosh.util.numeric import length_to_byte

BLOCK = 512  # postings; in blocks of 128, as Whoosh writes them, finding each takes half of the time to read a word
PICKLE = 4  # the protocol; it knows byte strings
SMALL = 1 << 16  # document numbers below it take two bytes

_HEAD = struct.Struct("<IcB")  # checksum of what follows; the kind of numbers; bytes a weight takes, 0 where all are 1


class BlockWriter(W3PostingsWriter):  # type: ignore[misc]  # whoosh has no types
    """Writes numbers as they stand in memory and the places apart, packed: they are three quarters of a block, and only
    phrases ask for them. Whoosh packs all together, and reading a word took five times as long.
    """

    def _write_block(self, last: bool = False) -> None:
        file = self._postfile
        if not self._blockcount:
            file.write(WHOOSH3_HEADER_MAGIC)
        self._terminfo.add_block(self)
        ids = array("H", self._ids) if self._ids[-1] < SMALL else self._ids
        width, weights = _small(self._weights)
        values = self._mini_values()
        places = zlib.compress(pickle.dumps(values, PICKLE), self._compression) if values is not None else b""
        body = b"".join((ids.tobytes(), weights, places))
        data = _HEAD.pack(zlib.crc32(body), ids.typecode.encode(), width) + body
        shortest, longest = length_to_byte(self._minlength), length_to_byte(self._maxlength)
        facts = pickle.dumps((len(self._ids), self._ids[-1], self._maxweight, 0, shortest, longest), PICKLE)
        size = len(facts) + len(data)
        file.write_int(-size if last else size)  # negative: the last block of the term
        file.write(facts)
        file.write(data)
        self._blockcount += 1
        self._new_block()


class BlockMatcher(W3LeafMatcher):  # type: ignore[misc]
    """Reads what `BlockWriter` wrote, a block at a time."""

    def block(self) -> tuple["array[int]", "bytes | array[float] | None"]:
        """The documents of this block, and how often each holds the term; None where all hold it once."""
        data = self._postfile.get(self._dataoffset, self._nextoffset - self._dataoffset)
        known, kind, width = _HEAD.unpack_from(data)
        if zlib.crc32(memoryview(data)[_HEAD.size :]) != known:
            raise ValueError("a block of postings is damaged")
        ids = array(kind.decode())
        weights_at = _HEAD.size + self._blocklength * ids.itemsize
        places_at = weights_at + self._blocklength * width
        ids.frombytes(data[_HEAD.size : weights_at])
        self._places = data[places_at:]
        weights = data[weights_at:places_at]
        return ids, (array("f", weights) if width > 1 else weights) if width else None

    def _read_ids(self) -> None:
        self._ids, _ = self.block()

    def _read_weights(self) -> None:
        _, weights = self.block()
        self._weights = array("f", [1.0]) * self._blocklength if weights is None else array("f", list(weights))

    def _read_values(self) -> None:
        self.block()
        values = pickle.loads(zlib.decompress(self._places)) if self._places else None  # noqa: S301  # the folder is ours
        self._values = (None,) * self._blocklength if values is None else values


class BlockCodec(W3Codec):  # type: ignore[misc]
    """Whoosh's format of an index but for the blocks of postings."""

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> BlockWriter:
        return BlockWriter(
            dbfile, self._blocklimit, byteids=byteids, compression=self._compression, inlinelimit=self._inlinelimit
        )

    def postings_reader(
        self, dbfile: Any, terminfo: Any, format_: Any, term: Any = None, scorer: Any = None
    ) -> BlockMatcher:
        return BlockMatcher(dbfile, *terminfo.extent(), format_, term=term, scorer=scorer)


def _small(weights: "array[float]") -> tuple[int, bytes]:
    """The same numbers in fewer bytes, and how many each takes: they say how often a term stands in a text, so they are
    whole, and 1 for most terms.
    """
    try:
        small = bytes(map(int, weights))
    except ValueError:  # some text has it more than 255 times
        return weights.itemsize, weights.tobytes()
    return (0, b"") if small.count(1) == len(small) else (1, small)
