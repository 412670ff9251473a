"""However an address is spelled and whatever a header says of it, who may not get in does not get in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask

from tests.people import ADA, MIA
from tests.safety.walk import guarded, readable, strangers_to
from tests.visitor import Visitor
from tests.world import World, content_of

ELSEWHERE = (
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-Original-URI",
    "X-Forwarded-Prefix",
    "X-Forwarded-Path",
    "X-Accel-Redirect",
)
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
BODY = {"text": "Hello", "title": "A", "body": "B", "reason": "c", "role": "admin", "name": "Mallory"}


def spellings(path: str) -> Iterator[str]:
    """The same address as a careless server, proxy or program might write it."""
    first, rest = path[1:2], path[2:]
    yield path + "/" if not path.endswith("/") else path[:-1]
    yield "/" + path
    yield path.replace("/", "//")
    yield path.upper()
    yield f"/%{ord(first):02x}{rest}" if first else path
    yield "/" + quote(quote(path[1:], safe=""), safe="")
    yield path.replace("/", "%2f", 2).replace("%2f", "/", 1)
    yield f"/about/..{path}"
    yield f"/.{path}"
    yield path + ";.css"
    yield path + ".json"
    yield path + "%20"
    yield path + "/."
    yield path.replace("/", "\\")


def is_kept_out(client: Visitor, answer: Any) -> bool:
    """Refused, or sent to sign in, or sent to the one right spelling, which refuses."""
    for _ in range(3):
        if answer.status_code in (400, 401, 403, 404, 405):
            return True
        target = answer.headers.get("Location", "")
        if answer.status_code not in (301, 302, 303, 307, 308) or not target:
            return False
        if "/account/login" in target:
            return True
        path = target.removeprefix("http://localhost")
        assert path.startswith("/") and not path.startswith("//"), f"led away to {target}"
        answer = client.open(path, method=answer.request.method)
    return False


def test_lesson_08_no_spelling_of_an_address_skips_a_check(world: World, site: Flask, folder: Path) -> None:
    before = content_of(folder)
    for method, path, may in guarded(world):
        for person in strangers_to(may):
            client = world.client(site, person)
            for spelled in spellings(path):
                kwargs = {"json": BODY} if path.startswith("/api/") else {"data": BODY} if method == "POST" else {}
                answer = client.open(spelled, method=method, **kwargs)
                assert is_kept_out(client, answer), f"{method} {spelled}: {answer.status_code}"
    assert content_of(folder) == before


def test_lesson_08_a_scope_is_asked_for_in_every_spelling(world: World, site: Flask, folder: Path) -> None:
    before = content_of(folder)
    for method, path in (("POST", "/api/v1/articles"), ("POST", "/api/v1/articles/live/comments")):
        headers = {"Authorization": f"Bearer {world.secrets[ADA, 'read']}"}
        client = site.test_client()
        for spelled in (path, *spellings(path)):
            answer = client.open(spelled, method=method, json=BODY, headers=headers)
            assert answer.status_code in (308, 400, 403, 404, 405), f"{spelled}: {answer.status_code}"
    assert content_of(folder) == before


def test_lesson_08_no_header_names_another_address(world: World, site: Flask) -> None:
    reader = site.test_client()
    about = reader.get("/about").data
    for _, path, _ in guarded(world):
        answer = reader.get("/about", headers=dict.fromkeys(ELSEWHERE, path))
        assert (answer.status_code, answer.data) == (200, about), path


def test_lesson_08_no_header_or_field_names_another_method(world: World, site: Flask, folder: Path) -> None:
    before = content_of(folder)
    admin = world.client(site, ADA)
    for method, path, _ in guarded(world):
        if method == "POST":
            headers = dict.fromkeys(OVERRIDES, "POST")
            answer = admin.get(path, headers=headers, query_string={"_method": "POST", **BODY})
            assert answer.status_code in (200, 401, 403, 404, 405), path
    for path in readable(world):
        answer = world.client(site, MIA).post(path, data={"_method": "GET"}, headers=dict.fromkeys(OVERRIDES, "GET"))
        assert answer.status_code in (303, 400, 401, 403, 404, 405, 410, 415), f"{path}: {answer.status_code}"
    assert content_of(folder) == before


def test_line_19_reading_changes_nothing(world: World, site: Flask, folder: Path) -> None:
    """Every address, by GET, HEAD and OPTIONS, as an admin and as an admin's program."""
    before = content_of(folder)
    admin = world.client(site, ADA)
    headers = {"Authorization": f"Bearer {world.secrets[ADA, 'read']}"}
    for path in readable(world):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert admin.open(path, method=method).status_code < 500
        if path.startswith("/api/"):
            assert site.test_client().get(path, headers=headers).status_code < 500
    after = content_of(folder)
    assert [table for table in before if before[table] != after[table]] == []
