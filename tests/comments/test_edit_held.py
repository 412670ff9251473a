"""A comment that waits is changed by its writer; a moderator lets through only what they have read."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from blog.articles.models import Article
from blog.comments.models import Comment
from blog.lib import clock
from tests.factories.articles import make_published
from tests.factories.comments import make_comment, row_of
from tests.factories.moderation import hold, moderate
from tests.people import MIA, MOSS, NOOR
from tests.visitor import Visitor, signed_in


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


def waiting(app: Flask, article: Article, *, code: str = "links-7") -> Comment:
    comment = make_comment(app, article, text="The key is 1234.")
    hold(app, comment, code=code)
    return comment


def as_moss(app: Flask) -> Visitor:
    client = Visitor(app)
    signed_in(client, MOSS)
    return client


def seen_by(moss: Visitor) -> str:
    """The field that tells from when the page is."""
    found = re.search(r'name="seen" value="(\d+)"', moss.get("/moderation/?queue=held").text)
    assert found
    return found[1]


def edit(client: Visitor, comment: Comment, text: str = "Said better.") -> int:
    return client.post(f"/comments/{comment.id}/edit", data={"text": text}).status_code


def test_its_writer_changes_what_waits_and_it_goes_on_waiting(app: Flask, client: Visitor, article: Article) -> None:
    comment = waiting(app, article)
    signed_in(client, MIA)
    page = client.get(f"/comments/{comment.id}").text
    assert f'href="/comments/{comment.id}/edit"' in page
    assert edit(client, comment) == 303
    row = row_of(app, comment.id)
    assert (row.text, row.state, row.held_code) == ("Said better.", "held", "links-7")
    signed_in(client, NOOR)
    assert edit(client, comment) == 404


@pytest.mark.parametrize(("code", "shown"), [("links-7", False), ("flags", True)])
def test_history_has_only_words_that_were_public(
    app: Flask, client: Visitor, article: Article, code: str, shown: bool
) -> None:
    comment = waiting(app, article, code=code)
    signed_in(client, MIA)
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        signed_in(client, MIA)
        assert edit(client, comment) == 303
    moderate(app, "approve", comment)
    assert ("The key is 1234." in client.get(f"/comments/{comment.id}/history").text) is shown


@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_a_moderator_acts_on_the_words_that_were_on_the_page(
    app: Flask, client: Visitor, article: Article, many: bool
) -> None:
    comment = waiting(app, article)
    moss = as_moss(app)
    seen = seen_by(moss)
    signed_in(client, MIA)
    edit(client, comment, "Buy my disks.")
    given = {"code": "fine", "queue": "held", "seen": seen}
    if many:
        answer = moss.post("/moderation/act", data={**given, "verb": "approve", "comment": str(comment.id)})
        assert "1 comment was left" in moss.get(answer.location).text
    else:
        answer = moss.post(f"/moderation/comments/{comment.id}/approve", data=given)
        assert answer.status_code == 409 and "changed this comment since you looked" in answer.text
    assert row_of(app, comment.id).state == "held"
    given["seen"] = seen_by(moss)
    assert moss.post(f"/moderation/comments/{comment.id}/approve", data=given).status_code == 303
    assert row_of(app, comment.id).state == "visible"


def test_its_writer_is_told_that_flags_hold_it(app: Flask, client: Visitor, article: Article) -> None:
    comment = waiting(app, article, code="flags")
    signed_in(client, MIA)
    for page in (f"/comments/{comment.id}", "/account/comments"):
        assert "It waits because several members flagged it." in client.get(page).text


def test_a_moderator_reads_the_source_and_the_place(app: Flask, article: Article) -> None:
    make_comment(app, article, text="See there.", kind="evidence", source="The report, page 4", anchor="claims.c1")
    moss = as_moss(app)
    page = moss.get("/moderation/?queue=all").text
    assert "Source: The report, page 4" in page and ", evidence on" in page and "/disk-full/on/claims.c1" in page
