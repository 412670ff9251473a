"""Rows that no form of ours would have let in, written by SQL: every page that shows them survives, and stays inert."""

import json
from pathlib import Path
from xml.etree import ElementTree

import html5lib
import pytest
from flask import Flask
from sqlalchemy import text

from blog.extensions import db
from blog.lib.database import writing
from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.people import ADA, ARUN, MIA, join
from tests.visitor import Visitor, signed_in

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}\x01\x0b\u202e&amp;" + "w" * 400
PAGES = [
    "/", "/postmortems/", "/postmortems/hit", "/postmortems/hit/revisions", "/tags/", "/services/", "/people/{mia}",
    "/moderation/", "/moderation/log", "/editor/", "/account/users", "/search?q=queue", "/search?q=w*", "/sitemap.xml",
    "/feed.atom", "/feed.json", "/api/v1/articles", "/api/v1/articles/hit", "/api/v1/articles/hit/comments",
]  # fmt: skip


@pytest.fixture
def spoiled(app: Flask) -> Flask:
    """A write-up, a name and a comment whose columns were overwritten behind the program's back."""
    article = make_published(app, slug="hit", author=ARUN, incidents=[{"services": ["Mailer"]}])
    make_comment(app, article, user=MIA)
    app.test_cli_runner().invoke(args=["search", "rebuild"])
    with app.app_context(), writing(db.session):
        for statement in (
            "UPDATE articles SET title = :x, summary = :x, authors = json_array(:x), card = '{}'",
            "UPDATE users SET name = :x, about = :x",
            "UPDATE comments SET text = :x, anchor = :x, renderer_version = 'old'",
            "UPDATE article_terms SET name = :x",
            "UPDATE services SET name = :x",
            "UPDATE revisions SET note = :x, title = :x, renderer_version = 'old'",
        ):
            db.session.execute(text(statement), {"x": HOSTILE})
    return app


@pytest.mark.parametrize("path", PAGES)
def test_a_page_survives_and_stays_inert(spoiled: Flask, path: str) -> None:
    client = spoiled.test_client()
    assert isinstance(client, Visitor)
    signed_in(client, ADA)
    answer = client.get(path.format(mia=join(spoiled, MIA).id))
    assert answer.status_code == 200
    if answer.mimetype == "text/html":
        tree = html5lib.parse(answer.text, namespaceHTMLElements=False)
        assert [one for one in tree.iter("script") if not one.get("src")] == []
        assert [one for one in tree.iter() if any(str(name).startswith("on") for name in one.keys())] == []  # noqa: SIM118
        assert "{{ 7*7 }}" in answer.text or "alert(1)" not in answer.text
    elif "json" in answer.mimetype:
        json.loads(answer.text)
    else:
        ElementTree.fromstring(answer.data)


def test_the_index_and_the_export_survive(spoiled: Flask, tmp_path: Path) -> None:
    runner = spoiled.test_cli_runner()
    assert runner.invoke(args=["search", "rebuild"]).exit_code == 0
    result = runner.invoke(args=["export", str(tmp_path / "out.jsonl")])
    assert result.exit_code == 0, result.output
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["type"] for line in lines} == {"user", "article", "comment"}
