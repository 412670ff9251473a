"""Whether a SQLite database changed, told without a system call: by the header of its wal-index (decision 0031).

Every commit of any process writes this header, in memory that all connections to the database share, and it is what
SQLite itself compares to learn that something is new (https://sqlite.org/walformat.html, section 2).
"""

import ctypes
from pathlib import Path
from typing import Any

MAPS = Path("/proc/self/maps")  # Linux
HEADER = 48  # bytes, twice; between the first and the second being written they differ
SALTS = slice(32, 40)  # another pair each time the log is begun anew; zeros in a log that nothing was written to


class WalIndex:
    """Reads the header where SQLite has it mapped for `connection`, one of the driver's own. It is kept here and used
    for nothing else: while it is open, neither is the memory given back nor the file replaced that it shows.
    """

    def __init__(self, connection: Any, database: str) -> None:
        self._connection = connection
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # SQLite maps it with the first read
        address = _address_of(Path(f"{database}-shm"))
        self._header = (ctypes.c_char * (2 * HEADER)).from_address(address) if address else None

    def state(self) -> bytes | None:
        """Other bytes after every commit, never the same again; None where that cannot be told now."""
        if self._header is None:
            return None
        both = self._header.raw
        first = both[:HEADER]
        return first if first == both[HEADER:] and any(first[SALTS]) else None


def _address_of(shared: Path) -> int:
    """Where the first bytes of this file are in the memory of this process; 0 where they are not, or nobody tells."""
    try:
        number, maps = str(shared.stat().st_ino), MAPS.read_text(errors="replace")
    except OSError:
        return 0
    for line in maps.splitlines():
        span, _, offset, _, inode, *path = line.split(maxsplit=5)
        if inode == number and int(offset, 16) == 0 and path and Path(path[0]).name == shared.name:
            return int(span.partition("-")[0], 16)
    return 0
