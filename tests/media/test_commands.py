"""Taking pictures along with an export: under the same names, and never on trust."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from blog.extensions import db
from blog.lib.migrating import alembic
from blog.media.models import Upload
from tests.factories.articles import make_draft, make_published
from tests.factories.media import file_of, make_upload
from tests.people import ARUN, MIA, join


def run(app: Flask, *args: object) -> Result:
    return app.test_cli_runner().invoke(args=["pictures", *map(str, args)])


@pytest.fixture
def shown(app: Flask) -> Upload:
    """A picture of a published write-up; others are of a draft, or of no text."""
    upload, unseen, _ = make_upload(app, alt="A “quoted” ] word"), make_upload(app), make_upload(app)
    make_published(app, body=f"It climbed.\n\n{upload.markdown}")
    make_draft(app, body=f"Not yet.\n\n{unseen.markdown}")
    return upload


@pytest.fixture
def other(tmp_path: Path) -> Flask:
    site = create_app({"data_dir": tmp_path / "other", "worker": "off", "rate_limits": False})
    with site.app_context():
        alembic.upgrade()
    join(site, ARUN)
    join(site, MIA)
    return site


def count(site: Flask) -> int:
    with site.app_context():
        return db.session.scalar(select(func.count()).select_from(Upload)) or 0


def test_pictures_of_published_write_ups_go_to_another_site(
    app: Flask, shown: Upload, other: Flask, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    assert run(app, "export", folder).exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted([shown.name, "pictures.jsonl"])
    for told in ("1 picture(s) brought in, 0 known", "0 picture(s) brought in, 1 known"):
        result = run(other, "import", folder, "--by", ARUN.email)
        assert (result.exit_code, told in result.output) == (0, True), result.output
    assert other.test_client().get(shown.address).status_code == 200
    with other.app_context():
        assert db.session.scalars(select(Upload.alt)).one() == shown.alt
    other.extensions["hindsight_search"].close()


def test_what_is_no_picture_of_an_export_is_refused_line_by_line(other: Flask, tmp_path: Path) -> None:
    good, wrong, link = (f"{digit * 32}.png" for digit in "abc")
    (tmp_path / "in").mkdir()
    folder = tmp_path / "in"
    (folder / good).write_bytes(file_of())
    (folder / wrong).write_bytes(b"<svg/>")
    (folder / link).symlink_to(folder / good)
    names = [good, wrong, link, "../other/secret_key", "0" * 32 + ".png", f"{'a' * 32}.svg"]
    lines = [json.dumps({"name": name, "alt": "A picture"}) for name in names]
    (folder / "pictures.jsonl").write_text("\n".join([*lines, "{", "[]", '{"name": 1}', "[" * 5000]))
    result = run(other, "import", folder, "--by", ARUN.email)
    assert result.exit_code == 1
    assert "1 picture(s) brought in, 0 known before, 9 refused" in result.output
    assert count(other) == 1


def test_only_for_those_who_may_upload(other: Flask, app: Flask, shown: Upload, tmp_path: Path) -> None:
    run(app, "export", tmp_path / "pictures")
    for email in (MIA.email, "nobody@people.example"):
        assert run(other, "import", tmp_path / "pictures", "--by", email).exit_code == 1
    assert count(other) == 0


def test_nothing_is_overwritten(app: Flask, shown: Upload, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    assert "is not empty" in run(app, "export", tmp_path / "full").output
