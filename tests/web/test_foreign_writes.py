"""Writes that another site sends in a visitor's name."""

import pytest
from flask import Flask

from tests.people import MIA
from tests.visitor import Visitor, signed_in


@pytest.fixture
def client(app: Flask) -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    signed_in(client, MIA)
    return client


def is_signed_in(client: Visitor) -> bool:
    return client.get("/account/settings").status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "unheard-of"])
def test_a_browser_that_names_another_site_is_refused(client: Visitor, site: str) -> None:
    answer = client.post("/account/logout", headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert "another site" in answer.text
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://localhost.evil.example",
        "http://localhost:81",
        "null",
        "",
        "http://evil.example#localhost",
    ],
)
def test_without_fetch_metadata_a_foreign_origin_is_refused(client: Visitor, origin: str) -> None:
    assert client.post("/account/logout", headers={"Origin": origin}).status_code == 403
    assert is_signed_in(client)


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}])
def test_our_own_form_is_taken(client: Visitor, headers: dict[str, str]) -> None:
    assert client.post("/account/logout", headers=headers).status_code == 303
    assert not is_signed_in(client)


def test_our_own_origin_does_not_replace_the_token(client: Visitor) -> None:
    answer = client.post("/account/logout", with_token=False, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 400
    assert "too old" in answer.text
    assert is_signed_in(client)


def test_a_token_of_another_visitor_does_not_fit(app: Flask, client: Visitor) -> None:
    with app.test_client() as other:
        assert isinstance(other, Visitor)
        with other.session_transaction() as cookie:
            cookie["csrf_token"] = "f" * 40
        foreign = other.csrf_token()
    answer = client.post("/account/logout", with_token=False, data={"csrf_token": foreign})
    assert answer.status_code == 400
    assert is_signed_in(client)


def test_a_page_that_is_only_read_may_be_linked_from_anywhere(client: Visitor) -> None:
    assert client.get("/postmortems/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_reading_never_changes_anything(client: Visitor) -> None:
    for path in ("/account/logout", "/comments/1/withdraw", "/editor/articles"):
        assert client.get(path).status_code in (404, 405)
    assert is_signed_in(client)


def test_a_cookie_never_signs_anybody_in_to_the_token_api(client: Visitor) -> None:
    answer = client.post("/api/v1/articles", json={"title": "From a cookie", "body": "x"})
    assert answer.status_code == 401
    foreign = client.post("/api/v1/articles", json={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert foreign.content_type == "application/problem+json"
