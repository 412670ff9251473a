"""What changed since a member read a write-up last is marked for them, and for nobody else."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog.articles.models import Article
from blog.articles.visit_models import Visit
from blog.extensions import db
from blog.journal.models import Event
from tests.editor.editor_pages import as_person
from tests.factories.articles import make_published, make_revised
from tests.people import MIA, NOOR

ROW = {"id": "t1", "text": "The disk filled."}
MARK = 'class="since-mark"'


@pytest.fixture
def article(app: Flask) -> Iterator[Article]:
    yield make_published(app, slug="full", body="One.\n\nTwo.", timeline=[ROW])


def revise(app: Flask, article: Article) -> None:
    rows = [{**ROW, "text": "The disk had filled."}, {"id": "t2", "text": "Mended."}]
    make_revised(app, article, public_note="More of the night.", body="One.\n\nTwo and a half.", timeline=rows)


def test_what_is_new_is_marked_until_it_was_read(app: Flask, article: Article) -> None:
    mia = as_person(app, MIA)
    assert mia.post("/postmortems/full/visit", data={"revision": "1"}).status_code == 303
    assert MARK not in mia.get("/postmortems/full").text
    revise(app, article)
    page = mia.get("/postmortems/full").text
    assert f"<span {MARK}>changed</span>" in page
    assert f"<span {MARK}>new</span>" in page
    assert "You read revision 1" in page
    assert "More of the night." in page
    marked = page.split('class="since-block"')[1].split("</div>")[0]
    assert "Two and a half." in marked
    assert "One." not in marked
    assert mia.post("/postmortems/full/visit", data={"revision": "2", "quiet": "yes"}).status_code == 204
    assert MARK not in mia.get("/postmortems/full").text


def test_others_see_no_marks_of_mine(app: Flask, article: Article) -> None:
    mia, noor, nobody = as_person(app, MIA), as_person(app, NOOR), app.test_client()
    mia.post("/postmortems/full/visit", data={"revision": "1"})
    noor.post("/postmortems/full/visit", data={"revision": "1"})
    revise(app, article)
    noor.post("/postmortems/full/visit", data={"revision": "2"})
    for _ in range(2):  # from the view, then from what is kept
        assert MARK in mia.get("/postmortems/full").text
        assert MARK not in noor.get("/postmortems/full").text
        assert MARK not in nobody.get("/postmortems/full").text


def test_having_read_an_older_one_late_is_marked_at_once(app: Flask, article: Article) -> None:
    mia, noor = as_person(app, MIA), as_person(app, NOOR)
    revise(app, article)
    for _ in range(3):
        assert MARK not in noor.get("/postmortems/full").text
        assert MARK not in mia.get("/postmortems/full").text
    mia.post("/postmortems/full/visit", data={"revision": "1"})
    for _ in range(3):
        assert MARK in mia.get("/postmortems/full").text
        assert MARK not in noor.get("/postmortems/full").text


def test_reading_notes_nothing_by_itself_and_the_journal_never_learns(app: Flask, article: Article) -> None:
    mia = as_person(app, MIA)
    with app.app_context():
        before = db.session.scalar(select(func.count(Event.id)))
    mia.get("/postmortems/full")
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Visit)) == 0
    for _ in range(2):
        mia.post("/postmortems/full/visit", data={"revision": "1"})
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Visit)) == 1
        assert db.session.scalar(select(func.count(Event.id))) == before


def test_only_members_note_what_was_published(app: Flask, article: Article) -> None:
    assert app.test_client().post("/postmortems/full/visit", data={"revision": "1"}).status_code == 403
    mia = as_person(app, MIA)
    for number in ("2", "0", "-1", "x", ""):
        assert mia.post("/postmortems/full/visit", data={"revision": number}).status_code == 404
    assert 'data-behaviour="visit"' not in app.test_client().get("/postmortems/full").text
    assert 'data-behaviour="visit"' in mia.get("/postmortems/full").text


@pytest.mark.parametrize("number", ["-1", str(2**31), str(2**63)])
def test_a_number_that_no_revision_has_was_not_read(app: Flask, number: str) -> None:
    article = make_published(app)
    answer = as_person(app, MIA).post(f"/postmortems/{article.slug}/visit", data={"revision": number})
    assert answer.status_code == 404
