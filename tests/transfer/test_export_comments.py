"""`flask export --format disqus | wordpress | isso`: what other programs read, and what comes back as it was."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask

from blog.articles.models import Article
from blog.comments.models import Comment
from blog.extensions import db
from blog.lib.database import writing
from blog.moderation.changes import hide_comment
from tests.factories.articles import make_published
from tests.factories.comments import make_comment, row_of
from tests.people import ARUN, MIA, MOSS, NOOR, ROSA, join
from tests.transfer.site import rows_of, run_export, run_import

KINDS = ["disqus", "wordpress", "isso"]
ENDINGS = {"disqus": "xml", "wordpress": "xml", "isso": "db"}
TEXTS = (
    "Plain words, 2 < 3 & *more*.", "- one\n- two", "See <https://a.example/x_y> and `a_b`.", "> quoted\n\nanswered",
    "Deep.", "```\nif a < b:\n    pass\n```",
)  # fmt: skip


@pytest.fixture
def talked(app: Flask) -> Article:
    """A write-up with a thread three deep, and one beside it."""
    article = make_published(app, slug="kiln", author=ARUN, reviewer=ROSA, title="Kiln & <shelf>")
    parent = None
    for place, text in enumerate(TEXTS):
        parent = make_comment(
            app, article, user=(MIA, NOOR)[place % 2], text=text, parent_id=parent.id if parent else None
        )
        parent = None if place == 4 else parent
    return article


def said(rows: list[Any]) -> list[tuple[str, str, str]]:
    """(HTML, time, HTML of what it answers) of every comment."""
    html = {row.id: row.html for row in rows}
    return sorted((row.html, row.created_at.isoformat()[:19], html.get(row.parent_id, "")) for row in rows)


@pytest.fixture
def other(make_app: Callable[..., Flask], template_database: Path, tmp_path: Path) -> Flask:
    """Another site, with a write-up at the same address."""
    folder = tmp_path / "other"
    folder.mkdir()
    shutil.copyfile(template_database, folder / "hindsight.sqlite3")
    app = make_app(data_dir=folder)
    make_published(app, slug="kiln", author=ARUN, reviewer=ROSA)
    return app


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("talked")
def test_what_was_exported_comes_back_as_it_was(app: Flask, other: Flask, tmp_path: Path, kind: str) -> None:
    before, path = rows_of(app, Comment), tmp_path / f"comments.{ENDINGS[kind]}"
    result = run_export(app, path, "--format", kind)
    assert result.exit_code == 0 and "1 threads, 6 comments" in result.output
    assert run_import(other, path).exit_code == 0
    after = rows_of(other, Comment)
    if kind == "isso":  # it knows one level of replies
        assert [(row.html, row.root_id) for row in after if row.parent_id is None] != []
        assert sorted(row.html for row in after) == sorted(row.html for row in before)
        return
    assert said(after) == said(before)


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_everybody_sees_is_written(app: Flask, talked: Article, tmp_path: Path, kind: str) -> None:
    hidden = make_comment(app, talked, user=NOOR, text="Unfit words.")
    moss = join(app, MOSS)
    with app.app_context(), writing(db.session):
        hide_comment(actor=moss, comment=row_of(app, hidden.id), reason="for a test")
    path = tmp_path / f"comments.{ENDINGS[kind]}"
    run_export(app, path, "--format", kind)
    assert b"Unfit" not in path.read_bytes()


@pytest.mark.parametrize("kind", ["disqus", "wordpress"])
def test_the_xml_is_well_formed_whatever_was_said(app: Flask, tmp_path: Path, kind: str) -> None:
    article = make_published(app, slug="odd", author=ARUN, reviewer=ROSA, title="]]> & <odd>")
    comment = make_comment(app, article, text="]]> & <b> \ufffd")
    with app.app_context(), writing(db.session):
        db.session.get_one(Comment, comment.id).html = "<p>\x0b\ufffe]]></p>"
    path = tmp_path / "comments.xml"
    assert run_export(app, path, "--format", kind).exit_code == 0
    assert ElementTree.parse(path).getroot() is not None


def test_the_database_is_one_that_isso_opens(app: Flask, talked: Article, tmp_path: Path) -> None:
    path = tmp_path / "comments.db"
    run_export(app, path, "--format", "isso")
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert file.execute("SELECT uri FROM threads").fetchall() == [("/postmortems/kiln",)]
        parents = dict(file.execute("SELECT id, parent FROM comments").fetchall())
        assert all(parents[parent] is None for parent in parents.values() if parent)
        [(least,)] = file.execute("SELECT min(created) FROM comments").fetchall()
    assert abs(least - min(row.created_at for row in rows_of(app, Comment)).timestamp()) < timedelta(seconds=1).seconds


@pytest.mark.parametrize("kind", KINDS)
def test_a_site_without_comments_gives_a_whole_file(app: Flask, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"comments.{ENDINGS[kind]}"
    assert "0 threads, 0 comments" in run_export(app, path, "--format", kind).output
    assert path.stat().st_size > 0
