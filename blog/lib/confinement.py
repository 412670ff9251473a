"""Confinement: which rows a connection may write while a program acts.

SQLite itself refuses the rest, before a statement runs, so a rule that was forgotten above opens nothing here.
"""

import logging
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DatabaseError

from blog.errors import NotAllowed

log = logging.getLogger(__name__)

# Of each table: `insert`, `delete`, and the columns that may be given another value.
Writes = Mapping[str, Collection[str]]

_allowed: ContextVar[Writes | None] = ContextVar("allowed", default=None)
_HARMLESS = {
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_SAVEPOINT,
    sqlite3.SQLITE_PRAGMA,
}
_ROWS = {sqlite3.SQLITE_INSERT: "insert", sqlite3.SQLITE_DELETE: "delete"}
_MARK = "confined"
DENIED = "not authorized"  # SQLite's words


def prepare(engine: Engine) -> None:
    """Have the connections of this engine obey. Other databases than SQLite have no such question to be asked."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "begin", _confine)
        event.listen(engine, "checkin", _set_free)


@contextmanager
def confined(to: Writes) -> Iterator[None]:
    """What begins to read or write inside may write this only. Raises `NotAllowed` where something else was tried."""
    token = _allowed.set(to)
    try:
        yield
    except DatabaseError as error:
        if DENIED not in str(error.orig):
            raise
        raise NotAllowed("A program may not write this.") from error
    finally:
        _allowed.reset(token)


def _confine(connection: Any) -> None:
    allowed = _allowed.get()
    if allowed is not None:
        connection.info[_MARK] = True
        connection.connection.dbapi_connection.set_authorizer(_judge(allowed))


def _set_free(dbapi_connection: Any, record: Any) -> None:
    if record.info.pop(_MARK, False) and dbapi_connection is not None:
        dbapi_connection.set_authorizer(None)


def _judge(allowed: Writes) -> Callable[..., int]:
    def judge(action: int, table: str | None, column: str | None, _database: str | None, _trigger: str | None) -> int:
        if action in _HARMLESS:
            return sqlite3.SQLITE_OK
        written = column if action == sqlite3.SQLITE_UPDATE else _ROWS.get(action)
        if written in allowed.get(table or "", ()):
            return sqlite3.SQLITE_OK
        log.error("a program may not write this", extra={"table": table, "what": written or action})
        return sqlite3.SQLITE_DENY

    return judge
