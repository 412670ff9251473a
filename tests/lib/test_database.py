"""One transaction that writes: how the database is opened, who waits how long, and what an error leaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from blog.errors import Busy
from blog.lib import database
from blog.lib.database import BUSY_TIMEOUT_MS, is_writing, prepare_engine, writing
from tests.statements import heard


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path / 'some.sqlite3'}")
    prepare_engine(made)
    with Session(made) as session, writing(session):
        session.execute(text("CREATE TABLE noted (words TEXT)"))
    yield made
    made.dispose()


@pytest.fixture
def said(engine: Engine) -> Iterator[list[str]]:
    with heard(engine, but=("COMMIT", "ROLLBACK")) as statements:
        yield statements


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", BUSY_TIMEOUT_MS)],
)
def test_sqlite_is_opened_so_that_accepted_means_on_disk(engine: Engine, pragma: str, value: object) -> None:
    with Session(engine) as session:
        assert session.scalar(text(f"PRAGMA {pragma}")) == value


def test_a_writer_begins_at_once_and_a_reader_does_not(engine: Engine, said: list[str]) -> None:
    with Session(engine) as session:
        session.execute(text("SELECT * FROM noted"))
        assert said[0] == "BEGIN" and not is_writing()
        with writing(session):
            session.execute(text("SELECT * FROM noted"))
            assert said[2] == "BEGIN IMMEDIATE" and is_writing()
    assert not is_writing()


def test_who_stood_in_line_waits_for_sqlite_only_as_long_as_is_left(
    engine: Engine, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "SHORT_WAIT_MS", 0)  # every wait is long enough to be taken off
    with Session(engine) as session, writing(session):
        session.execute(text("INSERT INTO noted VALUES ('late')"))
        assert session.scalar(text("PRAGMA busy_timeout")) == BUSY_TIMEOUT_MS
    left, begun, restored = said[:3]
    assert left.startswith("PRAGMA busy_timeout = ") and int(left.split()[-1]) <= BUSY_TIMEOUT_MS
    assert begun == "BEGIN IMMEDIATE" and restored == f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}"


def test_an_error_leaves_nothing_and_gives_the_turn_back(engine: Engine) -> None:
    with Session(engine) as session:
        with pytest.raises(ValueError, match="broken"), writing(session):
            session.execute(text("INSERT INTO noted VALUES ('half')"))
            raise ValueError("broken")
        with writing(session):
            assert session.scalar(text("SELECT count(*) FROM noted")) == 0


def test_a_line_that_does_not_move_ends_in_busy(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    with Session(engine) as first, Session(engine) as second, writing(first):
        with pytest.raises(Busy), writing(second):
            raise AssertionError("two wrote at once")
        first.execute(text("INSERT INTO noted VALUES ('first')"))
    with Session(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM noted")) == 1
