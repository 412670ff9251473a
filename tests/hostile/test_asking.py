"""The wall as what a visitor sends without writing: queries, addresses, parameters, headers; and the log of it."""

import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_from_bytes

import pytest
from flask import Flask

from blog.lib.logs import formatter
from tests.editor.editor_pages import as_person
from tests.factories.articles import make_published
from tests.hostile.conftest import MakeSite
from tests.hostile.inputs import PRODUCT, WALL
from tests.hostile.judge import complaints, frame, parsed, words_of
from tests.people import ADA
from tests.visitor import Visitor

TEXTS = [one.text for one in WALL]
ROUTES = [
    "/postmortems/{}", "/tags/{}", "/services/{}", "/organisations/{}", "/postmortems/{}/revisions",
    "/tags/{}/feed.atom", "/api/v1/articles/{}", "/people/{}", "/{}", "/static/{}", "/media/{}", "/comments/{}",
    "/postmortems/{}/similar",
]  # fmt: skip
PARAMETERS = [
    "/postmortems/?page={}", "/postmortems/?tag={}", "/postmortems/?year={}", "/?severity={}",
    "/search?q=x&sort={}", "/search?q=x&page={}", "/search?q=x&service={}", "/moderation/log?before={}",
    "/account/login?next={}", "/tags/?page={}", "/api/v1/articles?page={}", "/api/v1/search?q=x&tag={}",
    "/postmortems/?{}=1", "/account/register?next={}",
]  # fmt: skip
HEADERS = [
    "User-Agent", "Referer", "Accept-Language", "If-None-Match", "If-Modified-Since", "X-Request-Id",
    "X-Forwarded-For", "X-Forwarded-Host", "X-Original-URL", "X-HTTP-Method-Override", "Cookie", "Authorization",
    "Accept", "Origin", "Range", "Accept-Encoding", "Idempotency-Key", "X-Requested-With", "Content-Type",
]  # fmt: skip


@pytest.fixture(scope="module")
def app(make_site: MakeSite) -> Iterator[Flask]:
    app = make_site()
    make_published(app, slug="queue", body="canary script text onfocus")
    app.test_cli_runner().invoke(args=["search", "rebuild"])
    yield app


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    return client


def judged(answer: Any, about: str) -> Any:
    assert answer.status_code < 500, about
    assert PRODUCT not in answer.text, about
    assert "set-cookie: a=b" not in str(answer.headers).lower() and "X-Own" not in answer.headers, about
    if 300 <= answer.status_code < 400:  # with a short page that browsers never show
        assert answer.headers["Location"].startswith("http://localhost/") or answer.headers["Location"][1:2] != "/", (
            about
        )
        return None
    if answer.mimetype != "text/html":
        return None
    root = parsed(answer.text)
    assert complaints(root) == [], about
    return root


def typed(text: str) -> str:
    """As an address carries it, half pairs as the bytes a broken program sends."""
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="")


def test_queries_are_answered_and_shown_as_words(visitor: Visitor) -> None:
    harmless = frame(judged(visitor.get("/search?q=nothingofthekind"), "harmless"))
    for one in WALL[1::4]:
        judged(visitor.get("/api/v1/search?q=" + typed(one.text[:200])), one.id)
    for one in WALL[::4]:
        answer = visitor.get("/search?q=" + typed(one.text[:200]))
        assert answer.status_code in (200, 400), one.id
        root = judged(answer, one.id)
        if root is not None and answer.status_code == 200:
            assert {line.split()[1] for line in frame(root)} <= {line.split()[1] for line in harmless} | ALSO, one.id


DESKS = [
    "/moderation/?show={}",
    "/moderation/?before={}",
    "/account/users?q={}",
    "/account/users?page={}",
    "/editor/?p={}",
]
# What a page with hits or hints has beyond one that found nothing.
ALSO = {
    "mark", "ol", "ul", "li", "article", "h2", "h3", "time", "dl", "dt", "dd", "details", "summary", "fieldset",
    "legend", "select", "option", "code", "p", "a", "span", "strong", "em", "div", "section", "nav", "aside", "br",
}  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
def test_every_address_is_answered(visitor: Visitor, route: str) -> None:
    for one in WALL[ROUTES.index(route) :: 13]:
        judged(visitor.get(route.format(typed(one.text[:900]))), f"{route} {one.id}")


@pytest.mark.parametrize("route", PARAMETERS)
def test_every_parameter_is_answered(visitor: Visitor, route: str) -> None:
    for one in WALL[PARAMETERS.index(route) :: 14]:
        answer = visitor.get(route.format(typed(one.text[:900])))
        judged(answer, f"{route} {one.id}")
        assert "foreign.example" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("name", HEADERS)
def test_every_header_is_answered(visitor: Visitor, name: str) -> None:
    for one in WALL[HEADERS.index(name) :: 19]:
        value = one.text.encode("utf-8", "surrogatepass").decode("latin-1").translate(dict.fromkeys(map(ord, "\r\n\0")))
        answer = visitor.get("/postmortems/queue", headers={name: value[:4_000]})
        judged(answer, f"{name} {one.id}")
        assert "canary(" not in str(answer.headers), one.id


def test_the_desks_of_those_who_decide_take_any_parameter(app: Flask) -> None:
    admin = as_person(app, ADA)
    for number, route in enumerate(DESKS):
        for one in WALL[number::60]:
            judged(admin.get(route.format(typed(one.text[:900]))), f"{route} {one.id}")


def test_no_text_forges_a_line_of_the_log() -> None:
    made = formatter()
    for one in WALL:
        record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (one.text,), None)
        record.path, record.request_id = one.text, one.text
        line = made.format(record)
        assert "\n" not in line and "\r" not in line and "\x1b" not in line and "\x85" not in line
        assert "\u2028" not in line and "\u2029" not in line
        told = json.loads(line)
        assert (told["message"], told["path"], told["level"]) == (one.text, one.text, "INFO")


def test_an_error_page_shows_no_more_of_an_address_than_words(visitor: Visitor) -> None:
    for text in ("</title><script>canary(1)</script>", '"><b>', "{{7919*6007}}", "\u202eabc"):
        answer = visitor.get("/" + quote(text, safe=""))
        root = judged(answer, text)
        assert answer.status_code == 404 and root is not None and "script" not in words_of(root)
