"""The drill: what was backed up is put back elsewhere and runs."""

import errno
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from blog.accounts.models import Session, User
from blog.backup import creating, restoring
from blog.comments.models import Comment
from blog.extensions import db
from blog.journal import queries
from blog.journal.models import Event, Job, Lease
from blog.journal.reactions import REACTIONS
from blog.journal.worker import Worker
from blog.lib import clock
from blog.lib.database import writing
from blog.lib.migrating import alembic
from tests.backup.archives import backup_of, manifest_of, run
from tests.conftest import MakeApp
from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.people import MIA
from tests.visitor import Visitor, signed_in


@pytest.fixture
def archive(app: Flask, tmp_path: Path) -> Path:
    article = make_published(app, slug="kept", title="Kept through the fire")
    make_comment(app, article, text="A word about xylophones.")
    uploads = tmp_path / "data" / "uploads"
    uploads.mkdir()
    (uploads / "picture.png").write_bytes(b"a picture")
    return backup_of(app, tmp_path / "whole.tar.gz")


def opened(folder: Path) -> Flask:
    site = create_app({"data_dir": folder, "worker": "off", "rate_limits": False})
    site.testing, site.test_client_class = True, Visitor
    return site


def closed(site: Flask) -> None:
    with site.app_context():
        db.engine.dispose()
    site.extensions["hindsight_search"].close()


def test_the_drill(app: Flask, archive: Path, tmp_path: Path) -> None:
    make_comment(app, make_published(app), text="Said after the backup.")
    result = run(app, "restore", archive, "--to", tmp_path / "new")
    assert result.exit_code == 0, result.output
    site, manifest = opened(tmp_path / "new"), manifest_of(archive)
    with site.app_context():
        assert db.session.scalar(select(func.count(Comment.id))) == manifest.counts["comments"] == 1
        assert list(queries.broken_links()) == []
        newest = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
        assert newest is not None
        assert (newest.kind, newest.previous_hash) == ("backup.restored", manifest.journal_head)
    assert (tmp_path / "new" / "uploads" / "picture.png").read_bytes() == b"a picture"
    worker: Worker = site.extensions["hindsight_worker"]
    worker.do_chores()  # as at every start: it finds no index and makes one
    worker.drain()
    client = site.test_client()
    assert "Kept through the fire" in client.get("/search?q=xylophones").text
    assert "Kept through the fire" in client.get("/postmortems/kept").text
    entered = client.post("/account/login", data={"email": MIA.email, "password": MIA.password})
    assert entered.status_code == 303
    said = client.post("/postmortems/kept/comments", data={"text": "And here we go on."})
    assert said.status_code == 303
    closed(site)


