"""`flask export`: the same site gives the same bytes, and what comes out brings the same site back."""

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from blog.accounts.models import User
from blog.articles import addresses
from blog.articles.models import Article
from blog.articles.plain_text import from_text
from blog.comments import merging
from blog.comments.models import Comment, CommentState
from blog.extensions import db
from blog.lib.database import writing
from blog.my_data.changes import erase
from blog.transfer import writers
from tests.conftest import MakeApp
from tests.factories.actions import make_done
from tests.factories.comments import make_comment
from tests.people import ARUN, MIA, ROSA, join
from tests.transfer.reading import FILES
from tests.transfer.site import articles_in, rows_in, rows_of, run_export, run_import


def other_site(make_app: MakeApp, template_database: Path, folder: Path) -> Flask:
    folder.mkdir()
    (folder / "hindsight.sqlite3").write_bytes(template_database.read_bytes())
    return make_app(data_dir=folder)


def test_a_bundle_brings_an_equal_site_back(
    app: Flask, make_app: MakeApp, template_database: Path, tmp_path: Path
) -> None:
    run_import(app, FILES)
    assert run_export(app, tmp_path / "one.jsonl").exit_code == 0
    other = other_site(make_app, template_database, tmp_path / "other")
    assert run_import(other, tmp_path / "one.jsonl").exit_code == 0
    run_export(other, tmp_path / "two.jsonl")
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()
    assert len((tmp_path / "one.jsonl").read_bytes().splitlines()) == 2 + 10 + 3


def test_markdown_brings_equal_write_ups_back(
    app: Flask, make_app: MakeApp, template_database: Path, tmp_path: Path
) -> None:
    run_import(app, FILES)
    run_export(app, tmp_path / "one", "--format", "markdown")
    other = other_site(make_app, template_database, tmp_path / "other")
    assert run_import(other, tmp_path / "one").exit_code == 0
    run_export(other, tmp_path / "two", "--format", "markdown")
    texts = [{path.name: path.read_text() for path in (tmp_path / name).iterdir()} for name in ("one", "two")]
    assert texts[0] == texts[1] and len(texts[0]) == 10


def test_a_bundle_brings_nothing_new_to_its_own_site(app: Flask, tmp_path: Path) -> None:
    run_import(app, FILES)
    run_export(app, tmp_path / "site.jsonl")
    before = rows_in(app)
    assert run_import(app, tmp_path / "site.jsonl").exit_code == 0
    assert rows_in(app) == before


def test_hidden_words_stay_inside_and_answers_to_them_come_out(app: Flask, tmp_path: Path) -> None:
    run_import(app, FILES / "bundles")
    with app.app_context(), writing(db.session):
        db.session.execute(update(Comment).where(Comment.text == "Which shelf?").values(state=CommentState.HIDDEN))
    run_export(app, tmp_path / "site.jsonl")
    text = (tmp_path / "site.jsonl").read_text()
    assert "Which shelf?" not in text and "otto@people.example" in text  # he wrote the other write-up
    assert "east" in text and '"parent"' not in text
    before = rows_in(app)
    run_import(app, tmp_path / "site.jsonl")
    assert rows_in(app) == before


def test_drafts_stay_inside(app: Flask, tmp_path: Path) -> None:
    run_import(app, FILES / "front", "--draft")
    run_export(app, tmp_path / "site.jsonl")
    assert (tmp_path / "site.jsonl").read_bytes() == b""


def test_an_exported_file_is_the_plain_text_of_its_document(app: Flask, tmp_path: Path) -> None:
    run_import(app, FILES / "plain")
    run_export(app, tmp_path / "out", "--format", "markdown")
    text = (tmp_path / "out" / "ferry-tickets-were-sold-twice.md").read_text()
    own = ("slug:", "published_at:", "authors:")
    document = from_text("\n".join(line for line in text.split("\n") if not line.startswith(own)))
    assert document.title == articles_in(app)["ferry-tickets-were-sold-twice"].title


