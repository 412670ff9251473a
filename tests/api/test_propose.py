"""Proposing a write-up as a program: it waits for a review, in the name of a person, labelled for ever."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from blog.articles import rendering
from blog.articles.models import Article, Revision, RevisionAuthor
from blog.editor import reviewing
from blog.errors import NotAllowed
from blog.extensions import db
from blog.journal.models import Event
from blog.lib import database, renderer
from blog.lib.database import writing
from blog.lib.render_process import RenderProcess
from tests.api.callers import DOCUMENT, Program, a_program
from tests.people import ADA, ARUN, RAVI, ROSA, join


@pytest.fixture
def program(app: Flask) -> Program:
    return a_program(app, ARUN, "propose", "read")


def number_of_articles(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Article)) or 0


def test_a_proposal_waits_for_a_review(app: Flask, program: Program) -> None:
    answer = program.post("/articles", DOCUMENT)
    assert answer.status_code == 201
    assert answer.json["state"] == "submitted"
    assert answer.headers["Location"].endswith(f"/api/v1/articles/{answer.json['slug']}")
    with app.app_context():
        article = db.session.scalars(select(Article)).one()
        revision = db.session.scalars(select(Revision)).one()
        assert (article.state, article.live_revision_id, article.published_at) == ("draft", None, None)
        assert revision.document_hash == answer.json["hash"]
    assert app.test_client().get(f"/postmortems/{answer.json['slug']}").status_code == 404
    assert app.test_client().get("/api/v1/articles").json["items"] == []


def test_a_proposal_is_labelled_with_program_and_person(app: Flask, program: Program) -> None:
    answer = program.post("/articles", DOCUMENT)
    assert "night bot" in answer.json["note"]
    with app.app_context():
        revision = db.session.scalars(select(Revision)).one()
        assert (revision.note, revision.created_by_id) == (answer.json["note"], program.owner.id)
        mark = db.session.scalars(select(Event).where(Event.kind == "revision.written_by_token")).one()
        assert mark.data == {"program": {"token": program.token_id, "prefix": program.secret[:11], "model": ""}}
        assert (mark.actor_id, mark.subject_id) == (program.owner.id, revision.id)


def test_the_owner_cannot_approve_what_the_program_proposed(app: Flask) -> None:
    program = a_program(app, ROSA, "propose")
    program.post("/articles", DOCUMENT)
    rosa, ravi = join(app, ROSA), join(app, RAVI)
    with app.app_context(), writing(db.session):
        revision = db.session.scalars(select(Revision)).one()
        assert db.session.scalars(select(RevisionAuthor.user_id)).all() == [program.owner.id]
        with pytest.raises(NotAllowed):
            reviewing.approve(actor=rosa, revision=revision, document_hash=revision.document_hash)
        reviewing.approve(actor=ravi, revision=revision, document_hash=revision.document_hash)
        assert revision.state == "approved"


def test_even_an_admins_program_publishes_nothing(app: Flask) -> None:
    program = a_program(app, ADA, "propose", "read", "comment")
    slug = program.post("/articles", DOCUMENT).json["slug"]
    for path in ("", "/publish", "/approve", "/retire", "/restore", "/revisions/1/publish"):
        answer = program.post(f"/articles/{slug}{path}", {"hash": "x", "state": "published"})
        assert answer.status_code in (404, 405), path
    with app.app_context():
        assert db.session.scalars(select(Article.state)).one() == "draft"


@pytest.mark.parametrize(
    "field", ["state", "role", "author", "authors", "id", "created_at", "published_at", "slug", "note"]
)
def test_a_program_sets_nothing_but_the_document(app: Flask, program: Program, field: str) -> None:
    answer = program.post("/articles", {**DOCUMENT, field: "published"})
    assert answer.status_code == 400
    assert answer.json["faults"] == [{"path": field, "reason": "there is no field of this name"}]
    assert number_of_articles(app) == 0


def test_every_fault_is_told_with_its_path(app: Flask, program: Program) -> None:
    timeline = [{"text": ""}, {"text": "x", "source": "s9"}]
    faults = program.post("/articles", {"title": "", "timeline": timeline}).json["faults"]
    assert {"title", "body", "timeline.0.text"} <= {fault["path"] for fault in faults}


def test_times_in_the_wrong_order_are_refused(program: Program) -> None:
    times = {"started": "2026-02-01T10:00:00Z", "detected": "2026-02-01T09:00:00Z"}
    answer = program.post("/articles", {**DOCUMENT, "incidents": [{"times": times}]})
    assert answer.status_code == 400
    assert answer.json["faults"][0]["path"] == "incidents.0.times.detected"


def test_a_person_who_may_not_write_has_no_program_that_does(app: Flask, program: Program) -> None:
    from blog.accounts.models import Role, User

    with app.app_context(), writing(db.session):
        db.session.get_one(User, program.owner.id).role = Role.MEMBER
    assert program.post("/articles", DOCUMENT).status_code == 403
    assert number_of_articles(app) == 0


def test_a_proposal_is_rendered_before_the_database_is_held(
    app: Flask, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []
    batch = rendering.render_batch

    def watched(items: Any) -> Any:
        held.append(database.is_writing())
        return batch(items)

    monkeypatch.setattr(rendering, "render_batch", watched)
    assert program.post("/articles", DOCUMENT).status_code == 201
    assert held == [False]


def test_a_write_up_of_more_text_than_the_renderer_makes_in_time_is_refused(app: Flask, program: Program) -> None:
    rows = [{"text": "*a* `b` " * 480}] * 190
    answer = program.post("/articles", {**DOCUMENT, "body": "&amp;" * 40_000, "timeline": rows})
    assert (answer.status_code, answer.json["faults"][0]["path"]) == (422, "timeline")
    assert number_of_articles(app) == 0


def test_what_took_too_long_is_stored_as_typed_and_not_tried_again(
    app: Flask, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(self: RenderProcess, *, until: float | None = None) -> Any:
        raise TimeoutError

    monkeypatch.setattr(RenderProcess, "receive", too_late)
    slug = program.post("/articles", {**DOCUMENT, "body": "*never* reached"}).json["slug"]
    with app.app_context():
        revision = db.session.scalars(select(Revision).options(undefer(Revision.rendered))).one()
        assert revision.renderer_version == renderer.RENDERER_VERSION
        assert revision.rendered is not None
        assert revision.rendered["html"] == "<p>*never* reached</p>"
    monkeypatch.setattr(rendering, "render_batch", None)
    assert program.get(f"/articles/{slug}").status_code == 200


def send(program: Program, body: bytes, kind: str = "application/json") -> Any:
    client = program.app.test_client()
    return client.post("/api/v1/articles", data=body, content_type=kind, headers=program.headers)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"title"',
        b"\xff\xfe",
        b'{"title": "\xff"}',
        b'{"title": NaN, "body": "x"}',
        b'{"title": "x", "body": Infinity}',
        b'{"title": ' + b"9" * 5_000 + b"}",
        b'{"title": "a\\u0000b", "body": "x"}',
        b'{"title": "\\ud800", "body": "x"}',
        b'{"title": "x", "body": "\\udc00"}',
        b"{'title': 'x'}",
        b'{"title": "x", "body": "x"} trailing',
    ],
)
def test_what_is_no_document_is_a_problem_and_saves_nothing(app: Flask, program: Program, body: bytes) -> None:
    answer = send(program, body)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert number_of_articles(app) == 0


def nested(depth: int) -> bytes:
    """JSON of so many levels, itself one of them."""
    return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)


def test_json_is_at_most_32_levels_deep(program: Program) -> None:
    shallow, deep = send(program, nested(32)), send(program, nested(33))
    assert "nested" not in shallow.json["detail"]
    assert "nested more than 32 levels" in deep.json["detail"]
    for body in (b"[" * 500_000, b"[" * 400_000 + b"]" * 400_000, b'{"a":' * 100_000):
        answer = send(program, body)
        assert answer.status_code == 400


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", ""]
)
def test_only_json_is_read(program: Program, kind: str) -> None:
    answer = send(program, json.dumps(DOCUMENT).encode(), kind)
    assert (answer.status_code, answer.content_type) == (415, "application/problem+json")


def test_a_mebibyte_is_the_most(program: Program) -> None:
    body = json.dumps({**DOCUMENT, "body": "x" * 300_000}).encode()
    assert send(program, body).json["faults"][0]["path"] == "body"
    answer = send(program, b'{"title": "' + b"x" * 1024 * 1024 + b'"}')
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")
