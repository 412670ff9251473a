"""Comments as a program reads and writes them."""

import pytest
from flask import Flask
from sqlalchemy import select

from blog.comments import changes, listing
from blog.comments.models import Comment
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.database import writing
from tests.api.callers import Program, a_program
from tests.factories.articles import make_draft, make_published
from tests.people import ARUN, MIA, NOOR, join
from tests.visitor import Visitor

PATH = "/articles/disk-full/comments"


@pytest.fixture
def program(app: Flask) -> Program:
    make_published(app, slug="disk-full", claims=[{"text": "It was full.", "claimant": "Ops", "role": "employee"}])
    return a_program(app, MIA, "comment", "read")


def test_a_comment_stands_at_once_in_the_name_of_the_owner(app: Flask, program: Program, client: Visitor) -> None:
    answer = program.post(PATH, {"text": "We saw *this*, too.", "anchor": "claims.c1", "kind": "happened-to-us"})
    assert answer.status_code == 201
    made = answer.json
    assert answer.headers["Location"] == made["url"] == f"http://127.0.0.1:8000/comments/{made['id']}"
    assert (made["user"], made["text"], made["anchor"]) == ("Mia", "We saw *this*, too.", "claims.c1")
    (item,) = client.get(f"/api/v1{PATH}").json["items"]
    assert item == made
    assert f'id="comment-{made["id"]}"' in client.get("/postmortems/disk-full").text


def test_what_a_program_said_is_marked_for_ever(app: Flask, program: Program) -> None:
    made = program.post(PATH, {"text": "Seen."}).json
    with app.app_context():
        mark = db.session.scalars(select(Event).where(Event.kind == "comment.written_by_token")).one()
        assert (mark.subject_id, mark.actor_id) == (made["id"], program.owner.id)
        assert mark.data["program"]["token"] == program.token_id


def test_a_reply_names_its_parent(program: Program) -> None:
    first = program.post(PATH, {"text": "First."}).json
    reply = program.post(PATH, {"text": "Second.", "parent_id": first["id"]}).json
    assert reply["parent"] == first["id"]


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"text": 5}, "text"),
        ({"text": "x", "parent_id": "1"}, "parent_id"),
        ({"text": "x", "parent_id": 4711}, "parent_id"),
        ({"text": "x", "parent_id": 2**63}, "parent_id"),
        ({"text": "x", "parent_id": True}, "parent_id"),
        ({"text": "x", "anchor": "../x"}, "anchor"),
        ({"text": "x", "kind": "sermon"}, "kind"),
        ({"text": "x", "user": "Noor"}, "user"),
        ({"text": "x", "created_at": "2020-01-01"}, "created_at"),
    ],
)
def test_faults_are_told_with_their_path(app: Flask, program: Program, sent: dict[str, object], path: str) -> None:
    answer = program.post(PATH, sent)
    assert answer.status_code == 400
    assert [fault["path"] for fault in answer.json["faults"]] == [path]
    with app.app_context():
        assert db.session.scalars(select(Comment)).all() == []


def test_a_long_comment_is_refused_and_not_cut(program: Program) -> None:
    assert program.post(PATH, {"text": "x" * 10_000}).status_code == 201
    assert program.post(PATH, {"text": "x" * 10_001}).status_code == 413


def test_drafts_take_no_comments(app: Flask) -> None:
    make_draft(app, slug="not-yet")
    assert a_program(app, MIA, "comment").post("/articles/not-yet/comments", {"text": "x"}).status_code == 404
    assert a_program(app, ARUN, "comment").post("/articles/not-yet/comments", {"text": "x"}).status_code == 403
    assert app.test_client().get("/api/v1/articles/not-yet/comments").status_code == 404


def test_withdrawn_words_are_gone_and_their_place_stays(app: Flask, program: Program, client: Visitor) -> None:
    made = program.post(PATH, {"text": "I take this back."}).json
    with app.app_context(), writing(db.session):
        changes.withdraw(actor=program.owner, comment=db.session.get_one(Comment, made["id"]))
    answer = client.get(f"/api/v1{PATH}")
    (item,) = answer.json["items"]
    assert (item["id"], item["state"], item["text"]) == (made["id"], "withdrawn", "")
    assert "take this back" not in answer.text


def test_a_long_discussion_comes_in_pages(
    app: Flask, program: Program, client: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    ids = [program.post(PATH, {"text": f"No. {number}"}).json["id"] for number in range(5)]
    first = client.get(f"/api/v1{PATH}").json
    assert first["page"] == {"number": 1, "size": 2, "total": 5, "last": 3}
    seen, address = [], f"/api/v1{PATH}"
    while address:
        page = client.get(address).json
        seen += [item["id"] for item in page["items"]]
        address = (page["links"]["next"] or "").removeprefix("http://127.0.0.1:8000")
    assert seen == ids
    assert client.get(f"/api/v1{PATH}?page=4").status_code == 404


def test_rates_are_those_of_the_person(limited_app: Flask) -> None:
    make_published(limited_app, slug="disk-full")
    program = a_program(limited_app, NOOR, "comment")
    statuses = [program.post(PATH, {"text": f"No. {number}"}).status_code for number in range(3)]
    assert statuses == [201, 201, 429]
    assert join(limited_app, NOOR).id == program.owner.id


def test_hostile_text_is_json_as_written(program: Program, client: Visitor) -> None:
    text = '</script><b>{{ 7*7 }}</b> "\u2028" \U0001f525'
    assert program.post(PATH, {"text": text}).status_code == 201
    assert client.get(f"/api/v1{PATH}").json["items"][0]["text"] == text.replace("\u2028", "\n")