@pytest.mark.parametrize("kind", ["bundle", "markdown"])
def test_an_export_that_breaks_off_leaves_what_was_there(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    run_import(app, FILES / "plain")
    folder = tmp_path / "out"
    folder.mkdir()
    if kind == "bundle":
        (folder / "site.jsonl").write_text("the good one")
    monkeypatch.setattr(writers, "time_text", lambda instant: 1 / 0)
    assert run_export(app, folder / "site.jsonl", "--format", kind).exit_code != 0
    left = {path.name: path.read_text() for path in folder.iterdir()}
    assert left == ({"site.jsonl": "the good one"} if kind == "bundle" else {})


def test_a_folder_that_holds_something_is_not_written_into(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.md").write_text("x")
    result = run_export(app, tmp_path / "out", "--format", "markdown")
    assert result.exit_code == 1 and "is there already" in result.output
    assert run_export(app, tmp_path / "out").exit_code == 1


def test_former_addresses_come_along(app: Flask, make_app: MakeApp, template_database: Path, tmp_path: Path) -> None:
    run_import(app, FILES / "bundles")
    first, second, *_ = sorted(articles_in(app).values(), key=lambda article: article.id)
    rosa = join(app, ROSA)
    with app.app_context(), writing(db.session):
        one, two = (db.session.get_one(Article, article.id) for article in (first, second))
        for article, slug in ((one, "named-anew"), (two, "told-first"), (two, second.slug)):
            addresses.change_slug(actor=rosa, article=article, slug=slug)
        merging.merge(actor=rosa, article=one, into=two, reason="Told twice.")
    run_export(app, tmp_path / "one.jsonl")
    other = other_site(make_app, template_database, tmp_path / "other")
    assert run_import(other, tmp_path / "one.jsonl").exit_code == 0
    run_export(other, tmp_path / "two.jsonl")
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()
    client = other.test_client()
    for slug in (first.slug, "named-anew", "told-first"):
        assert client.get(f"/postmortems/{slug}").headers["Location"] == f"/postmortems/{second.slug}"


def test_an_older_bundle_is_known_after_an_address_changed_or_two_were_merged(app: Flask, tmp_path: Path) -> None:
    run_import(app, FILES / "bundles")
    run_export(app, tmp_path / "older.jsonl")
    first, second, *_ = sorted(articles_in(app).values(), key=lambda article: article.id)
    rosa = join(app, ROSA)
    with app.app_context(), writing(db.session):
        one, two = (db.session.get_one(Article, article.id) for article in (first, second))
        addresses.change_slug(actor=rosa, article=two, slug="named-anew")
        merging.merge(actor=rosa, article=one, into=two, reason="Told twice.")
    before = rows_in(app)
    assert run_import(app, tmp_path / "older.jsonl").exit_code == 0
    assert rows_in(app) == before


def test_a_former_address_that_another_has_stays_with_that_one(app: Flask, tmp_path: Path) -> None:
    run_import(app, FILES / "bundles")
    taken = next(iter(articles_in(app)))
    line = {"type": "article", "slug": "new", "former_slugs": ["old", taken], "document": {"title": "New", "body": "B"}}
    (tmp_path / "one.jsonl").write_text(json.dumps(line))
    result = run_import(app, tmp_path / "one.jsonl")
    assert f"another write-up has its former address {taken}" in result.output
    client = app.test_client()
    assert client.get("/postmortems/old").headers["Location"] == "/postmortems/new"
    assert client.get(f"/postmortems/{taken}").status_code == 200
    (tmp_path / "two.jsonl").write_text(json.dumps({**line, "slug": "newer", "former_slugs": ["A b"]}))
    assert "former_slugs" in run_import(app, tmp_path / "two.jsonl").output


def test_a_site_with_erased_people_goes_out_and_comes_back_without_them(
    app: Flask, make_app: MakeApp, template_database: Path, tmp_path: Path
) -> None:
    done = make_done(app, by=ARUN)
    article = articles_in(app)
    [slug] = article
    first = make_comment(app, article[slug], user=ARUN, text="By who is erased.")
    make_comment(app, article[slug], user=MIA, text="An answer.", parent_id=first.id)
    number = join(app, ARUN).id
    with app.app_context(), writing(db.session):
        erase(person=db.session.get_one(User, number), actor=None)
    run_export(app, tmp_path / "one.jsonl")
    text = (tmp_path / "one.jsonl").read_text(encoding="utf-8")
    assert "Arun" not in text and ARUN.email not in text and "By who is erased" not in text
    other = other_site(make_app, template_database, tmp_path / "other")
    result = run_import(other, tmp_path / "one.jsonl")
    assert result.exit_code == 0, result.output
    assert articles_in(other)[slug].authors == ["Erased member"]
    assert done.state == "done" and [row.text for row in rows_of(other, Comment)] == ["An answer."]
