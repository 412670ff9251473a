"""Whatever is kept between requests, everybody gets the answer that they alone would get.

Black box over the WSGI application: one site that all people use in turn, compared with sites that only one of them
uses. Nothing here knows what is kept, or where.
"""

import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import brotli
import pytest
import time_machine
from flask import Flask

from tests.people import ADA, ARUN, MIA, NOOR, Person
from tests.safety.conftest import close
from tests.safety.walk import readable
from tests.visitor import Visitor
from tests.world import World

NOBODY = None
PASSING = Person("A reader who looked at a form once, and has a cookie", MIA.role)
IN_TURN = (NOBODY, MIA, ADA, NOBODY, PASSING, NOOR, ARUN, NOBODY)  # two of one role, the author of the draft, an admin
OWN_HEADERS = {"Set-Cookie", "X-Request-Id", "Date", "Age", "X-Cache", "Server-Timing"}
TOKEN = re.compile(rb'(name="(?:csrf[_-]token|once|window)" (?:type="hidden" )?(?:value|content)=")([^"]+)')
SAME_ID = {"X-Request-Id": "same-for-all"}
UNKNOWN = {
    "X-Original-URL": "/account/users",
    "X-Rewrite-URL": "/account/users",
    "X-Original-Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Port": "81",
    "Forwarded": "for=203.0.113.9;host=evil.example;proto=https",
    "X-HTTP-Method-Override": "POST",
    "X-Method-Override": "DELETE",
    "X-Preview": "1",
    "X-Ghost-Preview": "1",
    "Accept": "application/json",
    "Accept-Language": "de",
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
    "Range": "bytes=0-9",
    "If-Modified-Since": "Thu, 01 Jan 1998 00:00:00 GMT",
    "If-None-Match": '"of-something-else"',
    "Cookie": "theme=dark; hindsight=made-up; __Host-hindsight=made-up; _user_id=1",
    "User-Agent": "Mozilla/5.0 <script>alert(1)</script>",
}


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    """Pages tell the time, and tokens of forms hold it."""
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield


@pytest.fixture
def alone(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Person | None, Flask]]:
    """For each person a site that nobody else uses."""
    made = {one: world.app(tmp_path_factory.mktemp("alone")) for one in dict.fromkeys(IN_TURN)}
    yield made
    for app in made.values():
        close(app)


def browser_of(world: World, app: Flask, person: Person | None) -> Visitor:
    if person is not PASSING:
        return world.client(app, person)
    passing = world.client(app, NOBODY)
    passing.get("/account/login")
    return passing


def same(body: bytes) -> bytes:
    """Without what differs from one moment to the next for the same person."""
    return re.sub(rb'"disk_free_bytes":\d+', b"", TOKEN.sub(rb"\1", body))


def shape(answer: Any) -> tuple[int, dict[str, str], bytes]:
    """What can be compared: without tokens of forms, cookies and ids."""
    headers = {name: value for name, value in answer.headers if name not in OWN_HEADERS}
    body = same(answer.data)
    return answer.status_code, headers | {"Content-Length": ""}, body


def secrets_of(answer: Any) -> set[bytes]:
    """What only one browser may ever get."""
    cookies = {value.encode() for value in answer.headers.getlist("Set-Cookie") if "hindsight=;" not in value}
    return cookies | {found[1] for found in TOKEN.findall(answer.data)}


def test_lesson_09_nobody_gets_the_page_of_another(
    world: World, site: Flask, alone: dict[Person | None, Flask]
) -> None:
    browsers = {person: browser_of(world, site, person) for person in dict.fromkeys(IN_TURN)}
    own = {person: browser_of(world, app, person) for person, app in alone.items()}
    owners: dict[bytes, Visitor] = {}
    personal = set()
    for path in readable(world):
        own[NOBODY] = browser_of(world, alone[NOBODY], NOBODY)  # readers get a cookie with their first form
        expected = {person: shape(_get(own[person], path)) for person in own}
        if expected[NOBODY] != expected[ADA]:
            personal.add(path)
        for person in IN_TURN:
            if person is NOBODY:
                browsers[person] = browser_of(world, site, NOBODY)  # another reader each time
            answer = _get(browsers[person], path)
            assert shape(answer) == expected[person], f"{person.name if person else 'nobody'} at {path}"
            for secret in secrets_of(answer):
                assert owners.setdefault(secret, browsers[person]) is browsers[person], path
    assert len(personal) > 25, "most pages say who is signed in, so this test sees a mistake"


def test_lesson_09_headers_that_mean_nothing_change_nothing(
    world: World, site: Flask, alone: dict[Person | None, Flask]
) -> None:
    for path in readable(world):
        expected = shape(_get(alone[NOBODY].test_client(), path))
        odd_headers = {**UNKNOWN, **SAME_ID}
        if path.startswith("/media/"):
            odd_headers.pop("Range")  # a part of a picture is a part of it
        odd = site.test_client().get(path, headers=odd_headers)
        assert shape(odd) == expected, f"odd headers at {path}"
        for strange in ({"base_url": "http://127.0.0.1"}, {"query_string": "page=7&q=zebra&preview=1"}):
            site.test_client().get(path.partition("?")[0], headers={**UNKNOWN, **SAME_ID}, **strange)
        site.test_client().get(path, headers={"Authorization": "Basic YTpi", "X-Requested-With": "fetch"})
        assert shape(_get(site.test_client(), path)) == expected, f"after odd headers at {path}"


def test_lesson_09_no_way_of_asking_stands_in_for_another(
    world: World, site: Flask, alone: dict[Person | None, Flask]
) -> None:
    for path in readable(world):
        expected = shape(_get(alone[NOBODY].test_client(), path))
        reader = site.test_client()
        head = reader.head(path, headers=SAME_ID)
        assert (head.status_code, head.data) == (expected[0], b""), path
        known = _get(reader, path).headers.get("ETag")
        if known:
            assert reader.get(path, headers={"If-None-Match": known, **SAME_ID}).status_code == 304, path
        for encoding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress), ("identity", bytes)):
            packed = _get(site.test_client(), path, encoding)
            told = packed.headers.get("Content-Encoding")
            assert told in (None, encoding), path
            body = unpack(packed.data) if told else packed.data
            assert (packed.status_code, same(body)) == (expected[0], expected[2]), f"{encoding} of {path}"
        assert shape(_get(site.test_client(), path)) == expected, path


def test_lesson_09_a_word_for_one_person_is_read_by_nobody_else(world: World, site: Flask) -> None:
    mia, noor = world.client(site, MIA), world.client(site, NOOR)
    assert mia.post("/account/settings", data={"name": "Mia", "about": ""}).status_code == 303
    for reader in (site.test_client(), noor, mia, site.test_client(), noor):
        page = reader.get("/").text
        assert ("Your profile is saved." in page) == (reader is mia)


def test_lesson_09_signing_out_leaves_nothing_behind(world: World, site: Flask, folder: Path) -> None:
    ada = world.client(site, ADA)
    private = [path for path in readable(world) if path.startswith(("/editor/", "/account/users", "/moderation/c"))]
    assert all(ada.get(path).status_code == 200 for path in private)
    assert ada.post("/account/logout").status_code == 303
    for path in private:
        assert ada.get(path).status_code in (303, 403, 404), path
    assert b"Ada" not in ada.get("/").data


def _get(client: Visitor | Any, path: str, encoding: str = "") -> Any:
    return client.get(path, headers={**SAME_ID, **({"Accept-Encoding": encoding} if encoding else {})})
