"""SQLite's write-ahead log: kept short by the worker, not by whichever request happens to be the one too many.

A log that has grown is moved into the database and begun anew, which works only while nobody reads from it. SQLite
tries that in passing and never waits, so on a busy site it does not come about: the log grows by gigabytes, and every
commit tries again. Here most of it is moved beside readers and writers; for the rest the writers wait a moment.
"""

import logging
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger(__name__)

LONG_BYTES = 4 * 1024 * 1024
NET_PAGES = 16_000  # 64 MB: from there on SQLite tries by itself at each commit, where no worker runs
READERS_MS = 50  # so long writers wait for those who still read from the log
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0  # between tries, while somebody reads for minutes: an export


def size_of(engine: Engine) -> int:
    """The bytes of the log; 0 where there is none."""
    try:
        return Path(f"{engine.url.database}-wal").stat().st_size if engine.dialect.name == "sqlite" else 0
    except OSError:
        return 0


def prepare(cursor: Any) -> None:
    """Open a connection so that its commits leave the log to the worker."""
    cursor.execute(f"PRAGMA wal_autocheckpoint = {NET_PAGES}")


class LogKeeper:
    """Shortens the log of one database when it is long. For one thread."""

    def __init__(self) -> None:
        self._pause, self._next_at = 0.0, 0.0

    def look(self, engine: Engine) -> bool:
        """Whether the log was long and is begun anew. Where readers were in the way the next look waits for longer."""
        if time.monotonic() < self._next_at or size_of(engine) <= LONG_BYTES:
            return False
        is_done = _shorten(engine)
        self._pause = 0.0 if is_done else min(self._pause * 2 + FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        self._next_at = time.monotonic() + self._pause
        return is_done


def put_away(engine: Engine) -> None:
    """Bring the log into the file of the database, at the end of a process: the last one of a site leaves nothing in
    it. What cannot be moved now stays in the log, and is lost to nobody.
    """
    if not size_of(engine):
        return
    try:
        _shorten(engine)
    except (SQLAlchemyError, sqlite3.Error) as error:
        log.warning("the write-ahead log stays beside the database: %s", error)


def _shorten(engine: Engine) -> bool:
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        timeout = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()  # the bulk of it; nobody waits
        cursor.execute(f"PRAGMA busy_timeout = {READERS_MS}")
        try:
            is_busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {timeout}")
    return not is_busy
