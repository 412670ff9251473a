"""The headers of every kind of answer."""

import pytest
from flask import Flask, abort
from sqlalchemy.exc import OperationalError

from tests.conftest import MakeApp
from tests.factories.articles import make_draft
from tests.people import ARUN, MIA
from tests.visitor import Visitor, signed_in

HTTPS = "https://postmortems.example.org"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app()

    def raises() -> str:
        raise RuntimeError("the secret is 4711")

    def locked() -> str:
        raise OperationalError("SELECT 4711", {}, Exception("database is locked"))

    app.add_url_rule("/test/broken", view_func=raises)
    app.add_url_rule("/test/locked", view_func=locked)
    app.add_url_rule("/test/many", "many", view_func=lambda: abort(429))
    return app


def answers(client: Visitor) -> dict[str, object]:
    """One answer of every kind."""
    home = client.get("/")
    too_large = {"data": b"x" * (1024 * 1024 + 1), "content_type": "application/x-www-form-urlencoded"}
    return {
        "200": home,
        "304": client.get("/", headers={"If-None-Match": home.headers["ETag"]}),
        "302": client.get("/account/settings"),
        "400": client.get("/postmortems/?page=x"),
        "400 without token": client.post("/account/login", with_token=False, data={"email": "a@b.example"}),
        "403": client.post("/account/logout", headers={"Sec-Fetch-Site": "cross-site"}),
        "404": client.get("/nothing/here"),
        "405": client.get("/account/logout"),
        "413": client.post("/account/login", **too_large),
        "414": client.get("/?q=" + "a" * 5_000),
        "415": client.post("/account/login", headers={"Content-Encoding": "gzip"}, data={"email": "a"}),
        "429": client.get("/test/many"),
        "500": client.get("/test/broken"),
        "503": client.get("/test/locked"),
        "login": client.get("/account/login"),
        "feed": client.get("/feed.atom"),
        "map": client.get("/sitemap.xml"),
        "static": client.get("/static/any/site.css"),
        "api": client.get("/api/v1/articles"),
        "api 401": client.post("/api/v1/articles", json={}),
        "api 404": client.get("/api/v1/nothing"),
    }


def test_every_answer_forbids_inline_script_and_guessing_of_types(client: Visitor) -> None:
    for name, answer in answers(client).items():
        policy = answer.headers["Content-Security-Policy"]
        for directive in (
            "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
            "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
        ):  # fmt: skip
            assert directive in policy, name
        assert "unsafe" not in policy, name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["Referrer-Policy"] == "same-origin", name
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert answer.headers["X-Request-Id"], name
        assert "Cache-Control" in answer.headers, name
        if answer.data:
            assert "charset=utf-8" in answer.content_type or "json" in answer.content_type, name


def test_every_answer_has_the_status_it_is_named_for(client: Visitor) -> None:
    for name, answer in answers(client).items():
        number = name.split()[-1] if name.startswith("api ") else name.split()[0]
        if number == "302":
            assert answer.status_code == 303
        elif number.isdigit():
            assert answer.status_code == int(number), name
        else:
            assert answer.status_code == 200, name


def test_https_adds_hsts_and_host_cookies(make_app: MakeApp) -> None:
    client = make_app(site_url=HTTPS).test_client()
    page = client.get("/account/login", base_url=HTTPS)
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("__Host-hindsight=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert client.get("/nothing", base_url=HTTPS).headers["Strict-Transport-Security"]


def test_plain_http_has_no_hsts_and_a_plain_cookie_name(client: Visitor) -> None:
    page = client.get("/account/login")
    assert "Strict-Transport-Security" not in page.headers
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("hindsight=")
    assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))


@pytest.mark.parametrize("path", ["/", "/about", "/postmortems/", "/tags/", "/account/settings", "/nothing/here"])
def test_a_page_made_for_a_person_is_kept_by_nobody(client: Visitor, path: str) -> None:
    signed_in(client, MIA)
    page = client.get(path)
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in page.headers["Vary"]
    assert "ETag" not in page.headers


def test_pages_of_readers_are_asked_for_again_and_differ_by_cookie(client: Visitor) -> None:
    for path in ("/", "/about", "/postmortems/", "/nothing/here"):
        page = client.get(path)
        assert page.headers["Cache-Control"] == "no-cache"
        assert "Cookie" in page.headers["Vary"]
        assert "Set-Cookie" not in page.headers


@pytest.mark.parametrize("path", ["/static/any/site.css", "/favicon.ico", "/feed.atom", "/sitemap.xml", "/robots.txt"])
def test_what_caches_keep_for_all_carries_nothing_of_a_person(client: Visitor, path: str) -> None:
    signed_in(client, MIA)
    answer = client.get(path)
    assert "public" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert b"Mia" not in answer.data


def test_two_people_behind_one_cache_never_share_a_page(app: Flask) -> None:
    draft = make_draft(app, slug="not-yet", title="Not for everybody yet")
    author, reader = app.test_client(), app.test_client()
    signed_in(author, ARUN)
    mine = author.get(f"/postmortems/{draft.article.slug}")
    assert mine.status_code == 200
    assert "no-store" in mine.headers["Cache-Control"]
    assert reader.get(f"/postmortems/{draft.article.slug}").status_code == 404


def test_headers_that_we_do_not_know_change_nothing(client: Visitor) -> None:
    plain = client.get("/")
    for name in ("X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix", "X-Preview", "X-HTTP-Method-Override"):
        odd = client.get("/", headers={name: "/account/logout"})
        assert (odd.status_code, odd.data) == (200, plain.data), name
