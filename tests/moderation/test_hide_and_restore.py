"""Hiding and restoring comments: who may, what everybody sees then, and what stays written down."""

import pytest
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import Role
from blog.articles.models import Article
from blog.comments.models import Comment
from blog.comments.thread_queries import thread_page
from blog.extensions import db
from blog.journal.models import Event, Job
from blog.lib.database import writing
from blog.moderation import changes
from tests.factories.articles import make_published
from tests.factories.comments import count_of, make_comment, row_of
from tests.people import ADA, CAST, MIA, MOSS, Person, join
from tests.visitor import Visitor, signed_in

SCRIPT = {"X-Requested-With": "fetch", "Accept": "text/html"}
REASON = {"reason": "An advertisement."}
BOTH = pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["without script", "with script"])


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


@pytest.fixture
def comment(app: Flask, article: Article) -> Comment:
    return make_comment(app, article, text="Buy my disks.")


@pytest.mark.parametrize("person", CAST, ids=lambda person: person.role)
@pytest.mark.parametrize("verb", ["hide", "restore"])
def test_only_moderators_and_admins_hide_and_restore(
    app: Flask, client: Visitor, comment: Comment, person: Person, verb: str
) -> None:
    if verb == "restore":
        _hide(app, comment)
    before = row_of(app, comment.id).state
    signed_in(client, person)
    answer = client.post(f"/moderation/comments/{comment.id}/{verb}", data=REASON)
    if person.role in (Role.MODERATOR, Role.ADMIN):
        assert answer.status_code == 303 and row_of(app, comment.id).state != before
    else:
        assert answer.status_code == 403 and row_of(app, comment.id).state == before


@pytest.mark.parametrize("verb", ["hide", "restore"])
def test_readers_and_forged_forms_change_nothing(app: Flask, client: Visitor, comment: Comment, verb: str) -> None:
    address = f"/moderation/comments/{comment.id}/{verb}"
    assert client.post(address, data=REASON).status_code == 403
    signed_in(client, MOSS)
    assert client.post(address, data=REASON, with_token=False).status_code == 400
    assert client.get(address).status_code == 405
    assert row_of(app, comment.id).state == "visible"


@BOTH
def test_a_hidden_comment_keeps_its_place_without_its_words_for_everybody(
    app: Flask, client: Visitor, article: Article, comment: Comment, headers: dict[str, str]
) -> None:
    make_comment(app, article, text="A reply.", parent_id=comment.id)
    signed_in(client, MOSS)
    answer = client.post(f"/moderation/comments/{comment.id}/hide", data=REASON, headers=headers)
    if headers:
        assert answer.status_code == 200 and "<html" not in answer.text and "state-hidden" in answer.text
    else:
        assert answer.location == f"/moderation/comments/{comment.id}"
        assert "Hidden because:" in client.get(answer.location).text
    for visitor in (client, app.test_client()):
        page = visitor.get("/postmortems/disk-full").text
        assert "Buy my disks." not in page and f'id="comment-{comment.id}"' in page and "A reply." in page
        assert "hidden by a moderator" in page and 'href="/moderation/log"' in page
    assert count_of(app, article) == 1
    with app.app_context():
        assert thread_page(None, article.id).entries[0].html == "", "what is hidden is not even read"


@BOTH
def test_a_restored_comment_is_back_as_it_was(
    app: Flask, client: Visitor, article: Article, comment: Comment, headers: dict[str, str]
) -> None:
    _hide(app, comment)
    assert count_of(app, article) == 0
    signed_in(client, ADA)
    client.post(f"/moderation/comments/{comment.id}/restore", data={"reason": "It was a joke."}, headers=headers)
    assert "<p>Buy my disks.</p>" in client.get("/postmortems/disk-full").text
    assert count_of(app, article) == 1 and row_of(app, comment.id).hidden_reason == ""


@BOTH
@pytest.mark.parametrize("reason", ["", "  \t", "\u200b", "x" * 501, "\u202eback"], ids=repr)
def test_an_act_without_a_usable_reason_is_refused(
    app: Flask, client: Visitor, comment: Comment, reason: str, headers: dict[str, str]
) -> None:
    signed_in(client, MOSS)
    answer = client.post(f"/moderation/comments/{comment.id}/hide", data={"reason": reason}, headers=headers)
    assert answer.status_code == (422 if len(reason) > 500 else 400)
    assert "field-error" in answer.text and "<details open>" in answer.text
    assert ("<html" in answer.text) == (not headers)
    assert row_of(app, comment.id).state == "visible"


@pytest.mark.parametrize("verb", ["hide", "restore"])
def test_the_second_of_two_moderators_is_told(app: Flask, client: Visitor, comment: Comment, verb: str) -> None:
    if verb == "hide":
        _hide(app, comment)
    signed_in(client, ADA)
    answer = client.post(f"/moderation/comments/{comment.id}/{verb}", data=REASON)
    assert answer.status_code == 409 and "Somebody else changed this comment first" in answer.text


def test_what_its_writer_withdrew_is_not_hidden_on_top(app: Flask, client: Visitor, comment: Comment) -> None:
    signed_in(client, MIA)
    client.post(f"/comments/{comment.id}/withdraw")
    moderator = app.test_client()
    signed_in(moderator, MOSS)
    assert moderator.post(f"/moderation/comments/{comment.id}/hide", data=REASON).status_code == 409
    assert row_of(app, comment.id).state == "withdrawn"


def test_each_act_is_an_event_with_its_reason_and_asks_for_indexing(app: Flask, comment: Comment) -> None:
    _hide(app, comment)
    actor = join(app, MOSS)
    with app.app_context(), writing(db.session):
        row = db.session.get_one(Comment, comment.id)
        changes.restore_comment(actor=actor, comment=row, reason="Not needed.")
    with app.app_context():
        events = db.session.scalars(select(Event).where(Event.kind.like("comment.%")).order_by(Event.id)).all()
        assert [(one.kind, one.reason) for one in events[1:]] == [
            ("comment.hidden", "An advertisement."),
            ("comment.restored", "Not needed."),
        ]
        jobs = select(Job.event_id).where(Job.kind == "search.index", Job.subject_type == "comment")
        assert {one.id for one in events} == set(db.session.scalars(jobs))


def test_a_comment_that_is_not_there_cannot_be_hidden(client: Visitor, article: Article) -> None:
    signed_in(client, MOSS)
    for number in ("99", "99999999999999999999"):
        assert client.post(f"/moderation/comments/{number}/hide", data=REASON).status_code == 404
        assert client.get(f"/moderation/comments/{number}").status_code == 404


def _hide(app: Flask, comment: Comment) -> None:
    actor = join(app, MOSS)
    with app.app_context(), writing(db.session):
        row = db.session.get_one(Comment, comment.id)
        changes.hide_comment(actor=actor, comment=row, reason=REASON["reason"])
