"""The log: JSON lines that nobody outside can forge, one a request, without what was typed."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from flask import Flask

from blog.lib import logs
from tests.people import MIA
from tests.visitor import Visitor, signed_in


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the log of a running site would hold."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter())
    handler.addFilter(logs.WithRequest())
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_request_leaves_one_line(client: Visitor, written: io.StringIO) -> None:
    answer = client.get("/postmortems/?page=1&tag=secret-word")
    (line,) = lines(written)
    assert (line["method"], line["path"], line["status"]) == ("GET", "/postmortems/", 200)
    assert line["query"] == "page tag"
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert line["user_id"] is None
    assert isinstance(line["ms"], float)
    assert line["level"] == "INFO"
    assert str(line["at"]).endswith("Z")
    assert "secret-word" not in written.getvalue()


def test_the_line_says_who_asked(app: Flask, client: Visitor, written: io.StringIO) -> None:
    row = signed_in(client, MIA)
    client.get("/account/settings")
    assert lines(written)[-1]["user_id"] == row.id
    assert MIA.email not in written.getvalue()


def test_errors_and_refusals_leave_a_line_too(client: Visitor, written: io.StringIO) -> None:
    client.get("/nothing/here")
    client.post("/account/logout", headers={"Sec-Fetch-Site": "cross-site"})
    client.get("/", headers={"Host": "evil.example"})
    assert [line["status"] for line in lines(written)] == [404, 403, 400]


def test_what_is_typed_in_a_form_is_never_logged(client: Visitor, written: io.StringIO) -> None:
    client.post("/account/login", data={"email": "mia@people.example", "password": "a lamp beside nine rivers"})
    assert "nine rivers" not in written.getvalue()
    assert "mia@people" not in written.getvalue()


FORGED = '/x\n{"level": "INFO", "message": "request", "path": "/forged"}'


@pytest.mark.parametrize(
    "path",
    [
        "/x%0a%7B%22level%22:%22INFO%22%7D",
        "/x%0d%0aforged",
        "/x%1b[2Jforged",
        "/x%E2%80%A8forged",
        '/x","status":200,"forged":"',
        "/postmortems/?%0aforged=1",
    ],
)
def test_no_address_forges_a_line(client: Visitor, written: io.StringIO, path: str) -> None:
    client.get(path)
    raw = written.getvalue()
    assert len(raw.splitlines()) == 1
    assert "\x1b" not in raw
    (line,) = lines(written)
    assert "forged" not in line
    assert str(line["path"]).startswith(("/x", "/postmortems/"))


def test_no_message_forges_a_line(app: Flask, written: io.StringIO) -> None:
    logging.getLogger("blog.test").error("it says %s", FORGED, extra={"given": FORGED})
    (line,) = lines(written)
    assert line["message"] == f"it says {FORGED}"
    assert line["given"] == FORGED


def test_a_fault_of_ours_is_logged_with_the_id_that_the_page_shows(app: Flask, written: io.StringIO) -> None:
    def fail() -> str:
        raise RuntimeError("4711\nforged")

    app.add_url_rule("/test/broken", view_func=fail)
    page = app.test_client().get("/test/broken")
    fault, line = lines(written)
    assert fault["request_id"] == line["request_id"] == page.headers["X-Request-Id"]
    assert str(fault["request_id"]) in page.text
    assert "RuntimeError: 4711" in str(fault["exc_info"])
    assert (line["status"], fault["level"]) == (500, "ERROR")


def test_less_can_be_logged(app: Flask, client: Visitor, written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger(), "level", logging.WARNING)
    logging.getLogger().manager._clear_cache()  # type: ignore[attr-defined]
    client.get("/about")
    assert written.getvalue() == ""
    monkeypatch.undo()
    logging.getLogger().manager._clear_cache()  # type: ignore[attr-defined]
