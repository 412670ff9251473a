"""Putting a backup back: unpacked and checked beside the data, then moved into place."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import delete, insert, update

from blog.backup import schema
from blog.backup.archive import ArchiveReader, Progress
from blog.backup.checking import unpack_checked
from blog.backup.creating import sweep
from blog.backup.manifest import DATABASE, UPLOADS, BadBackup, Manifest
from blog.backup.snapshot import facts_of
from blog.journal.models import Event, Job, Lease
from blog.lib import clock
from blog.lib.database import Base
from blog.lib.disk import flush

SITE_DATABASE = "hindsight.sqlite3"
SCRATCH = ".hindsight-restore-"
REPLACED = "replaced-"
INDEX = "index"
# What may stand in an empty site's folder, and stays where it is in a used one.
STAYS = {"secret_key", "backups", "metrics", "lost+found"}
ENDINGS = ("", "-wal", "-shm")
DROP_STATISTICS = ("DROP TABLE IF EXISTS sqlite_stat1", "DROP TABLE IF EXISTS sqlite_stat4")


def restore(
    reader: ArchiveReader,
    manifest: Manifest,
    data_dir: Path,
    *,
    scripts: ScriptDirectory,
    replace: bool,
    begin: Callable[[int], Progress],
) -> Path | None:
    """Make `data_dir` the site that the archive holds. What stood there goes to a folder inside it, which is returned,
    only with `replace`. Raises `BadBackup`; then the folder is as it was.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(data_dir, SCRATCH)
        present = _present(data_dir)
        if present and not replace:
            raise BadBackup(f"{data_dir} is not empty; --replace keeps what is there aside")
        with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=data_dir) as scratch:
            staged = Path(scratch)
            unpack_checked(reader, manifest, staged, scripts=scripts, progress=begin(manifest.size))
            _settle(staged / DATABASE, manifest)
            with _alone(data_dir / SITE_DATABASE):
                aside = _swap(staged, data_dir, present)
        flush(data_dir)
        return aside
    except OSError as error:
        raise BadBackup(f"{error.filename or data_dir} cannot be written: {error.strerror}") from None


def _present(data_dir: Path) -> list[Path]:
    """What a restored site would stand in the way of, the database first."""
    found = (
        path for path in data_dir.iterdir() if path.name not in STAYS and not path.name.startswith((REPLACED, SCRATCH))
    )
    return sorted(found, key=lambda path: (not path.name.startswith(SITE_DATABASE), path.name))


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Refuse while any process has the database open, and keep others out meanwhile. Whoever holds a database in WAL
    mode open, also without doing anything, keeps others from leaving that mode.
    """
    if not database.exists():
        yield
        return
    connection = sqlite3.connect(database, isolation_level=None, timeout=1.0)
    try:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")  # also brings the log into the file that is kept
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise BadBackup(f"{database.parent} is in use ({error}); stop the site first") from None
        except sqlite3.DatabaseError:
            pass  # it is damaged, which may be why there is a restore
        yield
    finally:
        connection.close()


def _swap(staged: Path, data_dir: Path, present: list[Path]) -> Path | None:
    """What is present goes aside, what is staged comes in; where that fails, all is put back as it was."""
    aside = _set_aside(data_dir, present) if present else None
    try:
        _move_in(staged, data_dir)
    except OSError:
        for path in aside.iterdir() if aside else ():
            path.rename(data_dir / path.name)
        if aside:
            aside.rmdir()
        raise
    return aside


def _set_aside(data_dir: Path, present: list[Path]) -> Path:
    aside = data_dir / f"{REPLACED}{clock.now():%Y%m%dT%H%M%S%fZ}"
    aside.mkdir(mode=0o700)
    for path in present:
        if path.name == INDEX:
            shutil.rmtree(path)  # it can always be made anew
        else:
            with suppress(FileNotFoundError):  # SQLite removed its log
                path.rename(aside / path.name)
    return aside


def _move_in(staged: Path, data_dir: Path) -> None:
    if (staged / UPLOADS).exists():
        (staged / UPLOADS).rename(data_dir / UPLOADS)
    for ending in ENDINGS:
        (data_dir / f"{SITE_DATABASE}{ending}").unlink(missing_ok=True)  # a log without its file would be read into it
    (staged / DATABASE).rename(data_dir / SITE_DATABASE)


def _settle(database: Path, manifest: Manifest) -> None:
    """End what was under way when the backup was made: sign-ins, which may have been ended since, leases and claims of
    processes that are gone. Statistics go as well: they steer how SQLite reads, nothing vouches for them, and the
    worker gathers them anew. The journal says that this is another life of the site.
    """
    engine = schema.engine_of(database)
    sessions = Base.metadata.tables["sessions"]
    with engine.begin() as connection:
        connection.execute(delete(sessions))
        connection.execute(delete(Lease))
        connection.execute(update(Job).values(locked_until=None))
        for statement in DROP_STATISTICS:
            connection.exec_driver_sql(statement)
        connection.execute(insert(Event).values(_event(manifest, facts_of(database).journal_head)))
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        connection.exec_driver_sql("BEGIN")
    engine.dispose()


def _event(manifest: Manifest, head: str) -> dict[str, Any]:
    event = Event(
        at=clock.now().replace(microsecond=0),
        kind="backup.restored",
        actor_id=None,
        subject_type="backup",
        subject_id=0,
        reason="",
        data={"made_at": clock.iso(manifest.made_at), "version": manifest.version},
        request_id="",
        previous_hash=head,
    )
    event.hash = event.computed_hash()
    return {column.key: getattr(event, column.key) for column in Event.__table__.columns if column.key != "id"}
