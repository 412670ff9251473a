"""Previewing a comment: the same look as the page gives it, with and without script; nothing is stored."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog.comments.models import Comment
from blog.extensions import db
from tests.comments.judge import by_class, parsed, words_of
from tests.factories.articles import make_published
from tests.people import MIA
from tests.visitor import Visitor, signed_in

SCRIPT = {"X-Requested-With": "fetch", "Accept": "text/html"}
FIELDS = {"text": "See *this*.", "article": "disk-full", "kind": "question", "anchor": "claims.c1"}


@pytest.fixture(autouse=True)
def article(app: Flask) -> None:
    make_published(app, slug="disk-full")


def stored(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Comment)) or 0


def test_without_script_the_preview_keeps_the_form(app: Flask, client: Visitor) -> None:
    signed_in(client, MIA)
    answer = client.post("/comments/preview", data=FIELDS)
    root = parsed(answer.text)
    assert answer.status_code == 200 and "<p>See <em>this</em>.</p>" in answer.text
    assert words_of(next(root.iter("textarea"))) == "See *this*."
    fields = {one.get("name"): one.get("value") for one in root.iter("input")}
    assert fields["anchor"] == "claims.c1" and '<option value="question" selected>' in answer.text
    assert stored(app) == 0


def test_with_script_only_the_look_comes_back(app: Flask, client: Visitor) -> None:
    signed_in(client, MIA)
    answer = client.post("/comments/preview", data=FIELDS, headers=SCRIPT)
    assert answer.status_code == 200 and "<html" not in answer.text and "<form" not in answer.text
    assert [words_of(one) for one in by_class(parsed(answer.text), "comment-user")] == ["Mia"]
    assert stored(app) == 0


@pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["without script", "with script"])
def test_a_preview_of_nothing_or_too_much_says_so(client: Visitor, headers: dict[str, str]) -> None:
    signed_in(client, MIA)
    for text, status in (("", 400), ("x" * 10_001, 413)):
        answer = client.post("/comments/preview", data={**FIELDS, "text": text}, headers=headers)
        assert answer.status_code == status and "field-error" in answer.text


def test_a_preview_without_its_write_up_is_the_look_alone(client: Visitor) -> None:
    signed_in(client, MIA)
    answer = client.post("/comments/preview", data={"text": "*x*"})
    assert answer.status_code == 200 and "<em>x</em>" in answer.text
    assert client.post("/comments/preview", data={"text": ""}).status_code == 400


def test_readers_and_unknown_write_ups_get_no_preview(client: Visitor) -> None:
    assert client.post("/comments/preview", data=FIELDS).status_code == 403
    signed_in(client, MIA)
    assert client.post("/comments/preview", data={**FIELDS, "article": "nowhere"}).status_code == 404
    assert client.get("/comments/preview").status_code == 405
