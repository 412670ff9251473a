"""A full disk: writes are refused and nothing is torn, reading goes on, and all is well again once there is room.

The database is held to its size by SQLite's own `max_page_count`, files by the limit that the system has for a process;
`python -m bench.crash_disk` does the same on a real file system of a few megabytes.
"""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text

from blog.comments.models import Comment
from blog.extensions import db
from blog.journal import queries
from blog.journal.models import Event, Job
from blog.search.engine import Put
from tests.factories.articles import make_published
from tests.people import MIA
from tests.search.documents import comment
from tests.search.site import engine_of, index_now
from tests.visitor import Visitor, signed_in

FORM = "/postmortems/disk-full/comments"
LONG = "A long text that needs pages of its own. " * 200


@contextmanager
def full_database(app: Flask) -> Iterator[None]:
    """No page more than there are now, for every connection."""
    with app.app_context():
        engine = db.engine
        with engine.connect() as connection:
            pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        engine.dispose()

    def hold(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(engine, "connect", hold)
    try:
        yield
    finally:
        event.remove(engine, "connect", hold)
        engine.dispose()


def facts(app: Flask) -> tuple[int, ...]:
    with app.app_context():
        assert db.session.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
        assert list(queries.broken_links()) == []
        return tuple(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (Comment, Event, Job))


@pytest.fixture
def reader(app: Flask, client: Visitor) -> Visitor:
    make_published(app, slug="disk-full")
    index_now(app)
    signed_in(client, MIA)
    return client


def test_a_comment_that_has_no_room_is_refused_whole_and_its_text_kept(app: Flask, reader: Visitor) -> None:
    before = facts(app)
    with full_database(app):
        for number in range(3):
            answer = reader.post(FORM, data={"text": f"{number} {LONG}"})
            if answer.status_code != 303:
                break
            before = facts(app)  # a page that was there had room for one
        assert answer.status_code in (503, 507)
        assert int(answer.headers["Retry-After"]) > 0
        assert LONG[:40] in answer.text
        for address in ("/", "/postmortems/disk-full", "/search?q=disk", "/feed.atom", "/healthz"):
            assert reader.get(address).status_code == 200, address
        assert facts(app) == before
    assert reader.post(FORM, data={"text": f"again {LONG}"}).status_code == 303
    assert facts(app)[0] == before[0] + 1


WITHOUT_ROOM = """
import os, resource, sys
from app import create_app
from blog.search.engine import IndexUnavailable, Put
from tests.search.documents import comment
app = create_app({"data_dir": sys.argv[1], "worker": "off"})
engine = app.extensions["hindsight_search"].get()
batch = [Put(comment(number, on=1, text="zirconium " + sys.argv[2])) for number in range(50)]
resource.setrlimit(resource.RLIMIT_FSIZE, (512, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
try:
    engine.apply(batch, engine.mark() + 1)
except (IndexUnavailable, OSError):
    os._exit(7)
os._exit(0)
"""


def test_an_index_that_has_no_room_stays_as_it_was_and_catches_up_later(app: Flask, reader: Visitor) -> None:
    """The writer is a process of its own: Whoosh leaves the files of a failed write to the garbage collector."""
    engine, folder = engine_of(app), app.extensions["hindsight_settings"].data_dir
    keys, mark = engine.all_keys(), engine.mark()
    command = [sys.executable, "-c", WITHOUT_ROOM, str(folder), LONG]
    assert subprocess.run(command, capture_output=True, timeout=100, check=False).returncode == 7
    assert (engine.all_keys(), engine.mark()) == (keys, mark)
    assert reader.get("/search?q=disk").status_code == 200
    engine.apply([Put(comment(1, on=1, text="zirconium"))], mark + 1)
    assert engine.all_keys() == keys | {"c:1"}
    assert engine.check(deep=True).openable


def test_a_table_of_limits_without_room_lets_requests_pass(limited_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    client = limited_app.test_client()
    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", no_room)
        handles = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(10):
            assert client.get("/nothing-here").status_code == 404
        assert len(list(Path("/proc/self/fd").iterdir())) < handles + 10
    assert client.get("/nothing-here").status_code == 404
