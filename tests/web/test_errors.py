"""Every error has one answer: a page for people, a problem document for programs."""

import logging

import pytest
from flask import Flask, abort
from sqlalchemy.exc import OperationalError

from blog import errors
from blog.errors import (
    Busy,
    Conflict,
    Fault,
    HindsightError,
    Invalid,
    Moved,
    NoRoom,
    NotAllowed,
    NotFound,
    NotSignedIn,
    PreconditionFailed,
    PreconditionRequired,
    TooMany,
)
from tests.conftest import MakeApp
from tests.visitor import Visitor

MAPPED: dict[type[HindsightError], tuple[HindsightError, int]] = {
    NotFound: (NotFound("No <b>such</b> thing."), 404),
    NotAllowed: (NotAllowed("Not <b>you</b>."), 403),
    NotSignedIn: (NotSignedIn("Who <b>are</b> you?"), 401),
    Conflict: (Conflict("Too <b>late</b>."), 409),
    PreconditionFailed: (PreconditionFailed("Not <b>that</b>."), 412),
    PreconditionRequired: (PreconditionRequired("Which <b>one</b>?"), 428),
    TooMany: (TooMany("Not so <b>fast</b>.", retry_after_seconds=17), 429),
    Busy: (Busy("Come <b>back</b>."), 503),
    NoRoom: (NoRoom("No <b>room</b>."), 507),
    Invalid: (Invalid([Fault("timeline.3.at", "is <b>no</b> time"), Fault("title", "this is required")]), 400),
}
SECRET = "the secret is 4711"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app()

    def fail(name: str) -> str:
        for kind, (error, _) in MAPPED.items():
            if kind.__name__ == name:
                raise error
        if name == "database":
            raise OperationalError(f"SELECT {SECRET}", {}, Exception(SECRET))
        if name == "teapot":
            abort(418)
        raise RuntimeError(SECRET)

    app.add_url_rule("/test/<name>", "test.fail", fail)
    app.add_url_rule("/api/test/<name>", "test.api_fail", fail)
    return app


def test_every_error_of_ours_is_in_the_table() -> None:
    ours = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, HindsightError)}
    redirects = {Moved}  # tests/articles/test_addresses.py
    assert ours - {HindsightError} - redirects == set(MAPPED)


@pytest.mark.parametrize("kind", MAPPED, ids=lambda kind: kind.__name__)
def test_an_error_becomes_a_page_for_people(client: Visitor, kind: type[HindsightError]) -> None:
    _, status = MAPPED[kind]
    page = client.get(f"/test/{kind.__name__}")
    assert page.status_code == status
    assert page.content_type == "text/html; charset=utf-8"
    assert "&lt;b&gt;" in page.text
    assert "<b>" not in page.text
    assert page.headers.get("Retry-After") == {429: "17", 503: "5", 507: "600"}.get(status)


@pytest.mark.parametrize("kind", MAPPED, ids=lambda kind: kind.__name__)
def test_an_error_becomes_a_problem_for_programs(client: Visitor, kind: type[HindsightError]) -> None:
    error, status = MAPPED[kind]
    answer = client.get(f"/api/test/{kind.__name__}")
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    problem = answer.json
    assert problem["type"] == "about:blank"
    assert (problem["title"], problem["status"], problem["detail"]) == (error.title, status, error.message)
    assert problem["instance"] == f"/api/test/{kind.__name__}"
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    assert answer.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)


def test_every_fault_is_told_with_its_path(client: Visitor) -> None:
    faults = client.get("/api/test/Invalid").json["faults"]
    assert faults == [
        {"path": "timeline.3.at", "reason": "is <b>no</b> time"},
        {"path": "title", "reason": "this is required"},
    ]
    assert "timeline.3.at" in client.get("/test/Invalid").text


@pytest.mark.parametrize("path", ["/test/anything", "/api/test/anything"])
def test_a_fault_of_ours_shows_a_request_id_and_nothing_else(
    client: Visitor, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    answer = client.get(path, headers={"X-Request-Id": "tell-me-1234"})
    assert answer.status_code == 500
    assert "tell-me-1234" in answer.text
    for detail in (SECRET, "RuntimeError", "Traceback", ".py", "flask", "werkzeug"):
        assert detail not in answer.text
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(logged) == 1
    assert SECRET in str(logged[0].exc_info)


def test_a_locked_database_is_busy_and_logged(client: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    page = client.get("/test/database")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert SECRET not in page.text
    assert "SELECT" not in page.text
    assert any(record.levelno == logging.ERROR for record in caplog.records)


def test_the_error_page_stands_when_the_database_does_not(app: Flask) -> None:
    client = app.test_client()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("blog.accounts.queries.session_by_token", _gone)
        with client.session_transaction() as cookie:
            cookie["_user_id"] = "some-token"
        page = client.get("/nothing/here")
    assert page.status_code == 404
    assert "<h1>" in page.text


def test_a_bare_page_stands_when_the_error_page_does_not(
    client: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("blog.lib.error_pages.render_template", _broken)
    page = client.get("/nothing/here")
    assert page.status_code == 404
    assert page.headers["X-Request-Id"] in page.text
    assert page.headers["Content-Security-Policy"]
    assert SECRET not in page.text


def _broken(*_: object, **__: object) -> str:
    raise RuntimeError(SECRET)


def _gone(_token: str) -> None:
    raise OperationalError("SELECT", {}, Exception("gone"))


def test_other_statuses_have_a_page_too(client: Visitor) -> None:
    page = client.get("/test/teapot")
    assert page.status_code == 418
    assert "<h1>" in page.text


def test_a_wrong_method_says_which_are_right(client: Visitor) -> None:
    answer = client.get("/account/logout")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    problem = client.post("/api/v1/openapi.json", json={})
    assert (problem.status_code, problem.content_type) == (405, "application/problem+json")
    assert "GET" in problem.headers["Allow"]


def test_a_request_id_is_taken_only_where_it_is_one(client: Visitor) -> None:
    assert client.get("/about", headers={"X-Request-Id": "abcd-1234"}).headers["X-Request-Id"] == "abcd-1234"
    for odd in ("short", "x" * 33, "a b c d e f", "<script>alert(1)", "äöüäöüäöü"):
        given = client.get("/about", headers={"X-Request-Id": odd}).headers["X-Request-Id"]
        assert given != odd
        assert len(given) == 16
