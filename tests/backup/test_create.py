"""Making a backup while the site runs."""

import stat
import threading
from pathlib import Path

import pytest
from flask import Flask

import blog
from blog.backup import creating
from blog.extensions import db
from blog.journal import queries
from blog.journal.reactions import REACTIONS
from tests.architecture.test_imports import ROOT
from tests.backup.archives import backup_of, manifest_of, run, unpacked
from tests.factories.articles import make_published
from tests.factories.comments import make_comment


def test_an_archive_holds_the_database_the_uploads_and_what_they_are(app: Flask, tmp_path: Path) -> None:
    make_comment(app, make_published(app))
    uploads = tmp_path / "data" / "uploads" / "ab"
    uploads.mkdir(parents=True)
    (uploads / "cd.png").write_bytes(b"a picture")
    archive = backup_of(app, tmp_path / "one.tar.gz")
    members, manifest = unpacked(archive), manifest_of(archive)
    assert list(members) == ["manifest.json", "database.sqlite3", "uploads/ab/cd.png"]
    assert members["uploads/ab/cd.png"] == b"a picture"
    assert [(one.name, one.size) for one in manifest.members] == [
        (name, len(content)) for name, content in members.items() if name != "manifest.json"
    ]
    assert manifest.version == blog.__version__
    assert (manifest.counts["articles"], manifest.counts["comments"]) == (1, 1)
    with app.app_context():
        assert manifest.journal_head == queries.newest_hash()


def test_secret_key_and_index_stay_out(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "data" / "index").mkdir(exist_ok=True)
    (tmp_path / "data" / "index" / "CURRENT").write_text("x")
    assert (tmp_path / "data" / "secret_key").exists()
    assert list(unpacked(backup_of(app, tmp_path / "one.tar.gz"))) == ["manifest.json", "database.sqlite3"]


def test_links_among_the_uploads_are_not_followed(app: Flask, tmp_path: Path) -> None:
    uploads = tmp_path / "data" / "uploads"
    uploads.mkdir()
    (uploads / "a.png").symlink_to(tmp_path / "data" / "secret_key")
    assert "uploads/a.png" not in unpacked(backup_of(app, tmp_path / "one.tar.gz"))


def test_only_the_owner_reads_an_archive_and_nothing_else_is_left(app: Flask, tmp_path: Path) -> None:
    assert run(app, "create").exit_code == 0
    (archive,) = (tmp_path / "data" / "backups").iterdir()
    assert archive.match(creating.NAME)
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600


def test_nothing_is_overwritten(app: Flask, tmp_path: Path) -> None:
    archive = backup_of(app, tmp_path / "one.tar.gz")
    before = archive.read_bytes()
    result = run(app, "create", "--to", archive)
    assert (result.exit_code, result.output) == (
        1,
        f"Error: {archive} is there already; nothing is overwritten\n",
    )
    assert archive.read_bytes() == before


def test_a_failed_backup_leaves_no_file(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(creating, "SPARE_BYTES", 10**18)
    result = run(app, "create", "--to", tmp_path / "out" / "one.tar.gz")
    assert result.exit_code == 1
    assert "MB are needed" in result.output
    assert list((tmp_path / "out").iterdir()) == []


def test_what_a_killed_run_left_is_swept_away_a_day_later(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "out" / f"{creating.SCRATCH}abc"
    left.mkdir(parents=True)
    backup_of(app, tmp_path / "out" / "one.tar.gz")
    assert left.exists()
    monkeypatch.setattr(creating, "STALE_SECONDS", -1)
    backup_of(app, tmp_path / "out" / "two.tar.gz")
    assert not left.exists()


def test_only_old_backups_of_our_naming_are_pruned(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    names = [f"hindsight-202601{day:02}T030000Z.tar.gz" for day in range(1, 6)]
    for name in [*names, "hindsight-before-the-upgrade.tar.gz", "holiday.jpg"]:
        (folder / name).write_bytes(b"")
    assert run(app, "create", "--to", folder, "--keep", 3).exit_code == 0
    kept = {path.name for path in folder.iterdir()}
    assert {"hindsight-before-the-upgrade.tar.gz", "holiday.jpg", *names[3:]} < kept
    assert kept.isdisjoint(names[:3])
    assert len(kept) == 5


def test_pruning_needs_a_folder(app: Flask, tmp_path: Path) -> None:
    result = run(app, "create", "--to", tmp_path / "one.tar.gz", "--keep", 3)
    assert result.exit_code == 2
    assert not (tmp_path / "one.tar.gz").exists()


def test_a_site_on_a_database_server_is_told_what_to_use(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        address = db.engine.url.set(drivername="postgresql", database="hindsight")
        monkeypatch.setattr(db.engine, "url", address)
    result = run(app, "create")
    assert result.exit_code == 1
    assert "pg_dump" in result.output


def test_a_backup_during_writes_is_of_one_moment(app: Flask, tmp_path: Path) -> None:
    article = make_published(app)
    stop, failures = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            try:
                make_comment(app, article)
            except Exception as error:
                failures.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        archives = [backup_of(app, tmp_path / f"{number}.tar.gz") for number in range(3)]
    finally:
        stop.set()
        writer.join()
    assert failures == []
    for archive in archives:
        assert run(app, "verify", archive).exit_code == 0
        counts = manifest_of(archive).counts
        of_each, of_the_write_up = len(REACTIONS["comment.posted"]), len(REACTIONS["article.published"])
        assert counts["jobs"] == of_each * counts["comments"] + of_the_write_up
    with app.app_context():
        db.session.rollback()
        assert list(queries.broken_links()) == []


def test_the_version_is_the_one_of_the_project() -> None:
    assert f'version = "{blog.__version__}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
