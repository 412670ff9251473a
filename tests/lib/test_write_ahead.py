"""SQLite's write-ahead log: long after many writes, short after a look, and left alone while somebody reads from it."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from blog.extensions import db
from blog.journal.worker import Worker
from blog.lib import write_ahead
from blog.lib.database import prepare_engine, writing
from blog.lib.write_ahead import LONG_BYTES, LogKeeper, put_away, size_of

LONG_SECONDS = 60.0


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path / 'log.sqlite3'}")
    prepare_engine(made)
    with Session(made) as session, writing(session):
        session.execute(text("CREATE TABLE noted (words TEXT)"))
    yield made
    made.dispose()


def write(engine: Engine, size: int) -> None:
    with Session(engine) as session, writing(session):
        session.execute(text("INSERT INTO noted VALUES (:words)"), {"words": "x" * size})


def test_commits_leave_a_long_log_to_the_worker_which_begins_it_anew(engine: Engine) -> None:
    write(engine, LONG_BYTES)
    write(engine, 1)
    assert size_of(engine) > LONG_BYTES
    assert LogKeeper().look(engine)
    assert size_of(engine) == 0
    with Session(engine) as session:
        assert session.scalar(text("SELECT count(*) FROM noted")) == 2
        assert session.scalar(text("PRAGMA busy_timeout")) == 5_000


def test_a_short_log_is_left_alone(engine: Engine) -> None:
    write(engine, 10_000)
    before = size_of(engine)
    assert before > 0 and not LogKeeper().look(engine) and size_of(engine) == before


def test_the_end_of_a_process_moves_a_short_log_too(engine: Engine) -> None:
    write(engine, 10_000)
    put_away(engine)
    assert size_of(engine) == 0


def test_an_end_goes_on_where_the_log_cannot_be_moved(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "log.sqlite3").write_bytes(b"no database" * 100)
    (tmp_path / "log.sqlite3-wal").write_bytes(b"left")
    damaged = create_engine(f"sqlite:///{tmp_path / 'log.sqlite3'}")
    prepare_engine(damaged)
    put_away(damaged)
    assert "the write-ahead log stays beside the database" in caplog.text


def test_readers_keep_what_they_read_and_the_next_look_waits(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    shorten = write_ahead._shorten
    monkeypatch.setattr(write_ahead, "_shorten", lambda of: (tried.append(of), shorten(of))[1])
    keeper = LogKeeper()
    with Session(engine) as reader:
        assert reader.scalar(text("SELECT count(*) FROM noted")) == 0
        write(engine, LONG_BYTES)
        assert not keeper.look(engine) and not keeper.look(engine)
        assert len(tried) == 1, "the second look was too early for another try"
        assert reader.scalar(text("SELECT count(*) FROM noted")) == 0
    assert LogKeeper().look(engine) and size_of(engine) == 0


def test_the_worker_looks_after_the_log(app: Flask) -> None:
    with app.app_context():
        engine = db.engine
        write_to(engine)
        assert size_of(engine) > LONG_BYTES
    worker = Worker(app, {})
    thread = threading.Thread(target=worker.run_forever)
    thread.start()
    end, pause = time.monotonic() + LONG_SECONDS, threading.Event()
    while size_of(engine) > LONG_BYTES and time.monotonic() < end:
        pause.wait(0.01)
    worker.stopping.set()
    thread.join(LONG_SECONDS)
    assert size_of(engine) <= LONG_BYTES and not thread.is_alive()


def write_to(engine: Engine) -> None:
    with Session(engine) as session, writing(session):
        session.execute(text("CREATE TABLE noted (words TEXT)"))
    write(engine, LONG_BYTES)