def test_a_folder_with_data_is_left_alone(app: Flask, archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "full"
    target.mkdir()
    (target / "precious").write_text("x")
    result = run(app, "restore", archive, "--to", target)
    assert (result.exit_code, "not empty" in result.output) == (1, True)
    assert [path.name for path in target.iterdir()] == ["precious"]


def test_what_is_replaced_is_kept_aside(app: Flask, archive: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    make_comment(app, make_published(app), text="Said after the backup.")
    for name in ("pages.sqlite3", "index"):
        (data / name).mkdir(exist_ok=True)
    secret = (data / "secret_key").read_text()
    assert run(app, "restore", archive).exit_code == 1
    closed(app)
    result = run(app, "restore", archive, "--replace")
    assert result.exit_code == 0, result.output
    (aside,) = data.glob("replaced-*")
    assert not (data / "pages.sqlite3").exists()
    assert not (data / "index").exists()
    assert (data / "secret_key").read_text() == secret
    assert str(aside) in result.output
    for folder, comments in ((data, 1), (aside, 2)):
        with closing(sqlite3.connect(folder / "hindsight.sqlite3")) as connection:
            assert connection.execute("SELECT count(*) FROM comments").fetchone() == (comments,)
    assert (aside / "uploads" / "picture.png").exists()
    assert run(app, "restore", archive, "--replace").exit_code == 0  # again, with the first one still there
    assert len(list(data.glob("replaced-*"))) == 2


def test_a_folder_in_use_is_refused_and_stays_as_it_was(app: Flask, archive: Path, tmp_path: Path) -> None:
    data, before = tmp_path / "data", time.monotonic()
    closed(app)
    with closing(sqlite3.connect(data / "hindsight.sqlite3")) as other:
        other.execute("SELECT count(*) FROM comments").fetchone()  # a site at rest: open, with nothing under way
        result = run(app, "restore", archive, "--replace")
        assert (result.exit_code, "in use" in result.output) == (1, True)
        assert time.monotonic() - before < 60
        assert other.execute("SELECT count(*) FROM comments").fetchone() == (1,)
    assert not list(data.glob("replaced-*"))
    assert not list(data.glob(".hindsight-*"))


def test_a_restore_that_fails_half_way_puts_everything_back(
    app: Flask, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_comment(app, make_published(app, slug="since"), text="Said after the backup.")
    closed(app)

    def full(_staged: Path, _data_dir: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(restoring, "_move_in", full)
    result = run(app, "restore", archive, "--replace")
    assert (result.exit_code, "No space left" in result.output) == (1, True)
    data = tmp_path / "data"
    assert (data / "uploads" / "picture.png").exists()
    assert not [path.name for path in data.iterdir() if path.name.startswith(("replaced-", ".hindsight-"))]
    site = opened(data)
    assert site.test_client().get("/postmortems/since").status_code == 200
    closed(site)


def test_what_a_killed_restore_left_is_swept_away_a_day_later(
    app: Flask, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "new" / f"{restoring.SCRATCH}abc"
    left.mkdir(parents=True)
    monkeypatch.setattr(creating, "STALE_SECONDS", -1)
    assert run(app, "restore", archive, "--to", tmp_path / "new").exit_code == 0
    assert not left.exists()


def test_a_damaged_database_can_be_replaced(app: Flask, archive: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    closed(app)
    (data / "hindsight.sqlite3").write_bytes(b"not a database at all" * 1_000)
    assert run(app, "restore", archive, "--replace").exit_code == 0
    site = opened(data)
    assert site.test_client().get("/postmortems/kept").status_code == 200
    closed(site)


def test_what_was_under_way_is_ended(make_app: MakeApp, app: Flask, tmp_path: Path) -> None:
    signed_in(app.test_client(), MIA)
    make_published(app)
    with app.app_context(), writing(db.session):
        db.session.add(Lease(name="search.index", holder="gone", until=clock.now()))
        for job in db.session.scalars(select(Job)):
            job.locked_until = clock.now()
    archive = backup_of(app, tmp_path / "x.tar.gz")
    assert run(app, "restore", archive, "--to", tmp_path / "new").exit_code == 0
    site = opened(tmp_path / "new")
    with site.app_context():
        assert db.session.scalar(select(func.count(Session.id))) == 0
        assert db.session.scalar(select(func.count(Lease.name))) == 0
        assert db.session.scalar(select(func.count(Job.id)).where(Job.locked_until.is_not(None))) == 0
        assert db.session.scalar(select(func.count(Job.id))) == len(REACTIONS["article.published"])
        assert db.session.scalar(select(func.count(User.id))) > 0
    closed(site)


def test_an_older_backup_is_brought_up_to_date(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        first, newest = alembic.script_directory.get_base(), alembic.script_directory.get_current_head()
        assert first
        alembic.downgrade(first)
    old = backup_of(app, tmp_path / "old.tar.gz")
    assert run(app, "restore", old, "--to", tmp_path / "new").exit_code == 0
    site = opened(tmp_path / "new")
    with site.app_context():
        assert [one.revision for one in alembic.current()] == [newest]
    assert site.test_client().get("/").status_code == 200
    closed(site)


def test_a_database_named_elsewhere_is_not_replaced_by_accident(make_app: MakeApp, app: Flask, tmp_path: Path) -> None:
    archive = backup_of(app, tmp_path / "x.tar.gz")
    other = make_app(database_url=f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}")
    result = run(other, "restore", archive)
    assert (result.exit_code, "--to" in result.output) == (1, True)


def test_a_backup_of_every_older_schema_passes(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        revisions = [one.revision for one in alembic.script_directory.walk_revisions()][1:]
    for number, revision in enumerate(revisions):
        with app.app_context():
            alembic.downgrade(revision)
        old = backup_of(app, tmp_path / f"old{number}.tar.gz")
        assert manifest_of(old).revision == revision
        assert run(app, "verify", old).exit_code == 0
