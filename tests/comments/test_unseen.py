"""What waited and was never let through leaves no trace in the thread, whatever became of it."""

import pytest
from flask import Flask

from blog.articles.models import Article
from blog.comments.models import Comment
from tests.factories.articles import make_published
from tests.factories.comments import make_comment, row_of
from tests.factories.moderation import hold, moderate, undo
from tests.people import MIA, MOSS, NOOR
from tests.visitor import Visitor, signed_in

PAGE, API = "/postmortems/disk-full", "/api/v1/articles/disk-full/comments"


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


def trapped(app: Flask, article: Article) -> Comment:
    """Held from the beginning."""
    return make_comment(app, article, traps=["honeypot"])


def has_place(client: Visitor, comment: Comment) -> bool:
    return f'id="comment-{comment.id}"' in client.get(PAGE).text


@pytest.mark.parametrize("end", ["hidden", "withdrawn"])
def test_what_was_never_public_has_no_place(app: Flask, client: Visitor, article: Article, end: str) -> None:
    comment = trapped(app, article)
    if end == "hidden":
        moderate(app, "hide", comment)
    else:
        signed_in(client, MIA)
        answer = client.post(f"/comments/{comment.id}/withdraw", follow_redirects=True)
        assert answer.status_code == 200 and "Your comments" in answer.text
    reader = Visitor(app)
    assert not has_place(reader, comment)
    assert f"#comment-{comment.id}" not in reader.get("/moderation/log").text
    assert f'href="/comments/{comment.id}"' not in reader.get("/moderation/log").text
    assert reader.get(f"/comments/{comment.id}").status_code == 404
    assert comment.id not in [one["id"] for one in reader.get(API).json["items"]]  # type: ignore[index]
    signed_in(client, MIA)
    assert client.get(f"/comments/{comment.id}").location == "/account/comments"
    signed_in(client, MOSS)
    assert client.get(f"/comments/{comment.id}").location == f"/moderation/comments/{comment.id}"


def test_what_was_public_once_keeps_its_place(app: Flask, client: Visitor, article: Article) -> None:
    approved, flagged, restored = trapped(app, article), make_comment(app, article, user=NOOR), trapped(app, article)
    moderate(app, "approve", approved)
    moderate(app, "hide", approved)
    hold(app, flagged)
    moderate(app, "hide", flagged)
    hiding = moderate(app, "hide", restored)
    moderate(app, "restore", restored)
    moderate(app, "hide", restored)
    assert hiding.was == "held"
    for comment in (approved, flagged, restored):
        assert has_place(client, comment)


def test_undoing_lets_it_wait_again(app: Flask, client: Visitor, article: Article) -> None:
    comment = trapped(app, article)
    undo(app, moderate(app, "hide", comment))
    row = row_of(app, comment.id)
    assert (row.state, row.is_unseen) == ("held", True)
    moderate(app, "approve", comment)
    assert has_place(client, comment) and not row_of(app, comment.id).is_unseen
