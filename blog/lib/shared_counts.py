"""Counts shared by the processes of one machine: a file of fixed size, mapped into memory, for the limits on requests.

A table of buckets with eight places each. A place holds a digest of the key, when its window ends and how often it was
used; a full bucket gives up the place whose window ends first, so that a flood of addresses never makes it grow.
"""

import fcntl
import hashlib
import mmap
import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, unquote, urlsplit

from limits.storage import Storage

SCHEME = "shared"
NAME = "limits"  # in the data folder
BUCKETS, PLACES = 4_096, 8  # 1 MiB; 32,768 windows at a time
_PLACE = struct.Struct("=16sdII")  # digest, end of the window, uses, nothing
_BUCKET = _PLACE.size * PLACES
_lock = threading.Lock()  # file locks hold between processes only


def address_of(folder: Path, *, secret: str = "") -> str:
    """The address of the table in a data folder, as Flask-Limiter takes it. With a secret nobody outside can choose
    keys that fall into one bucket.
    """
    mark = hashlib.blake2b(f"limits {secret}".encode(), digest_size=16).hexdigest()
    return f"{SCHEME}://{quote(str(folder.resolve() / NAME))}?{mark}"


class SharedCounts(Storage):
    """A storage of fixed windows for the package `limits`."""

    STORAGE_SCHEME: ClassVar = [SCHEME]  # type: ignore[misc]

    def __init__(self, uri: str, wrap_exceptions: bool = False, **_: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._path = Path(unquote(urlsplit(uri).path))
        self._secret = urlsplit(uri).query.encode()
        self._table: mmap.mmap | None = None
        self._file = -1

    @property
    def base_exceptions(self) -> type[Exception]:
        return OSError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count uses in the window of `key`, begun now for `expiry` seconds unless it runs. Returns the uses so far."""
        digest, now = self._digest(key), time.time()
        with self._bucket(digest) as (table, start):
            place, ends_at, used = self._find(table, start, digest, now, expiry)
            used += amount
            _PLACE.pack_into(table, place, digest, ends_at, min(used, 2**32 - 1), 0)
        return used

    def get(self, key: str) -> int:
        """The uses in the window that runs; 0 without one."""
        return self._read(key)[1]

    def get_expiry(self, key: str) -> float:
        """When the window of `key` ends, as a time stamp; now where none runs."""
        return self._read(key)[0]

    def check(self) -> bool:
        """Whether the table can be used."""
        with _lock:
            self._opened()
        return True

    def reset(self) -> int | None:
        """Forget every window."""
        with _lock:
            table = self._opened()
            table[:] = bytes(len(table))
        return None

    def clear(self, key: str) -> None:
        """Forget the window of `key`."""
        digest, now = self._digest(key), time.time()
        with self._bucket(digest) as (table, start):
            place, _, used = self._find(table, start, digest, now, 0, is_any=True)
            if used:
                _PLACE.pack_into(table, place, bytes(16), 0.0, 0, 0)

    def _read(self, key: str) -> tuple[float, int]:
        digest, now = self._digest(key), time.time()
        with self._bucket(digest) as (table, start):
            _, ends_at, used = self._find(table, start, digest, now, 0, is_any=True)
        return (ends_at, used) if used else (now, 0)

    def _digest(self, key: str) -> bytes:
        return hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=16, key=self._secret).digest()

    @staticmethod
    def _find(
        table: mmap.mmap, start: int, digest: bytes, now: float, expiry: int, *, is_any: bool = False
    ) -> tuple[int, float, int]:
        """(place, end of its window, uses) of the digest, or of the place that it may take. A window that ends later
        than one begun now would is over: the clock was set back.
        """
        place = table.find(digest, start, start + _BUCKET)
        if place >= 0 and not (place - start) % _PLACE.size:
            _, ends_at, used, _ = _PLACE.unpack_from(table, place)
            if now < ends_at and (is_any or ends_at <= now + expiry):
                return place, ends_at, used
            return place, now + expiry, 0
        ends = ((_PLACE.unpack_from(table, one)[1], one) for one in range(start, start + _BUCKET, _PLACE.size))
        return min(ends)[1], now + expiry, 0

    @contextmanager
    def _bucket(self, digest: bytes) -> Iterator[tuple[mmap.mmap, int]]:
        """The table and where the bucket of the digest begins, held against every other thread and process."""
        start = int.from_bytes(digest[:4], "big") % BUCKETS * _BUCKET
        with _lock:
            table = self._opened()
            fcntl.lockf(self._file, fcntl.LOCK_EX, _BUCKET, start)
            try:
                yield table, start
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, _BUCKET, start)

    def _opened(self) -> mmap.mmap:
        if self._table is None:
            size = BUCKETS * _BUCKET
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(file, 0, size)  # a hole that the disk has no room for would end the process later
                self._table = mmap.mmap(file, size)
            except OSError:
                os.close(file)
                raise
            self._file = file
        return self._table
