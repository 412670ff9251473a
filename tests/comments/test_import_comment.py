"""Comments that a bundle or the demo world brings in: their own time and person, once, under the same lengths."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from blog.articles.models import Article
from blog.comments.importing import import_comment
from blog.comments.models import Comment
from blog.errors import Invalid
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.database import writing
from tests.factories.articles import make_published
from tests.factories.comments import count_of
from tests.people import MIA, join

SAID_AT = datetime(2019, 5, 4, 3, 2, 1, tzinfo=UTC)


@pytest.fixture
def article(limited_app: Flask) -> Article:
    return make_published(limited_app, slug="disk-full")


def bring(app: Flask, article: Article, **given: Any) -> Comment:
    values = {"text": "Said *elsewhere*.", "created_at": SAID_AT, "source": "bundle#c1", **given}
    user = join(app, MIA)
    with app.app_context(), writing(db.session):
        return import_comment(article=article, user=user, **values)


def test_an_imported_comment_keeps_its_time_and_person(limited_app: Flask, article: Article) -> None:
    comment = bring(limited_app, article)
    assert (comment.created_at, comment.user_id, comment.root_id) == (SAID_AT, join(limited_app, MIA).id, comment.id)
    assert comment.html == "<p>Said <em>elsewhere</em>.</p>"
    with limited_app.app_context():
        event = db.session.scalars(select(Event).where(Event.kind == "comment.imported")).one()
        assert (event.subject_id, event.actor_id, event.data) == (comment.id, None, {"article": article.id})
    assert 'datetime="2019-05-04T03:02:01Z"' in limited_app.test_client().get("/postmortems/disk-full").text


def test_a_second_import_changes_nothing(limited_app: Flask, article: Article) -> None:
    first = bring(limited_app, article)
    assert bring(limited_app, article, text="Changed elsewhere.").id == first.id
    assert count_of(limited_app, article) == 1
    with limited_app.app_context():
        assert len(db.session.scalars(select(Event).where(Event.kind == "comment.imported")).all()) == 1


def test_many_at_once_are_no_matter_of_rates(limited_app: Flask, article: Article) -> None:
    for place in range(25):
        bring(limited_app, article, source=f"bundle#{place}", text="All the same.")
    assert count_of(limited_app, article) == 25


def test_an_imported_reply_finds_its_parent_even_if_that_was_hidden_since(limited_app: Flask, article: Article) -> None:
    first = bring(limited_app, article)
    with limited_app.app_context():
        db.session.execute(update(Comment).values(state="hidden"))
        db.session.commit()
    reply = bring(limited_app, article, source="bundle#c2", parent=first)
    assert (reply.parent_id, reply.root_id) == (first.id, first.id)


@pytest.mark.parametrize(
    ("given", "path", "status"),
    [
        ({"text": "x" * 10_001}, "text", 413),
        ({"text": "\x00"}, "text", 400),
        ({"text": ""}, "text", 400),
        ({"created_at": datetime.now(UTC) + timedelta(days=2)}, "created_at", 400),
        ({"source": ""}, "id", 400),
        ({"source": "s" * 301}, "id", 400),
        ({"kind": "advert"}, "kind", 400),
        ({"anchor": "../../x"}, "anchor", 400),
    ],
    ids=lambda value: str(value) if not isinstance(value, dict) else ",".join(value),
)
def test_what_cannot_be_is_refused_with_its_path(
    limited_app: Flask, article: Article, given: dict[str, Any], path: str, status: int
) -> None:
    with pytest.raises(Invalid) as refused:
        bring(limited_app, article, **given)
    assert refused.value.at(path) and refused.value.status == status
    assert count_of(limited_app, article) == 0


def test_a_parent_from_another_article_is_refused(limited_app: Flask, article: Article) -> None:
    foreign = bring(limited_app, make_published(limited_app))
    with pytest.raises(Invalid) as refused:
        bring(limited_app, article, source="bundle#c2", parent=foreign)
    assert refused.value.at("parent_id")
