"""Lines 16 to 21: what browsers are told with every answer, and which requests of theirs count."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests.architecture.test_permissions import TRIES
from tests.people import ADA, ARUN, MIA, MOSS, NOOR, RAVI, ROSA, Person
from tests.safety.conftest import close
from tests.safety.walk import readable
from tests.world import World, content_of

POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'",
    "connect-src": "'self'", "form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
}  # fmt: skip
PEOPLE: tuple[Person | None, ...] = (None, MIA, ADA)
FOREIGN = ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"})


@pytest.fixture(scope="module")
def answers(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[Person | None, str], Any]:
    """What everybody gets at every address, errors and the sign-in page included."""
    app = world.app(tmp_path_factory.mktemp("wall"))
    clients = {person: world.client(app, person) for person in PEOPLE}
    found = {(person, path): clients[person].get(path) for person in PEOPLE for path in readable(world)}
    close(app)
    return found


def test_line_16_every_answer_to_everybody_has_the_policy(answers: dict[tuple[Person | None, str], Any]) -> None:
    assert {answer.status_code for answer in answers.values()} >= {200, 302, 303, 403, 404}
    for where, answer in answers.items():
        told = answer.headers["Content-Security-Policy"]
        if where[1].startswith("/media/"):
            assert told == "default-src 'none'; sandbox; frame-ancestors 'none'"  # no page, so still less
            continue
        rules = dict(rule.strip().split(" ", 1) for rule in told.split(";"))
        assert {name: rules[name] for name in POLICY} == POLICY, where
        assert "report-uri" in rules and "unsafe" not in told and "*" not in told, where


def test_line_17_every_answer_to_everybody_has_the_other_headers(
    answers: dict[tuple[Person | None, str], Any],
) -> None:
    for where, answer in answers.items():
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", where
        assert headers["Referrer-Policy"] == "same-origin", where
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", where
        if answer.data and answer.mimetype.startswith("text/"):
            assert answer.content_type == f"{answer.mimetype}; charset=utf-8", where


def test_line_17_with_tls_browsers_are_told_to_stay_with_it(world: World, tmp_path: Path) -> None:
    home = "https://postmortems.example.org"
    client = world.app(tmp_path, site_url=home).test_client()
    for path in ("/", "/", "/postmortems/live", "/nothing/here", "/account/login", "/feed.atom", "/static/a/site.css"):
        told = client.get(path, base_url=home).headers["Strict-Transport-Security"]
        assert int(re.findall(r"max-age=(\d+)", told)[0]) >= 31_536_000, path


def test_line_18_cookies_are_for_this_host_and_no_script(world: World, tmp_path: Path) -> None:
    home = "https://postmortems.example.org"
    client = world.app(tmp_path, site_url=home).test_client()
    cookies = client.get("/account/login", base_url=home).headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        parts = set(cookie.split("; "))
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= parts
        assert not [part for part in parts if part.lower().startswith("domain")]


def test_line_18_what_was_made_for_a_person_is_kept_by_no_cache(
    answers: dict[tuple[Person | None, str], Any],
) -> None:
    compared = 0
    for (person, path), mine in answers.items():
        theirs = answers[None, path]
        if person is None or mine.data == theirs.data:
            continue
        for answer in (mine, theirs):
            control = answer.headers["Cache-Control"]
            assert "public" not in control and "max-age" not in control, path
            assert "Cookie" in answer.headers["Vary"], path
        if person.name in mine.text or "/account/logout" in mine.text:
            assert {"private", "no-store"} <= set(mine.headers["Cache-Control"].split(", ")), path
            compared += 1
    assert compared > 50


def test_line_19_no_form_works_without_its_token_or_from_another_site(world: World, site: Flask, folder: Path) -> None:
    """Every route that takes a form, as somebody who may use it."""
    by_role = (MIA, ARUN, MOSS, ROSA, RAVI, NOOR, ADA)
    before, tried = content_of(folder), 0
    for one in TRIES:
        person = next((somebody for somebody in by_role if somebody in one.may), None)
        if one.post is None or person is None or one.endpoint == "pages.csp_report":
            continue
        path = one.path.format(**world.names)
        fields = {name: value.format(**world.names) for name, value in one.post.items()}
        client = world.client(site, person)
        assert client.post(path, data=fields, with_token=False).status_code == 400, path
        assert client.post(path, data={**fields, "csrf_token": "made-up"}).status_code == 400, path
        for headers in FOREIGN:
            assert client.post(path, data=fields, headers=headers).status_code == 403, f"{path} {headers}"
        tried += 1
    assert tried > 25
    assert content_of(folder) == before


@pytest.mark.parametrize("headers", FOREIGN)
def test_line_19_programs_are_asked_for_a_token_and_not_for_a_cookie(
    world: World, site: Flask, folder: Path, headers: dict[str, str]
) -> None:
    before = content_of(folder)
    admin = world.client(site, ADA)
    for path in ("/api/v1/articles", "/api/v1/articles/live/comments"):
        body = {"title": "A", "body": "B"} if path.endswith("articles") else {"text": "A"}
        assert admin.post(path, json=body).status_code == 401
        assert admin.post(path, json=body, headers=headers).status_code == 403
        assert admin.post(path, data=body).status_code == 401
    assert content_of(folder) == before


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:x()",
    ],
)
def test_line_20_no_answer_leads_to_another_site(world: World, site: Flask, target: str) -> None:
    for person in (None, MIA):
        client = world.client(site, person)
        for path in ("/account/login", "/account/register", "/account/settings", "/editor/"):
            for name in ("next", "url", "return_to", "redirect"):
                led = client.get(path, query_string={name: target}).headers.get("Location", "/")
                assert not urlsplit(led).netloc and led.startswith("/") and not led.startswith(("//", "/\\")), led
        client.post("/account/logout", query_string={"next": target})


def test_line_21_one_page_takes_a_file_and_one_view_gives_it(world: World, site: Flask) -> None:
    """What is taken and how it is served is tried in tests/media and tests/lib/test_images.py."""
    taking = [name for name, view in site.view_functions.items() if getattr(view, "takes_picture", False)]
    serving = [rule.rule for rule in site.url_map.iter_rules() if rule.rule.startswith("/media")]
    assert (taking, serving) == (["media.upload"], ["/media/<name>"])
    assert [
        path.name
        for path in Path(site.root_path, "templates").rglob("*.html")
        if 'type="file"' in path.read_text(encoding="utf-8")
    ] == ["_fields.html"]
    client, kind = world.client(site, ARUN), "multipart/form-data; boundary=x"
    for path, status in (("/editor/articles", 413), ("/editor/images", 400)):  # only there it is not too large
        assert client.post(path, data=b"x" * 2_000_000, content_type=kind).status_code == status
