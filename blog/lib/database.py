"""The database: the declarative base, column types, how SQLite is opened, and the one place that commits."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import JSON, Connection, DateTime, Dialect, Engine, MetaData, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from blog.errors import Busy
from blog.lib import confinement, metrics, write_ahead
from blog.lib.ready import run_words
from blog.lib.write_line import WriteLine

BUSY_TIMEOUT_MS = 5_000  # a request waits at most this long for another writer
SHORT_WAIT_MS = 500  # in the line of our own writers; not worth two statements
_until: ContextVar[float | None] = ContextVar("until", default=None)  # a writer waits; monotonic; None: it only reads
_lines: WeakKeyDictionary[object, WriteLine] = WeakKeyDictionary()  # of engines


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC instant. SQLite keeps no zone, so it is taken off on the way in and put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Shaped(TypeDecorator[Any]):
    """JSON that is a list or a mapping. What was written around the program and is neither reads as an empty one, so
    that one row never breaks a page of many.
    """

    impl = JSON
    cache_ok = True

    def __init__(self, shape: type) -> None:
        super().__init__()
        self.shape = shape

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        read = super().result_processor(dialect, coltype)

        def shaped(stored: Any) -> Any:
            try:
                value = read(stored) if read else stored
            except (ValueError, TypeError):
                value = None
            return value if isinstance(value, self.shape) else self.shape()

        return shaped


def prepare_engine(engine: Engine) -> None:
    """Open SQLite as the site needs it: WAL, FULL sync (accepted means on disk), foreign keys, a busy timeout, and
    BEGIN IMMEDIATE for writers. A deferred transaction that turns to writing fails at once when another wrote in
    between, whatever the timeout; one that is immediate from the start waits its turn.
    """
    if engine.dialect.name != "sqlite":
        return
    if engine.url.database not in {None, "", ":memory:"}:
        _lines[engine] = WriteLine(Path(f"{engine.url.database}-line"))
    event.listen(engine, "connect", _open_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    confinement.prepare(engine)


def _open_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver would begin transactions of its own, always deferred
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA cache_size = -400")  # KB a connection; the system keeps the file itself
    write_ahead.prepare(cursor)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    until = _until.get()
    if until is None:
        run_words(connection, "BEGIN")
        return
    try:
        _begin_immediately(connection, int((until - time.monotonic()) * 1000))
    finally:
        metrics.note_write_wait(time.monotonic() - until + BUSY_TIMEOUT_MS / 1000)  # in line and for SQLite


def _begin_immediately(connection: Connection, left_ms: int) -> None:
    if left_ms > BUSY_TIMEOUT_MS - SHORT_WAIT_MS:
        run_words(connection, "BEGIN IMMEDIATE")
        return
    run_words(connection, f"PRAGMA busy_timeout = {max(left_ms, 0)}")  # who stood in line has waited already
    try:
        run_words(connection, "BEGIN IMMEDIATE")
    finally:
        run_words(connection, f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")


def insert_for(dialect: str, model: type[Base]) -> Any:
    """An INSERT that can say what becomes of a row that is there already: `on_conflict_do_update`, `..._nothing`."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # 3 MB of every process

        return postgresql.insert(model)
    return sqlite.insert(model)


def overwrite_deleted(session: Session) -> None:
    """Have this connection write zeros over what it deletes or replaces from now on: SQLite keeps it in its file until
    the room is used again. Call it before anything is written.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")


def empty_write_ahead(session: Session) -> None:
    """Bring what was written into the file itself and cut the log beside it, as far as nobody reads from it now."""
    if session.get_bind().dialect.name == "sqlite":
        engine = session.connection().engine
        session.rollback()  # no log is cut under an open transaction
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def is_writing() -> bool:
    """Whether this thread holds up all other writers: the place for nothing slow."""
    return _until.get() is not None


def end_reading(session: Session) -> None:
    """End the reading transaction before slow work that needs no row: others get the connection, and the write-ahead
    log can be begun anew. What was read stays readable.
    """
    if session.in_transaction():
        session.commit()


@contextmanager
def writing(session: Session) -> Iterator[Session]:
    """One transaction that writes: begun immediately, committed at the end, rolled back on any error.

    Only edges (views, api, jobs, commands) open one. What was read before is forgotten, so that rules decide on what is
    true now. Writers of this site take turns. Raises `Busy` when the database stayed locked or full, or too many wait;
    nothing is lost but the attempt.
    """
    end_reading(session)
    session.expire_all()
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    line = _lines.get(session.get_bind())
    token = _until.set(until)
    try:
        with line.turn(until=until) if line else nullcontext():
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()  # before the turn is over
                raise
    except OperationalError as error:
        raise Busy from error
    finally:
        _until.reset(token)
