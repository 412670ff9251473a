"""Letting through what waits, and leaving what was flagged: who may, and what everybody sees then."""

import pytest
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import Role
from blog.articles.models import Article
from blog.comments.models import Comment
from blog.extensions import db
from blog.journal.models import Event, Job
from tests.factories.articles import make_published
from tests.factories.comments import count_of, make_comment, row_of
from tests.factories.moderation import hold, moderate
from tests.people import CAST, MIA, MOSS, Person
from tests.visitor import Visitor, signed_in

SCRIPT = {"X-Requested-With": "fetch", "Accept": "text/html"}
BOTH = pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["without script", "with script"])


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


@pytest.fixture
def held(app: Flask, article: Article) -> Comment:
    comment = make_comment(app, article, text="Buy my disks.")
    hold(app, comment)
    return comment


@pytest.mark.parametrize("person", CAST, ids=lambda person: person.role)
@pytest.mark.parametrize("verb", ["approve", "hide"])
def test_only_moderators_and_admins_decide_what_waits(
    app: Flask, client: Visitor, held: Comment, person: Person, verb: str
) -> None:
    signed_in(client, person)
    answer = client.post(f"/moderation/comments/{held.id}/{verb}", data={"code": "other", "reason": "For a test."})
    is_refused = person.role not in (Role.MODERATOR, Role.ADMIN)
    assert (answer.status_code in (403, 404)) == is_refused
    assert (row_of(app, held.id).state == "held") == is_refused


@BOTH
def test_what_is_approved_is_seen_counted_and_searched_and_keeps_its_time(
    app: Flask, client: Visitor, article: Article, held: Comment, headers: dict[str, str]
) -> None:
    posted_at = row_of(app, held.id).created_at
    assert count_of(app, article) == 0
    signed_in(client, MOSS)
    answer = client.post(f"/moderation/comments/{held.id}/approve", data={"code": "fine"}, headers=headers)
    assert answer.status_code == (200 if headers else 303)
    if headers:
        assert "<html" not in answer.text and "state-visible" in answer.text and "Undo" in answer.text
    assert "Buy my disks." in app.test_client().get("/postmortems/disk-full").text
    assert count_of(app, article) == 1 and row_of(app, held.id).created_at == posted_at
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.kind == "comment.approved")).one()
        assert event.data["code"] == "fine" and event.reason == "Nothing speaks against it."
        assert db.session.scalar(select(Job.id).where(Job.event_id == event.id, Job.kind == "search.index"))


def test_what_is_hidden_instead_was_never_counted(app: Flask, article: Article, held: Comment) -> None:
    moderate(app, "hide", held)
    assert count_of(app, article) == 0 and row_of(app, held.id).state == "hidden"


@pytest.mark.parametrize(("verb", "state"), [("approve", "visible"), ("keep", "held"), ("restore", "held")])
def test_an_act_that_does_not_fit_the_state_is_refused(
    app: Flask, client: Visitor, article: Article, verb: str, state: str
) -> None:
    comment = make_comment(app, article)
    if state == "held":
        hold(app, comment)
    signed_in(client, MOSS)
    answer = client.post(f"/moderation/comments/{comment.id}/{verb}", data={"code": "fine"})
    assert answer.status_code == 409 and row_of(app, comment.id).state == state


@pytest.mark.parametrize("verb", ["approve", "hide"])
def test_nobody_moderates_their_own_words(app: Flask, client: Visitor, article: Article, verb: str) -> None:
    own = make_comment(app, article, user=MOSS)
    hold(app, own)
    signed_in(client, MOSS)
    answer = client.post(f"/moderation/comments/{own.id}/{verb}", data={"code": "other", "reason": "Mine."})
    assert answer.status_code == 403 and row_of(app, own.id).state == "held"
    assert "Another moderator looks after it." in client.get("/moderation/?queue=held").text


def test_its_writer_sees_how_it_stands(app: Flask, client: Visitor, held: Comment) -> None:
    signed_in(client, MIA)
    assert "Waits for a moderator" in client.get("/account/comments").text
    moderate(app, "approve", held)
    page = client.get("/account/comments").text
    assert "Waits for a moderator" not in page and "Visible" in page
    moderate(app, "hide", held, reason="It sells disks.", code="advertising")
    page = client.get("/account/comments").text
    assert "Advertising or spam: It sells disks." in page and "Appeal against it" in page
