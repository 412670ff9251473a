"""What is new in a discussion since a member's last visit: only they learn of it, and nobody's page tells of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from blog.articles.models import Article
from blog.comments import visit_changes, visit_queries
from blog.comments.changes import set_state
from blog.comments.models import Comment, CommentState
from blog.comments.visit_models import ThreadVisit
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.database import writing
from blog.moderation.changes import approve_comment
from tests.comments.test_threads import ids_on
from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.people import MIA, MOSS, NOOR, RAVI, join
from tests.visitor import Visitor, signed_in

ADDRESS = "/postmortems/disk-full"
MINUTES = timedelta(minutes=1)


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


@pytest.fixture
def time() -> Iterator[Any]:
    with time_machine.travel(datetime.now(UTC), tick=False) as travelling:
        yield travelling


@pytest.fixture
def mia(app: Flask) -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    signed_in(client, MIA)
    return client


def read(client: Visitor, comment_id: int) -> None:
    """What the script of the page sends when its reader leaves."""
    fields = {"revision": "1", "comment": str(comment_id), "quiet": "yes"}
    assert client.post(f"{ADDRESS}/visit", data=fields).status_code == 204


def mine(client: Visitor) -> Any:
    answer = client.get(f"{ADDRESS}/comments/mine")
    assert answer.headers["Cache-Control"] == "private, no-store"
    return answer.json


def test_at_first_nothing_is_new(app: Flask, mia: Visitor, article: Article) -> None:
    make_comment(app, article, user=NOOR)
    assert (mine(mia)["read_until"], mine(mia)["new"]) == (None, 0)
    assert "does not know yet what you have read" in mia.get(f"{ADDRESS}/comments/new").text


def test_what_others_said_since_is_new(app: Flask, mia: Visitor, article: Article, time: Any) -> None:
    first = make_comment(app, article, user=NOOR).id
    read(mia, first)
    time.shift(60 * MINUTES)
    own, other = make_comment(app, article, user=MIA).id, make_comment(app, article, user=RAVI).id
    told = mine(mia)
    assert (told["read_until"], told["new"], told["first_new"]) == (first, 1, other)
    page = mia.get(f"{ADDRESS}/comments/new").text
    assert ids_on(page) == [other] and own not in ids_on(page)


def test_a_visit_of_several_pages_is_one(app: Flask, mia: Visitor, article: Article, time: Any) -> None:
    first = make_comment(app, article, user=NOOR).id
    read(mia, first)
    time.shift(60 * MINUTES)
    later = make_comment(app, article, user=NOOR).id
    for _ in range(3):  # leaving page after page of a long discussion
        read(mia, later)
        assert mine(mia)["first_new"] == later
        time.shift(20 * MINUTES)
    time.shift(20 * MINUTES)
    assert mine(mia)["new"] == 0


def test_nobody_has_read_what_is_not_there_yet(app: Flask, mia: Visitor, article: Article, time: Any) -> None:
    first = make_comment(app, article, user=NOOR).id
    for number in (10**6, 2**63, -5):
        read(mia, number)
    time.shift(60 * MINUTES)
    later = make_comment(app, article, user=NOOR).id
    assert (mine(mia)["read_until"], mine(mia)["first_new"]) == (first, later)


def test_an_older_page_that_is_left_late_takes_nothing_back(
    app: Flask, mia: Visitor, article: Article, time: Any
) -> None:
    first, second = make_comment(app, article, user=NOOR).id, make_comment(app, article, user=RAVI).id
    read(mia, second)
    read(mia, first)
    time.shift(60 * MINUTES)
    assert mine(mia)["read_until"] == second


def test_a_button_says_that_all_is_read(app: Flask, mia: Visitor, article: Article, time: Any) -> None:
    """Without a script: the page of a write-up, then the page of what is new."""
    first = make_comment(app, article, user=NOOR).id
    assert f'name="comment" value="{first}"' in mia.get(ADDRESS).text
    mia.post(f"{ADDRESS}/visit", data={"revision": "1", "comment": str(first)})
    time.shift(60 * MINUTES)
    second = make_comment(app, article, user=NOOR).id
    assert f'href="{ADDRESS}/comments/new"' in mia.get(ADDRESS).text
    page = mia.get(f"{ADDRESS}/comments/new").text
    assert f'name="comment" value="{second}"' in page and "1 comment, oldest first" in page
    answer = mia.post(f"{ADDRESS}/comments/read", data={"comment": str(second)})
    assert (answer.status_code, answer.location) == (303, f"{ADDRESS}#comments")
    assert "Nothing new." in mia.get(f"{ADDRESS}/comments/new").text


def test_what_was_hidden_or_withdrawn_is_not_new(app: Flask, mia: Visitor, article: Article, time: Any) -> None:
    read(mia, make_comment(app, article, user=NOOR).id)
    time.shift(60 * MINUTES)
    gone = make_comment(app, article, user=NOOR).id
    noor = app.test_client()
    signed_in(noor, NOOR)
    noor.post(f"/comments/{gone}/withdraw")
    assert mine(mia)["new"] == 0 and ids_on(mia.get(f"{ADDRESS}/comments/new").text) == []


def test_only_the_person_learns_of_it_and_the_journal_never(
    app: Flask, mia: Visitor, article: Article, time: Any
) -> None:
    first = make_comment(app, article, user=NOOR).id
    page = app.test_client().get(ADDRESS).text
    with app.app_context():
        before = db.session.scalar(select(func.count(Event.id)))
    read(mia, first)
    time.shift(60 * MINUTES)
    read(mia, first)
    with app.app_context():
        assert db.session.scalar(select(func.count(Event.id))) == before
    ravi = app.test_client()
    signed_in(ravi, RAVI)
    assert mine(ravi)["read_until"] is None
    assert app.test_client().get(ADDRESS).text == page


def test_a_person_is_told_which_comments_they_marked(app: Flask, mia: Visitor, article: Article) -> None:
    first, second = make_comment(app, article, user=NOOR).id, make_comment(app, article, user=RAVI).id
    mia.post("/comments/useful", data={"comment": str(second)})
    assert mine(mia)["marked"] == [second]
    mia.post("/comments/useful", data={"comment": str(first)})
    mia.post("/comments/not-useful", data={"comment": str(second)})
    assert mine(mia)["marked"] == [first]


def test_what_a_moderator_let_through_since_is_new_with_its_older_number(
    app: Flask, mia: Visitor, article: Article, time: Any
) -> None:
    held = make_comment(app, article, user=NOOR, traps=["links"])
    last = make_comment(app, article, user=RAVI)
    read(mia, last.id)
    time.shift(31 * MINUTES)
    assert mine(mia)["new"] == 0
    approve(app, held.id)
    told = mine(mia)
    assert (told["new"], told["first_new"], told["let_through"]) == (1, held.id, [held.id])
    assert f'id="comment-{held.id}"' in mia.get(f"{ADDRESS}/comments/new").text
    time.shift(MINUTES)
    read(mia, last.id)
    assert mine(mia)["let_through"] == [held.id]  # page two of the same visit
    time.shift(31 * MINUTES)
    assert mine(mia)["new"] == 0


def test_what_everybody_had_read_before_it_was_flagged_is_not_new(
    app: Flask, mia: Visitor, article: Article, time: Any
) -> None:
    said = make_comment(app, article, user=NOOR)
    read(mia, said.id)
    time.shift(31 * MINUTES)
    with app.app_context(), writing(db.session):
        row = db.session.get_one(Comment, said.id)
        set_state(row, CommentState.HELD, after=CommentState.VISIBLE, held_code="flags")
    approve(app, said.id)
    assert mine(mia)["new"] == 0


def approve(app: Flask, comment_id: int) -> None:
    moss = join(app, MOSS)
    with app.app_context(), writing(db.session):
        approve_comment(actor=moss, comment=db.session.get_one(Comment, comment_id))


def test_readers_who_are_not_signed_in_have_nothing_of_their_own(client: Visitor, article: Article) -> None:
    for address in (f"{ADDRESS}/comments/mine", f"{ADDRESS}/comments/new"):
        assert client.get(address).status_code == 303
    assert client.post(f"{ADDRESS}/comments/read", data={"comment": "1"}).status_code in (303, 403)


def test_forgetting_a_person_forgets_their_visits(app: Flask, mia: Visitor, article: Article) -> None:
    read(mia, make_comment(app, article, user=NOOR).id)
    person = join(app, MIA)
    with app.app_context(), writing(db.session):
        assert [visit.article_id for visit in visit_queries.visits_of(person)] == [article.id]
        visit_changes.forget_thread_visits(person)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ThreadVisit)) == 0


def test_an_open_page_asks_for_the_newest_with_little_effort(app: Flask, client: Visitor, article: Article) -> None:
    first = make_comment(app, article, user=NOOR)
    answer = client.get(f"{ADDRESS}/comments/newest")
    assert answer.json == {"comments": [{"id": first.id, "user": first.user_id}]}
    held = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(f"{ADDRESS}/comments/newest", headers=held).status_code == 304
    second = make_comment(app, article, user=RAVI)
    fresh = client.get(f"{ADDRESS}/comments/newest", headers=held)
    assert [one["id"] for one in fresh.json["comments"]] == [second.id, first.id]
    assert fresh.headers["Cache-Control"] == "no-cache"


def test_the_newest_of_a_draft_are_nobodys(app: Flask, mia: Visitor) -> None:
    assert mia.get("/postmortems/nothing/comments/newest").status_code == 404
