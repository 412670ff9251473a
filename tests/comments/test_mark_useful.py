"""Saying that a comment was useful, and taking it back."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog import policy
from blog.accounts.models import Program
from blog.articles.models import Article
from blog.comments import mark_changes, mark_queries, queries
from blog.comments.mark_models import UsefulMark
from blog.errors import NotAllowed
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.database import writing
from tests.factories.articles import make_published
from tests.factories.comments import make_comment, row_of
from tests.people import ADA, MIA, NOOR, join
from tests.visitor import Visitor, signed_in

ADDRESS = "/postmortems/disk-full"
SCRIPT = {"X-Requested-With": "fetch"}


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


@pytest.fixture
def said(app: Flask, article: Article) -> int:
    """The number of a comment by Mia."""
    return make_comment(app, article, user=MIA).id


def events(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Event.kind).where(Event.kind.contains("marked")).order_by(Event.id)))


def test_a_member_marks_a_comment_and_everybody_sees_the_count(app: Flask, client: Visitor, said: int) -> None:
    signed_in(client, NOOR)
    answer = client.post("/comments/useful", data={"comment": str(said)})
    assert (answer.status_code, answer.location) == (303, f"/comments/{said}")
    assert "Marked as useful." in client.get(ADDRESS).text
    assert "<span>Useful to 1</span>" in app.test_client().get(ADDRESS).text
    assert 'class="useful-count">1<' in client.get(ADDRESS).text
    assert row_of(app, said).useful_count == 1
    assert client.get("/api/v1/articles/disk-full/comments").get_json()["items"][0]["useful"] == 1


def test_marking_twice_counts_once_and_offers_to_take_it_back(app: Flask, client: Visitor, said: int) -> None:
    signed_in(client, NOOR)
    client.post("/comments/useful", data={"comment": str(said)})
    again = client.post("/comments/useful", data={"comment": str(said)})
    assert again.location == f"/comments/{said}/useful"
    assert "Take my mark back" in client.get(again.location).text
    assert (row_of(app, said).useful_count, events(app)) == (1, ["comment.marked_useful"])


def test_a_mark_is_taken_back(app: Flask, client: Visitor, said: int) -> None:
    signed_in(client, NOOR)
    client.post("/comments/useful", data={"comment": str(said)})
    for _ in range(2):
        assert client.post("/comments/not-useful", data={"comment": str(said)}).status_code == 303
    assert row_of(app, said).useful_count == 0
    assert events(app) == ["comment.marked_useful", "comment.unmarked_useful"]
    assert "Useful to" not in app.test_client().get(ADDRESS).text
    assert "Mark as useful" in client.get(f"/comments/{said}/useful").text


def test_marks_of_several_members_add_up(app: Flask, said: int) -> None:
    for person in (NOOR, ADA):
        client = app.test_client()
        signed_in(client, person)
        client.post("/comments/useful", data={"comment": str(said)})
    assert row_of(app, said).useful_count == 2


def test_a_script_is_told_the_count_and_its_own_mark(client: Visitor, said: int) -> None:
    signed_in(client, NOOR)
    for _ in range(2):
        answer = client.post("/comments/useful", data={"comment": str(said)}, headers=SCRIPT)
        assert (answer.json, answer.headers["Cache-Control"]) == ({"useful": 1, "marked": True}, "private, no-store")
    assert client.post("/comments/not-useful", data={"comment": str(said)}, headers=SCRIPT).json == {
        "useful": 0,
        "marked": False,
    }


def test_nobody_marks_their_own_words(client: Visitor, said: int) -> None:
    signed_in(client, MIA)
    assert client.post("/comments/useful", data={"comment": str(said)}).status_code == 403
    page = client.get(ADDRESS).text
    assert 'form="useful"' not in page and f"/comments/{said}/withdraw" in page


def test_readers_who_are_not_signed_in_see_no_button(client: Visitor, said: int) -> None:
    assert 'form="useful"' not in client.get(ADDRESS).text
    answer = client.post("/comments/useful", data={"comment": str(said)})
    assert answer.status_code in (303, 403) and f"/comments/{said}" != answer.location


def test_what_was_withdrawn_takes_no_mark(app: Flask, client: Visitor, said: int) -> None:
    signed_in(client, MIA)
    client.post(f"/comments/{said}/withdraw")
    other = app.test_client()
    signed_in(other, NOOR)
    assert other.post("/comments/useful", data={"comment": str(said)}).status_code == 403
    assert row_of(app, said).useful_count == 0


def test_a_program_marks_nothing(app: Flask, article: Article, said: int) -> None:
    noor = join(app, NOOR)
    with app.app_context(), writing(db.session):
        comment = queries.comment_for(noor, said)
        assert policy.can_mark_comment(noor, comment, article)
        noor.act_through(Program(1, "hs_abc", "bot"))
        with pytest.raises(NotAllowed):
            mark_changes.mark_useful(actor=noor, comment=comment)


def test_forgetting_a_person_takes_their_marks_from_the_counts(app: Flask, client: Visitor, said: int) -> None:
    for person in (NOOR, ADA):
        browser = app.test_client()
        signed_in(browser, person)
        browser.post("/comments/useful", data={"comment": str(said)})
    assert "<span>Useful to 2</span>" in client.get(ADDRESS).text
    noor = join(app, NOOR)
    with app.app_context(), writing(db.session):
        assert [mark.comment_id for mark in mark_queries.marks_of(noor)] == [said]
        mark_changes.forget_marks(noor)
    assert "<span>Useful to 1</span>" in client.get(ADDRESS).text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(UsefulMark)) == 1
