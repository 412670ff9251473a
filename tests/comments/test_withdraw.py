"""Withdrawing one's own comment: its words go, its place stays, the count follows."""

import pytest
from flask import Flask
from sqlalchemy import select

from blog.articles.models import Article
from blog.comments import changes
from blog.comments.models import Comment
from blog.errors import Conflict
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.database import writing
from tests.factories.articles import make_published
from tests.factories.comments import count_of, make_comment, row_of
from tests.people import ADA, ARUN, MIA, MOSS, NOOR, RAVI, Person, join
from tests.visitor import Visitor, signed_in

SCRIPT = {"X-Requested-With": "fetch", "Accept": "text/html"}


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


@pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["without script", "with script"])
def test_a_withdrawn_comment_keeps_its_place_without_its_words(
    app: Flask, client: Visitor, article: Article, headers: dict[str, str]
) -> None:
    comment = make_comment(app, article, text="I regret this.")
    make_comment(app, article, user=NOOR, text="I answer this.", parent_id=comment.id)
    signed_in(client, MIA)
    answer = client.post(f"/comments/{comment.id}/withdraw", headers=headers)
    assert answer.status_code == (200 if headers else 303)
    if headers:
        assert "withdrawn by its writer" in answer.text and "<html" not in answer.text
    page = client.get("/postmortems/disk-full").text
    assert "I regret this." not in page and f'id="comment-{comment.id}"' in page and "I answer this." in page
    assert "answers Mia" not in page, "who said it goes with what was said"
    assert row_of(app, comment.id).text == "I regret this.", "nothing is ever deleted"
    assert count_of(app, article) == 1
    with app.app_context():
        assert db.session.scalars(select(Event.kind).order_by(Event.id.desc())).first() == "comment.withdrawn"


@pytest.mark.parametrize("person", [NOOR, ARUN, RAVI, MOSS, ADA], ids=lambda person: person.role)
def test_nobody_withdraws_the_comment_of_another(app: Flask, client: Visitor, article: Article, person: Person) -> None:
    comment = make_comment(app, article)
    signed_in(client, person)
    assert client.post(f"/comments/{comment.id}/withdraw").status_code == 403
    assert row_of(app, comment.id).state == "visible"


def test_a_reader_and_a_forged_form_withdraw_nothing(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article)
    assert client.post(f"/comments/{comment.id}/withdraw").status_code == 403
    signed_in(client, MIA)
    assert client.post(f"/comments/{comment.id}/withdraw", with_token=False).status_code == 400
    assert client.get(f"/comments/{comment.id}/withdraw").status_code == 405
    assert row_of(app, comment.id).state == "visible"


def test_withdrawing_twice_counts_once(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article)
    signed_in(client, MIA)
    client.post(f"/comments/{comment.id}/withdraw")
    assert client.post(f"/comments/{comment.id}/withdraw").status_code == 403
    assert count_of(app, article) == 0


def test_two_who_move_a_comment_at_once_count_it_once(app: Flask, article: Article) -> None:
    """The second still holds the row as it was before the first."""
    comment = make_comment(app, article)
    stale = row_of(app, comment.id)
    actor = join(app, MIA)
    with app.app_context(), writing(db.session):
        changes.withdraw(actor=actor, comment=db.session.get_one(Comment, comment.id))
    with app.app_context(), pytest.raises(Conflict), writing(db.session):
        changes.withdraw(actor=actor, comment=stale)
    assert count_of(app, article) == 0
