"""Rows written around the program: one of them harms no list, no feed and no rebuild."""

import json
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy import text

from blog.articles.models import Article
from blog.extensions import db
from tests.factories.articles import make_published
from tests.visitor import Visitor


def write(app: Flask, statement: str, **values: object) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(statement), values)


@pytest.fixture
def sound(app: Flask) -> Article:
    make_published(app, slug="damaged", title="Damaged")
    return make_published(app, slug="sound", title="Sound")


@pytest.mark.parametrize("authors", [5, None, "x", [1], {"a": 1}, True])
def test_authors_that_are_no_names_harm_no_other_entry(
    app: Flask, client: Visitor, sound: Article, authors: object
) -> None:
    write(app, "UPDATE articles SET authors = :given WHERE slug = 'damaged'", given=json.dumps(authors))
    for page in ("/", "/postmortems/", "/postmortems/damaged"):
        assert client.get(page).status_code == 200, page
    ET.fromstring(client.get("/feed.atom").text)
    assert "Sound" in client.get("/feed.atom").text
    assert "Sound" in [item["title"] for item in client.get("/feed.json").json["items"]]
    assert "sound" in [item["slug"] for item in client.get("/api/v1/articles").json["items"]]
    assert client.get("/api/v1/articles/damaged").json["authors"] == []
    for feed in (client.get("/feed.json").json["items"], client.get("/api/v1/articles").json["items"]):
        assert len(feed) == 2


@pytest.mark.parametrize("column", ["authors", "card"])
@pytest.mark.parametrize("stored", ["", "5", "[", "not JSON", "null", '"x"'])
def test_a_column_that_holds_no_list_or_mapping_reads_as_an_empty_one(
    app: Flask, client: Visitor, sound: Article, column: str, stored: str
) -> None:
    write(app, f"UPDATE articles SET {column} = :given WHERE slug = 'damaged'", given=stored)
    for page in (
        "/",
        "/postmortems/",
        "/postmortems/damaged",
        "/tags/queues",
        "/feed.atom",
        "/api/v1/articles/damaged",
    ):
        assert client.get(page).status_code == 200, page


@pytest.mark.parametrize("card", [5, [], {"tags": 5}, {"tags": [5]}])
def test_a_card_that_is_none_harms_no_other_entry(app: Flask, client: Visitor, sound: Article, card: object) -> None:
    write(app, "UPDATE articles SET card = :given WHERE slug = 'damaged'", given=json.dumps(card))
    assert "Sound" in client.get("/feed.atom").text
    assert "Sound" in [item["title"] for item in client.get("/feed.json").json["items"]]
    assert "sound" in [item["slug"] for item in client.get("/api/v1/articles").json["items"]]


@pytest.mark.parametrize("document", ["{}", "", "null", "[1]", '{"title": 5}'])
@pytest.mark.parametrize("version", ["kept", ""])
def test_a_document_that_is_none_is_told_on_its_page_and_harms_no_other(
    app: Flask, client: Visitor, sound: Article, document: str, version: str
) -> None:
    where = "WHERE article_id = (SELECT id FROM articles WHERE slug = 'damaged')"
    write(app, f"UPDATE revisions SET document = :given {where}", given=document)
    if not version:
        write(app, "UPDATE revisions SET renderer_version = ''")
    page = client.get("/postmortems/damaged")
    assert page.status_code == 404
    assert "cannot be read" in page.text
    assert client.get("/api/v1/articles/damaged").status_code == 404
    assert client.get("/postmortems/sound").status_code == 200
    assert "Sound" in client.get("/feed.atom").text
    result = app.test_cli_runner().invoke(args=["articles", "rebuild"])
    assert result.exit_code == 0, result.output
    assert "1 write-up(s) rebuilt." in result.output
    assert "1 left as they are" in result.output
