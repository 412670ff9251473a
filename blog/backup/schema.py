"""The schema of a database outside the running site: brought to the newest revision, and compared with a fresh one."""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from blog.backup.manifest import BadBackup
from blog.lib.database import Base, prepare_engine

Things = dict[tuple[str, str], str]


def engine_of(path: Path) -> Engine:
    """An engine for a file that is not the site's own; it keeps no connection open."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    prepare_engine(engine)
    return engine


def is_known(scripts: ScriptDirectory, revision: str) -> bool:
    """Whether this program has the migration that made the schema; a newer program's it has not."""
    try:
        return scripts.get_revision(revision) is not None
    except CommandError:
        return False


def upgrade(scripts: ScriptDirectory, path: Path) -> None:
    """Bring a database to the newest schema; all of it or nothing. Raises `BadBackup`."""
    with engine_of(path).connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"fn": lambda revision, _: scripts._upgrade_revs("head", revision), "target_metadata": Base.metadata},
        )
        try:
            with context.begin_transaction(), Operations.context(context):
                context.run_migrations()
        except Exception as error:
            raise BadBackup(f"the database in it cannot be brought to the schema of this program: {error}") from error


def require_own(scripts: ScriptDirectory, path: Path, scratch: Path) -> None:
    """Refuse a database, at the newest revision, whose tables, triggers or views are not those the migrations make:
    a trigger of somebody else's would run with every change of the site. `scratch` is a folder of our own.
    """
    fresh = scratch / "fresh.sqlite3"
    upgrade(scripts, fresh)
    ours, theirs = _things(fresh), _things(path)
    fresh.unlink()
    foreign = sorted(f"{kind} {name}" for kind, name in ours.keys() ^ theirs.keys())
    foreign += sorted(f"{kind} {name}" for (kind, name), text in ours.items() if theirs.get((kind, name), text) != text)
    if foreign:
        raise BadBackup(f"the schema in it is not the one of this program: {', '.join(foreign)}"[:300])


def _things(path: Path) -> Things:
    """(kind, name) of everything in a schema; with its text where it is code."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        return {(kind, name): " ".join(sql.split()) if kind in ("trigger", "view") else "" for kind, name, sql in rows}
