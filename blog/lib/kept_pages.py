"""Pages kept as they were sent: in memory for a process, on a shelf (one file) for all of them and the next start.

A kept page says which versions it was made from; whoever takes one compares them first, so that none is ever stale.
"""

import gzip
import json
import sqlite3
import threading
import zlib
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

import brotli
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

MEMORY_BYTES = 8_000_000  # of each process: some 400 pages
SHELF_BYTES = 400_000_000  # of the site; the oldest go first
IDLE_CONNECTIONS = 8  # kept open; more are open only while more threads ask at the same moment
CACHE_KB = 200  # of each connection, instead of 2 MB: pages are read once, then they are in memory
BROTLI_QUALITY = 5  # 11 takes 50 times as long for a tenth less
BROTLI_WINDOW = 18  # as a power of two: 256 KiB hold a page; the default takes 4 MiB of every thread that packs
GZIP_LEVEL = 6

TABLE = "CREATE TABLE IF NOT EXISTS pages (id INTEGER PRIMARY KEY, key TEXT UNIQUE, page TEXT, br BLOB)"
IN_USE = (
    "SELECT (p.page_count - f.freelist_count) * s.page_size"
    " FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s"
)

Versions = tuple[tuple[str, int], ...]
Key = tuple[str, ...]


@dataclass
class KeptPage:
    """One answer with status 200. `pieces` is its text, cut where something of one person stands: every second piece is
    the name of what goes there. A page with one piece is the same for all who may see it.
    """

    headers: list[tuple[str, str]]
    pieces: tuple[bytes, ...]
    versions: Versions
    etag: str = ""
    day: date | None = None  # for a page with words such as `yesterday`
    owners: frozenset[int] = frozenset()  # people who see something of their own on it
    size: int = field(init=False)  # bytes in memory, about; it changes as the page is packed and unpacked
    _packed: dict[str, tuple[bytes, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._weigh()

    def body(self, encoding: str, values: Mapping[bytes, bytes]) -> bytes:
        """The whole in `br` (only with one piece), `gzip` or "" (as it is), with each person's values in place."""
        if len(self.pieces) > 1:
            parts = [values[piece] if place % 2 else piece for place, piece in enumerate(self.pieces)]
            return _gzip_of(parts, self._deflated()) if encoding == "gzip" else b"".join(parts)
        if encoding == "br":
            return self.packed()
        return self._zipped() if encoding == "gzip" else self._text()

    @property
    def encodings(self) -> tuple[str, ...]:
        """What it can be sent in, the best first."""
        return ("br", "gzip") if len(self.pieces) == 1 else ("gzip",)

    def packed(self) -> bytes:
        """The whole in `br`, which is all that is held of it until somebody asks for something else."""
        if "br" not in self._packed:
            self.hold(brotli.compress(self._text(), quality=BROTLI_QUALITY, lgwin=BROTLI_WINDOW))
        return self._packed["br"][0]

    def hold(self, packed: bytes) -> None:
        """Take this for the whole in `br`; the text it was made from is let go."""
        self._packed["br"] = (packed,)
        self.pieces = (b"",)
        self._weigh()

    def _text(self) -> bytes:
        text = self.pieces[0]
        if not text and "br" in self._packed:
            text = brotli.decompress(self._packed["br"][0])
            self.pieces = (text,)
            self._weigh()
        return text

    def _weigh(self) -> None:
        parts = (self.pieces, *list(self._packed.values()))
        self.size = sum(len(piece) for part in parts for piece in part) + 2_000

    def _zipped(self) -> bytes:
        if "gzip" not in self._packed:
            self._packed["gzip"] = (gzip.compress(self._text(), GZIP_LEVEL, mtime=0),)
            self._weigh()
        return self._packed["gzip"][0]

    def _deflated(self) -> tuple[bytes, ...]:
        if "deflate" not in self._packed:
            self._packed["deflate"] = tuple(_deflate(piece) for piece in self.pieces[::2])
            self._weigh()
        return self._packed["deflate"]


@lru_cache(maxsize=512)
def best_encoding(accepted: str, offered: tuple[str, ...]) -> str:
    """The one of `offered` that the header `Accept-Encoding` likes best; "" for none of them."""
    qualities: Accept = parse_accept_header(accepted, Accept)
    best = max(offered, key=qualities.quality)
    return best if qualities.quality(best) > 0 else ""


class PageMemory:
    """The pages asked for last, up to a number of bytes."""

    def __init__(self, most: int = MEMORY_BYTES) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._pages: OrderedDict[Key, tuple[KeptPage, int]] = OrderedDict()
        self._bytes = 0

    def get(self, key: Key) -> KeptPage | None:
        with self._lock:
            held = self._pages.get(key)
            if held is None:
                return None
            page, size = held
            if page.size == size:
                self._pages.move_to_end(key)
            else:
                self._put(key, page)
            return page

    def put(self, key: Key, page: KeptPage) -> None:
        with self._lock:
            self._put(key, page)

    def _put(self, key: Key, page: KeptPage) -> None:
        size = page.size
        self._bytes += size - (self._pages.pop(key)[1] if key in self._pages else 0)
        self._pages[key] = (page, size)
        while self._bytes > self._most:
            self._bytes -= self._pages.popitem(last=False)[1][1]


class PageShelf:
    """Whole pages in a file of their own. It may be removed at any time; a fault of it is a page that is not there."""

    def __init__(self, path: Path, *, edition: str) -> None:
        self._path = path
        self._edition = edition
        self._idle: deque[sqlite3.Connection] = deque()

    def get(self, key: Key) -> KeptPage | None:
        try:
            with self._file() as file:
                row = file.execute("SELECT page, br FROM pages WHERE key = ?", (self._name(key),)).fetchone()
            if row is None:
                return None
            facts = json.loads(row[0])
            if zlib.crc32(row[1]) != facts["check"]:
                raise ValueError("a page was damaged on disk")
            page = KeptPage(
                [(name, value) for name, value in facts["headers"]],
                (b"",),
                tuple((name, value) for name, value in facts["versions"]),
                etag=facts["etag"],
                day=date.fromisoformat(facts["day"]) if facts["day"] else None,
            )
        except (sqlite3.Error, ValueError, KeyError, TypeError):
            self._start_over()
            return None
        page.hold(bytes(row[1]))
        return page

    def put(self, key: Key, page: KeptPage) -> None:
        packed = page.packed()
        facts = {
            "headers": page.headers,
            "versions": page.versions,
            "etag": page.etag,
            "day": page.day.isoformat() if page.day else "",
            "check": zlib.crc32(packed),
        }
        try:
            with self._file() as file:
                row = (self._name(key), json.dumps(facts), packed)
                file.execute("INSERT OR REPLACE INTO pages (key, page, br) VALUES (?, ?, ?)", row)
                self._keep_small(file)
        except sqlite3.OperationalError:
            return  # another process writes, or the disk is full: the next reader makes the page again
        except sqlite3.Error:
            self._start_over()

    def _name(self, key: Key) -> str:
        return "\n".join((self._edition, *key))

    @contextmanager
    def _file(self) -> Iterator[sqlite3.Connection]:
        """A connection for one statement or two; one that failed is not used again. What is not kept is closed here:
        each of the driver's connections hangs in a cycle, and dozens would pile up until those are looked for.
        """
        try:
            file = self._idle.pop()
        except IndexError:
            file = self._open()
        try:
            yield file
        except BaseException:
            file.close()
            raise
        if len(self._idle) < IDLE_CONNECTIONS:
            self._idle.append(file)
        else:
            file.close()

    def _open(self) -> sqlite3.Connection:
        file = sqlite3.connect(self._path, isolation_level=None, timeout=0.05, check_same_thread=False)
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = OFF")  # what a power loss takes is made again
        file.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        file.execute(TABLE)
        return file

    def _keep_small(self, file: sqlite3.Connection) -> None:
        ((size,),) = file.execute(IN_USE)
        if size > SHELF_BYTES:
            file.execute("DELETE FROM pages WHERE id IN (SELECT id FROM pages ORDER BY id LIMIT 1000)")

    def _start_over(self) -> None:
        """The file is damaged or of another shape."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()
        for ending in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)


def empty_shelf(path: Path) -> None:
    """Take every page off the shelf at this path, and what they said out of its file. Raises `sqlite3.OperationalError`
    where it is in use for long.
    """
    if not path.exists():
        return
    file = sqlite3.connect(path, isolation_level=None, timeout=5)
    try:
        file.execute(TABLE)
        file.execute("DELETE FROM pages")
        file.execute("VACUUM")
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        file.close()


def _deflate(text: bytes) -> bytes:
    """Blocks that end at a byte and look at nothing before them, so that they can stand anywhere in a stream."""
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH)


def _gzip_of(parts: Sequence[bytes], deflated: Sequence[bytes]) -> bytes:
    """A gzip stream (RFC 1952) of parts of which every first of two is packed already. The others are a person's own:
    they are stored as they are (RFC 1951, 3.2.4), so that the length of an answer tells nothing of a secret in it.
    """
    stream = [b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"]
    check = size = 0
    for place, part in enumerate(parts):
        check = zlib.crc32(part, check)
        size += len(part)
        if place % 2 == 0:
            stream.append(deflated[place // 2])
        else:
            length = len(part).to_bytes(2, "little")
            stream += (b"\x00", length, bytes(byte ^ 0xFF for byte in length), part)
    stream += (b"\x03\x00", check.to_bytes(4, "little"), (size % 2**32).to_bytes(4, "little"))
    return b"".join(stream)
