"""Listening to the SQL statements that SQLite is given, whoever gives them: SQLAlchemy, or the program itself."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from blog.extensions import db

UNCOUNTED = ("PRAGMA", "COMMIT", "ROLLBACK", "--")  # of a connection itself, ends of transactions, what triggers do


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that run inside the block, in order, with their values."""
    with app.app_context():
        engine = db.engine
    with heard(engine) as seen:
        yield seen


@contextmanager
def heard(engine: Engine, *, but: tuple[str, ...] = UNCOUNTED) -> Iterator[list[str]]:
    """The statements of the connections that this engine gives out inside the block, `but` those that begin so."""
    seen: list[str] = []
    connections: list[Any] = []

    def note(statement: str) -> None:
        if not statement.startswith(but):
            seen.append(statement)

    def listen(connection: Any, *_: Any) -> None:
        connection.set_trace_callback(note)
        connections.append(connection)

    event.listen(engine, "checkout", listen)
    try:
        yield seen
    finally:
        event.remove(engine, "checkout", listen)
        for connection in connections:
            with suppress(sqlite3.ProgrammingError):  # it is closed
                connection.set_trace_callback(None)
