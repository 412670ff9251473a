"""Comments as Isso keeps them: a SQLite file, read as the word of a stranger.

It is opened to read only, with a schema that may not run anything: no views, no functions, no triggers (a SELECT fires
none), two plain tables, and every value is looked at for its type.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from blog.errors import Invalid
from blog.transfer.foreign import ForeignComment, ForeignRecord, ForeignState, ForeignThread, Markup, Unreadable

MAGIC = b"SQLite format 3\x00"
MAX_BYTES = 1 << 30
MAX_VALUE = 1 << 20  # bytes of one value or row
STEPS = 10_000  # of SQLite between two looks
MOST_LOOKS = 2_000_000  # some minutes; a file that takes longer was made to
STATES = {1: ForeignState.PUBLIC, 2: ForeignState.WAITING, 4: ForeignState.DELETED}
TABLES = {"threads", "comments"}
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
# Views and virtual tables have no page of their own; what a generated column says would be run.
PLAIN_TABLES = (
    "SELECT name FROM sqlite_master AS t WHERE type = 'table' AND rootpage > 0 AND name IN ('threads', 'comments')"
    " AND NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(t.name) WHERE hidden <> 0)"
)
THREADS = "SELECT id, uri FROM threads ORDER BY id"
COMMENTS = "SELECT id, tid, parent, created, mode, author, email, text FROM comments ORDER BY id"


def records(path: Path) -> Iterator[ForeignRecord]:
    """Its threads, then its comments. Raises `Invalid` for a file that is not Isso's."""
    if path.stat().st_size > MAX_BYTES:
        raise Invalid(f"the file is larger than {MAX_BYTES >> 30} GiB")
    try:
        with closing(_opened(path)) as file:
            for number, uri in file.execute(THREADS):
                if isinstance(number, int) and isinstance(uri, str):
                    yield ForeignThread(str(number), (uri,))
            for row in file.execute(COMMENTS):
                yield _comment(row)
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        raise Invalid(f"this is no database of Isso that can be read: {error}") from error


def _opened(path: Path) -> sqlite3.Connection:
    file = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1", uri=True, isolation_level=None)
    try:
        file.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
        for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0", "query_only = ON"):
            file.execute(f"PRAGMA {pragma}")
        if set(file.execute(PLAIN_TABLES).fetchall()) != {("threads",), ("comments",)}:
            raise Invalid("it has no plain tables of threads and comments, so it is no database of Isso")
        file.set_authorizer(_judge)
        looks = iter(range(MOST_LOOKS))
        file.set_progress_handler(lambda: next(looks, None) is None, STEPS)
    except BaseException:
        file.close()
        raise
    return file


def _judge(action: int, table: str | None, _column: str | None, _database: str | None, inside: str | None) -> int:
    """Only the two tables are read, and nothing is run: neither a function nor what a view or trigger says."""
    if action not in _ALLOWED or inside is not None or (action == sqlite3.SQLITE_READ and table not in TABLES):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _comment(row: tuple[Any, ...]) -> ForeignComment | Unreadable:
    number, thread, parent, created, mode, author, email, text = row
    if not (isinstance(number, int) and isinstance(thread, int) and isinstance(created, (int, float))):
        return Unreadable(f"comment {str(number)[:20]}", "its number, thread or time is none")
    try:
        at = datetime.fromtimestamp(created, UTC)
    except (ValueError, OverflowError, OSError):
        return Unreadable(f"comment {number}", "its time is none")
    state = STATES.get(mode, ForeignState.WAITING) if isinstance(mode, int) else ForeignState.WAITING
    return ForeignComment(
        id=str(number),
        thread=str(thread),
        parent=str(parent) if isinstance(parent, int) else "",
        name=author if isinstance(author, str) else "",
        email=email if isinstance(email, str) else "",
        at=at,
        text=text if isinstance(text, str) else "",
        markup=Markup.MARKDOWN,
        state=state,
    )
