"""Work that a site asks browsers for: done once it lets a comment through, else the comment waits."""

import base64
import json
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from blog.comments import spam_checks
from blog.comments.models import Comment
from blog.extensions import db
from tests.conftest import MakeApp
from tests.factories.articles import make_published
from tests.people import MIA, NOOR
from tests.visitor import Visitor, signed_in

ADDRESS = "/postmortems/disk-full/comments"


@pytest.fixture
def app(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(spam_checks, "MOST_WORK", 200)
    app = make_app(proof_of_work=True)
    make_published(app, slug="disk-full")
    return app


def solved(challenge: dict[str, Any], changed: dict[str, Any] | None = None) -> str:
    """The work of static/js/proof-worker.js."""
    number = next(
        number
        for number in range(challenge["maxNumber"] + 1)
        if sha256(f"{challenge['salt']}{number}".encode()).hexdigest() == challenge["challenge"]
    )
    kept = {name: challenge[name] for name in ("algorithm", "challenge", "salt", "signature")}
    return base64.b64encode(json.dumps(kept | {"number": number} | (changed or {})).encode()).decode()


def codes(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Comment.held_code).order_by(Comment.id)))


def test_a_comment_with_work_done_for_it_is_public_and_the_work_is_spent(app: Flask, client: Visitor) -> None:
    signed_in(client, MIA)
    page = client.get("/postmortems/disk-full").text
    assert 'name="altcha"' in page and 'data-behaviour="proof"' in page
    proof = solved(client.get("/comments/challenge").get_json())
    for text in ("The first.", "The second, with the same work."):
        assert client.post(ADDRESS, data={"text": text, "altcha": proof}).status_code == 303
    assert codes(app) == ["", "no-proof"]


def test_without_a_script_a_comment_waits_and_is_not_refused(app: Flask, client: Visitor) -> None:
    signed_in(client, MIA)
    assert client.post(ADDRESS, data={"text": "No script here."}).status_code == 303
    assert codes(app) == ["no-proof"]
    assert "small computation" in client.get("/comments/1").text


def test_work_done_for_another_does_not_count(app: Flask, client: Visitor) -> None:
    signed_in(client, NOOR)
    proof = solved(client.get("/comments/challenge").get_json())
    signed_in(client, MIA)
    client.post(ADDRESS, data={"text": "With the work of Noor.", "altcha": proof})
    assert codes(app) == ["no-proof"]


@pytest.mark.parametrize(
    "sent",
    ["x", "e30=", base64.b64encode(b"[1]").decode(), base64.b64encode(b"[" * 900).decode(), "é", "A" * 3_000,
     base64.b64encode(json.dumps({"algorithm": "SHA-256", "challenge": "a", "number": True, "salt": "?for=1&expires=x",
                                  "signature": "b"}).encode()).decode()],
    ids=range(7),
)  # fmt: skip
def test_what_is_no_work_holds_and_breaks_nothing(app: Flask, client: Visitor, sent: str) -> None:
    signed_in(client, MIA)
    assert client.post(ADDRESS, data={"text": "Something odd.", "altcha": sent}).status_code == 303
    assert codes(app) == ["no-proof"]


@pytest.mark.parametrize(
    "changed", [{"number": 0}, {"signature": "0" * 64}, {"salt": "00?for=1&"}, {"challenge": "0" * 64}]
)
def test_work_that_was_changed_does_not_count(app: Flask, client: Visitor, changed: dict[str, Any]) -> None:
    signed_in(client, MIA)
    challenge = client.get("/comments/challenge").get_json()
    while solved(challenge) == solved(challenge, changed):
        challenge = client.get("/comments/challenge").get_json()
    client.post(ADDRESS, data={"text": "Changed.", "altcha": solved(challenge, changed)})
    assert codes(app) == ["no-proof"]


def test_a_site_that_asks_for_nothing_gives_no_work(make_app: MakeApp) -> None:
    app = make_app()
    make_published(app, slug="disk-full")
    client = app.test_client()
    signed_in(client, MIA)
    assert client.get("/comments/challenge").status_code == 404
    assert "altcha" not in client.get("/postmortems/disk-full").text
