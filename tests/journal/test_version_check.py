"""Comparing versions: the database is asked once until somebody commits, and whatever was committed shows at once."""

import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from blog.extensions import db
from blog.journal.versions import VersionCheck, Versions, move_names, read_versions
from blog.lib.database import writing

NAMES = ["site", "article 7"]


@pytest.fixture
def check(app: Flask) -> VersionCheck:
    with app.app_context():
        return VersionCheck(db.engine)


@pytest.fixture
def asked(check: VersionCheck, monkeypatch: pytest.MonkeyPatch) -> list[Versions]:
    """What the database was asked."""
    seen: list[Versions] = []
    ask = check._ask

    def noting(versions: Versions) -> bool:
        seen.append(versions)
        return ask(versions)

    monkeypatch.setattr(check, "_ask", noting)
    return seen


def move(app: Flask, *names: str) -> Versions:
    with app.app_context(), writing(db.session):
        move_names(names)
    with app.app_context():
        return read_versions(NAMES)


def test_the_database_is_asked_once_until_something_is_committed(
    app: Flask, check: VersionCheck, asked: list[Versions]
) -> None:
    now = move(app, "article 7")
    assert [check.are_current(now) for _ in range(3)] == [True] * 3
    assert asked == [now]
    assert now == move(app, "article 8")
    assert [check.are_current(now) for _ in range(3)] == [True] * 3
    assert asked == [now] * 2


def test_what_moved_on_is_never_called_current(app: Flask, check: VersionCheck, asked: list[Versions]) -> None:
    first = move(app, "article 7")
    assert check.are_current(first)
    second = move(app, "article 7")
    assert [check.are_current(one) for one in (first, second, first, second)] == [False, True, False, True]
    assert asked == [first, first, second, first]


def test_what_another_process_committed_shows_at_once(app: Flask, check: VersionCheck) -> None:
    now = move(app, "article 7")
    assert check.are_current(now)
    with app.app_context():
        path = str(db.engine.url.database)
    program = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        " c.execute(\"UPDATE versions SET value = value + 1 WHERE name = 'article 7'\"); c.commit()"
    )
    subprocess.run([sys.executable, "-c", program, path], check=True, timeout=60)
    assert not check.are_current(now)


def test_what_is_committed_while_the_database_is_asked_is_not_missed(
    app: Flask, check: VersionCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, ask = move(app, "article 7"), check._ask

    def overtaken(versions: Versions) -> bool:
        answer = ask(versions)
        move(app, "article 7")
        return answer

    monkeypatch.setattr(check, "_ask", overtaken)
    assert check.are_current(now)
    monkeypatch.undo()
    assert not check.are_current(now)


def test_more_is_not_remembered_than_there_is_room_for(
    app: Flask, check: VersionCheck, asked: list[Versions], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blog.journal.versions.MOST_KNOWN", 3)
    now = move(app, "article 7")
    for number in range(5):
        assert check.are_current((*now, (f"nothing {number}", 0)))
    assert len(check._known[1]) <= 3
    assert check.are_current(now)


class OtherDatabase:
    """An engine of a database that has no such header; every question goes to it."""

    def __init__(self, engine: Any) -> None:
        self.dialect = SimpleNamespace(name="postgresql")
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


def test_another_database_is_asked_each_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    now = move(app, "article 7")
    with app.app_context():
        check = VersionCheck(db.engine)
        connection = check._connection()
    check._engine = OtherDatabase(check._engine)  # type: ignore[assignment]
    questions: Iterator[Any] = iter([connection] * 3)
    monkeypatch.setattr(check, "_connection", lambda: next(questions))
    assert [check.are_current(now) for _ in range(3)] == [True] * 3
    assert next(questions, None) is None
