"""Names the site answers to, and headers that only a proxy we know may set."""

import json
import logging

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.visitor import Visitor


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:8000@evil.example", "a b", ""])
def test_a_host_we_do_not_know_is_refused_with_a_page(client: Visitor, host: str) -> None:
    for path in ("/", "/about", "/nothing/here", "/account/login", "/feed.atom"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 400, path
        assert answer.headers["Content-Security-Policy"], path
        assert "evil.example" not in answer.text, path


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.0.0.1:8000", "postmortems.example.org", "other.example"]
)
def test_our_own_names_are_answered(make_app: MakeApp, host: str) -> None:
    app = make_app(site_url="http://postmortems.example.org", trusted_hosts="other.example")
    assert app.test_client().get("/about", headers={"Host": host}).status_code == 200


def test_https_sites_do_not_answer_to_the_names_of_this_machine(make_app: MakeApp) -> None:
    client = make_app(site_url="https://postmortems.example.org").test_client()
    assert client.get("/about", headers={"Host": "localhost"}).status_code == 400


FORWARDED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Port": "4711",
    "Forwarded": "for=203.0.113.9;host=evil.example",
}


def _seen(app: Flask, headers: dict[str, str]) -> dict[str, str | None]:
    from flask import request, url_for

    def view() -> str:
        seen = {"address": request.remote_addr, "host": request.host, "scheme": request.scheme}
        return json.dumps(seen | {"url": url_for("pages.about", _external=True), "path": request.path})

    if "test.seen" not in app.view_functions:
        app.add_url_rule("/test/seen", "test.seen", view)
    answer = app.test_client().get("/test/seen", headers=headers)
    return dict(json.loads(answer.text))


def test_forwarded_headers_are_ignored_without_a_proxy(app: Flask) -> None:
    seen = _seen(app, FORWARDED)
    assert seen == {
        "address": "127.0.0.1",
        "host": "localhost",
        "scheme": "http",
        "url": "http://localhost/about",
        "path": "/test/seen",
    }


def test_forwarded_headers_count_as_far_as_there_are_proxies(make_app: MakeApp) -> None:
    app = make_app(trusted_proxies=1, trusted_hosts="other.example")
    headers = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9", "X-Forwarded-Host": "other.example"}
    seen = _seen(app, headers | {"X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/evil"})
    assert seen["address"] == "203.0.113.9"  # what the one proxy saw; what stands before it is hearsay
    assert (seen["host"], seen["scheme"]) == ("other.example", "https")
    assert seen["url"] == "https://other.example/about"


def test_a_forwarded_host_must_be_one_of_ours_too(make_app: MakeApp) -> None:
    client = make_app(trusted_proxies=1).test_client()
    assert client.get("/", headers={"X-Forwarded-Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("name", ["X-Original-URL", "X-Rewrite-URL", "X-Original-Uri"])
def test_the_path_comes_from_the_request_line_alone(client: Visitor, name: str) -> None:
    assert client.get("/about", headers={name: "/nothing/here"}).status_code == 200
    assert client.get("/nothing/here", headers={name: "/about"}).status_code == 404


def test_the_method_cannot_be_overridden(client: Visitor) -> None:
    for headers in ({"X-HTTP-Method-Override": "POST"}, {"X-Method-Override": "POST"}):
        assert client.get("/account/logout", headers=headers).status_code == 405
        assert client.get("/account/logout?_method=POST", headers=headers).status_code == 405


def test_absolute_links_come_from_the_settings(make_app: MakeApp) -> None:
    app = make_app(site_url="https://postmortems.example.org", trusted_hosts="localhost")
    client = app.test_client()
    for path in ("/sitemap.xml", "/robots.txt", "/feed.atom", "/feed.json", "/api/v1/openapi.json"):
        text = client.get(path).text
        assert "https://postmortems.example.org" in text, path
        assert "localhost" not in text, path


def test_a_refused_host_is_no_fault_of_ours(client: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/", headers={"Host": "evil.example"})
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
