"""The front page and the page about the site."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from blog.lib import clock
from tests.factories.articles import make_draft, make_published
from tests.people import MIA
from tests.visitor import Visitor, signed_in


def test_the_latest_write_ups_come_first(app: Flask, client: Visitor) -> None:
    for number in range(12):
        make_published(app, title=f"Write-up number {number:02}")
    make_draft(app, title="Not for everybody yet")
    page = client.get("/").text
    places = [page.find(f"Write-up number {number:02}") for number in range(11, 1, -1)]
    assert -1 not in places
    assert places == sorted(places)
    assert "Write-up number 01" not in page
    assert "Not for everybody yet" not in page


def test_an_empty_site_says_how_to_begin(client: Visitor) -> None:
    assert "No write-up is published yet" in client.get("/").text


def test_a_reader_who_has_the_page_gets_304_until_something_changes(app: Flask, client: Visitor) -> None:
    make_published(app)
    tag = client.get("/").headers["ETag"]
    again = client.get("/", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    make_published(app, title="One more since")
    changed = client.get("/", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert "One more since" in changed.text


def test_the_page_is_another_tomorrow(app: Flask, client: Visitor) -> None:
    make_published(app)
    tag = client.get("/").headers["ETag"]
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        assert client.get("/", headers={"If-None-Match": tag}).status_code == 200


def test_two_processes_give_the_same_tag(app: Flask, client: Visitor, make_app: object) -> None:
    make_published(app)
    assert callable(make_app)
    other = make_app()
    assert other.test_client().get("/").headers["ETag"] == client.get("/").headers["ETag"]


def test_signing_in_shows_another_page_whatever_is_kept(app: Flask, client: Visitor) -> None:
    tag = client.get("/").headers["ETag"]
    signed_in(client, MIA)
    page = client.get("/", headers={"If-None-Match": tag})
    assert page.status_code == 200
    assert "Mia" in page.text


@pytest.mark.parametrize("is_member", [False, True])
def test_the_site_tells_about_itself(client: Visitor, is_member: bool) -> None:
    if is_member:
        signed_in(client, MIA)
    page = client.get("/about")
    assert page.status_code == 200
    assert "Nobody publishes alone" in page.text
