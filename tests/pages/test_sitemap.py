"""What search engines ask: the map of the site, and what they should leave out."""

import gc
from xml.etree import ElementTree as ET

import pytest
from flask import Flask

from blog.lib import clock
from blog.pages import queries, site_map
from tests.factories.articles import make_draft, make_published
from tests.visitor import Visitor

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(text: str) -> list[str]:
    return [str(one.text).removeprefix("http://127.0.0.1:8000") for one in ET.fromstring(text).iter(f"{SPACE}loc")]


def test_the_map_holds_the_fixed_pages_and_what_is_published(app: Flask, client: Visitor) -> None:
    make_draft(app, slug="hidden")
    article = make_published(app, slug="one")
    answer = client.get("/sitemap.xml")
    assert answer.content_type == "application/xml; charset=utf-8"
    assert addresses(answer.text) == [*site_map.FIXED_PAGES, "/postmortems/one"]
    assert f"<lastmod>{clock.iso(article.updated_at)}</lastmod>" in answer.text


def test_every_address_of_the_map_is_there(app: Flask, client: Visitor) -> None:
    make_published(app)
    for address in addresses(client.get("/sitemap.xml").text):
        assert client.get(address).status_code == 200, address


def test_a_large_site_has_an_index_of_maps(app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_map, "MAX_ADDRESSES", 8)
    monkeypatch.setattr(queries, "CHUNK", 2)
    slugs = [make_published(app).slug for _ in range(10)]
    index = addresses(client.get("/sitemap.xml").text)
    assert index == ["/sitemap-0.xml", "/sitemap-1.xml", "/sitemap-2.xml"]
    parts = [addresses(client.get(address).text) for address in index]
    assert parts[0] == list(site_map.FIXED_PAGES)
    assert [len(part) for part in parts[1:]] == [8, 2]
    assert [address for part in parts[1:] for address in part] == [f"/postmortems/{slug}" for slug in slugs]
    assert client.get("/sitemap-3.xml").status_code == 404


def test_a_small_site_has_one_map(app: Flask, client: Visitor) -> None:
    make_published(app)
    assert client.get("/sitemap-0.xml").status_code == 404
    assert client.get("/sitemap-1.xml").status_code == 404


def test_the_map_is_written_in_chunks(app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "CHUNK", 2)
    slugs = [make_published(app).slug for _ in range(5)]
    assert addresses(client.get("/sitemap.xml").text)[len(site_map.FIXED_PAGES) :] == [
        f"/postmortems/{slug}" for slug in slugs
    ]


def test_a_map_that_nobody_reads_to_its_end_does_no_harm(app: Flask, client: Visitor) -> None:
    make_published(app)
    for _ in range(3):
        answer = client.get("/sitemap.xml")
        next(iter(answer.response))  # and no more: the reader went away
        del answer
        gc.collect()
    assert client.get("/").status_code == 200


def test_programs_are_told_what_to_leave_out(client: Visitor) -> None:
    answer = client.get("/robots.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    lines = answer.text.splitlines()
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in lines
    assert {"Disallow: /account/", "Disallow: /editor/", "Disallow: /search"} <= set(lines)


def test_the_icon_is_there(client: Visitor) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer.content_type) == (200, "image/x-icon")
    assert answer.data[:4] == b"\x00\x00\x01\x00"
    assert client.get("/favicon.ico", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
