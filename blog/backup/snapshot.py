"""A consistent copy of the database while the site goes on writing, and what can be told of one from its file alone."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from blog.backup.manifest import UPLOADS, BadBackup
from blog.journal.models import FIRST_HASH

BUSY_SECONDS = 30.0  # a copy reads; it waits only where another program has the whole file for itself
SQLITES_OWN = ("sqlite_sequence", "sqlite_stat1", "sqlite_stat4")  # tables that it keeps for itself; not counted
MAX_TOLD = 3  # complaints of SQLite that are repeated to the operator


@dataclass(frozen=True)
class Facts:
    """What a database says of itself."""

    revision: str
    counts: dict[str, int]
    journal_head: str


def copy_database(source: Path, target: Path) -> None:
    """Copy in one reading transaction: nothing half-written is in it, and writers do not wait. Pages that hold only
    what was deleted are left behind. Raises `BadBackup`.
    """
    try:
        with closing(sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise BadBackup(f"the database {source} cannot be copied: {error}") from None


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database that nobody writes to, only to read it; its own functions and triggers get no say."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            yield connection
    except sqlite3.Error as error:
        raise BadBackup(f"the database in it is damaged, or none of this program: {error}") from None


def examine(path: Path) -> None:
    """Read every page and every foreign key. Raises `BadBackup` with what SQLite complains of."""
    with opened(path) as connection:
        complaints = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({MAX_TOLD})")]
        if complaints != ["ok"]:
            raise BadBackup(f"the database in it is damaged: {'; '.join(complaints)}"[:500].replace("\n", " "))
        loose = connection.execute("PRAGMA foreign_key_check").fetchmany(MAX_TOLD)
        if loose:
            places = ", ".join(f"row {row} of {table}" for table, row, *_ in loose)
            raise BadBackup(f"the database in it names rows that are not there: {places}")


def facts_of(path: Path) -> Facts:
    """Schema revision, rows of every table, head of the chain of events. Raises `BadBackup`."""
    with opened(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        counts = {name: _count(connection, name) for (name,) in tables if name not in SQLITES_OWN}
        revisions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        head = connection.execute("SELECT hash FROM events ORDER BY id DESC LIMIT 1").fetchone()
    if len(revisions) != 1:
        raise BadBackup("the database in it does not say which schema it has")
    return Facts(str(revisions[0][0]), counts, str(head[0]) if head else FIRST_HASH)


def pictures_of(path: Path) -> dict[str, str]:
    """SHA-256 of the file of every upload, by its name in an archive. Raises `BadBackup`."""
    with opened(path) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'uploads'").fetchone():
            return {}  # a backup of before there were any
        rows = connection.execute("SELECT name, sha256 FROM uploads").fetchall()
    return {f"{UPLOADS}/{str(name)[:2]}/{name}": str(sha256) for name, sha256 in rows}


def _count(connection: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    row = connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()  # noqa: S608  # a name can be no parameter
    return int(row[0])
