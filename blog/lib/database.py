"""The database: the declarative base, column types, how SQLite is opened, and the one place that commits."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Engine, MetaData, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from blog.errors import Busy
from blog.lib import metrics

BUSY_TIMEOUT_MS = 5_000  # a request waits at most this long for another writer
_writing: ContextVar[bool] = ContextVar("writing", default=False)


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
    event.listen(engine, "connect", _open_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def _open_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver would begin transactions of its own, always deferred
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA cache_size = -8000")  # 8 MB a connection
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    if not _writing.get():
        connection.exec_driver_sql("BEGIN")
        return
    began = time.perf_counter()
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        metrics.note_write_wait(time.perf_counter() - began)


@contextmanager
def writing(session: Session) -> Iterator[Session]:
    """One transaction that writes: begun immediately, committed at the end, rolled back on any error.

    Only edges (views, api, jobs, commands) open one. What was read before is forgotten, so that rules decide on what is
    true now. Raises `Busy` when the database stayed locked or full; nothing is lost but the attempt.
    """
    session.commit()  # ends the reading transaction; it holds nothing to write
    session.expire_all()
    token = _writing.set(True)
    try:
        yield session
        session.commit()
    except OperationalError as error:
        session.rollback()
        raise Busy from error
    except BaseException:
        session.rollback()
        raise
    finally:
        _writing.reset(token)
