"""A comment that waits for a moderator: there for its writer and for moderators, and for nobody else."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog import policy
from blog.articles.models import Article
from blog.comments import changes, listing, queries, thread_queries, visit_queries
from blog.comments.models import IS_HELD, Comment, CommentState
from blog.extensions import db
from blog.lib.database import writing
from tests.factories.articles import make_published
from tests.factories.comments import count_of, make_comment, row_of
from tests.people import ADA, ARUN, MIA, MOSS, NOOR, RAVI, Person, join
from tests.visitor import Visitor, signed_in

ANSWERED = "I answer this."


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


def hold(app: Flask, comment: Comment) -> None:
    with app.app_context(), writing(db.session):
        changes.set_state(db.session.get_one(Comment, comment.id), CommentState.HELD, after=CommentState.VISIBLE)


@pytest.mark.parametrize(
    ("person", "sees"),
    [(None, False), (NOOR, False), (ARUN, False), (RAVI, False), (MIA, True), (MOSS, True), (ADA, True)],
)
def test_a_held_comment_is_there_for_its_writer_and_moderators(app: Flask, person: Person | None, sees: bool) -> None:
    user = join(app, person) if person else None
    comment = Comment(user_id=join(app, MIA).id, state=CommentState.HELD)
    assert policy.can_see_comment(user, comment) is sees
    assert policy.can_see_comment(user, Comment(user_id=comment.user_id, state=CommentState.HIDDEN))


def test_the_count_of_the_write_up_leaves_a_held_comment_out(app: Flask, article: Article) -> None:
    comment = make_comment(app, article)
    hold(app, comment)
    assert count_of(app, article) == 0
    with app.app_context(), writing(db.session):
        changes.set_state(db.session.get_one(Comment, comment.id), CommentState.VISIBLE, after=CommentState.HELD)
    assert count_of(app, article) == 1


def test_threads_and_lists_have_no_place_for_a_held_comment(app: Flask, article: Article) -> None:
    first, held = make_comment(app, article), make_comment(app, article, user=NOOR)
    reply = make_comment(app, article, user=NOOR, parent_id=first.id)
    hold(app, held)
    hold(app, reply)
    with app.test_request_context():
        page = thread_queries.thread_page(None, article.id)
        assert ([entry.id for entry in page.entries], page.page.total) == ([first.id], 1)
        whole = thread_queries.long_thread(None, db.session.get_one(Comment, first.id))
        assert [entry.id for entry in whole.entries] == [first.id]
        said, listed = listing.comments_of(article)
        assert ([one.id for one in said], listed.total) == ([first.id], 1)
        assert list(db.session.scalars(queries.visible_comments(None).with_only_columns(Comment.id))) == [first.id]


def test_one_that_was_answered_keeps_its_place_without_its_words(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article, text="A word too many.")
    make_comment(app, article, user=NOOR, text=ANSWERED, parent_id=comment.id)
    hold(app, comment)
    page = client.get("/postmortems/disk-full").text
    assert ANSWERED in client.get(f"/comments/{comment.id}/thread").text
    assert "A word too many." not in page and ANSWERED in page and "waits for a moderator" in page
    said = client.get("/api/v1/articles/disk-full/comments").get_json()["items"]
    assert [(one["state"], one["text"]) for one in said] == [("held", ""), ("visible", ANSWERED)]


@pytest.mark.parametrize(
    "address",
    [lambda n: f"/comments/{n}", lambda n: f"/comments/{n}/thread", lambda n: f"/comments/{n}/reply"],
    ids=["itself", "thread", "reply"],
)
def test_others_are_told_of_no_such_comment(
    app: Flask, client: Visitor, article: Article, address: Callable[[int], str]
) -> None:
    comment = make_comment(app, article)
    hold(app, comment)
    signed_in(client, NOOR)
    assert client.get(address(comment.id)).status_code == 404


def test_its_writer_can_withdraw_it_and_it_is_counted_no_further(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article)
    hold(app, comment)
    signed_in(client, MIA)
    assert client.post(f"/comments/{comment.id}/withdraw").status_code == 303
    assert row_of(app, comment.id).state == "withdrawn"
    assert count_of(app, article) == 0
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Comment).where(IS_HELD)) == 0


def test_the_place_of_one_that_waits_tells_nobody_whose_it_is(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article, kind="question", anchor="summary")
    reply = make_comment(app, article, user=NOOR, text=ANSWERED, parent_id=comment.id)
    hold(app, comment)
    said = client.get("/api/v1/articles/disk-full/comments").get_json()["items"][0]
    told = (said["user"], said["user_id"], said["kind"], said["anchor"], said["standing"])
    assert told == ("", 0, "comment", "", None)
    with app.app_context():
        assert thread_queries.entry_of(db.session.get_one(Comment, reply.id)).parent_name == ""


def test_a_reply_that_waits_has_no_thread_for_others(app: Flask, client: Visitor, article: Article) -> None:
    first = make_comment(app, article)
    reply = make_comment(app, article, user=NOOR, parent_id=first.id)
    hold(app, reply)
    assert client.get(f"/comments/{reply.id}/thread").status_code == 404
    signed_in(client, NOOR)
    assert client.get(f"/comments/{reply.id}/thread").status_code == 302


def test_no_number_on_the_page_tells_of_one_that_waits(app: Flask, client: Visitor, article: Article) -> None:
    first, waits = make_comment(app, article), make_comment(app, article, user=NOOR)
    hold(app, waits)
    assert f'data-newest="{first.id}"' in client.get("/postmortems/disk-full").text
    with app.app_context():
        assert visit_queries.newest_on(db.session.get_one(Article, article.id)) == first.id
