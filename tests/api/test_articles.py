"""Reading write-ups as a program."""

import hashlib
import json

import pytest
from flask import Flask

from blog.lib import clock
from tests.api.callers import a_program
from tests.factories.articles import make_draft, make_published
from tests.people import ARUN, MIA, ROSA
from tests.visitor import Visitor


def test_everybody_reads_what_is_published(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="disk-full", title="Disk full", tags=["queues"])
    make_draft(app, title="Not yet")
    answer = client.get("/api/v1/articles")
    assert answer.content_type == "application/json"
    (item,) = answer.json["items"]
    assert item["slug"] == "disk-full"
    assert item["url"] == "http://127.0.0.1:8000/postmortems/disk-full"
    assert item["tags"] == [{"slug": "queues", "name": "queues"}]
    assert item["authors"] == ["Arun"]
    assert item["published_at"].startswith(clock.iso(article.published_at)[:-1])
    assert item["published_at"].endswith("Z")
    assert answer.json["page"] == {"number": 1, "size": 20, "total": 1, "last": 1}
    assert answer.json["links"] == {
        "self": "http://127.0.0.1:8000/api/v1/articles?page=1",
        "next": None,
        "previous": None,
    }


def test_pages_and_filters_are_those_of_the_list(app: Flask, client: Visitor) -> None:
    for _ in range(21):
        make_published(app, tags=["dns"])
    make_published(app, tags=["queues"])
    first = client.get("/api/v1/articles?tag=dns&tag=dns").json
    assert (len(first["items"]), first["page"]["total"], first["page"]["last"]) == (20, 21, 2)
    second = client.get(first["links"]["next"].removeprefix("http://127.0.0.1:8000")).json
    assert len(second["items"]) == 1
    assert second["links"]["next"] is None
    assert "tag=dns" in second["links"]["previous"]
    slugs = [item["slug"] for page in (first, second) for item in page["items"]]
    assert len(set(slugs)) == 21


@pytest.mark.parametrize(
    ("query", "status"), [("page=0", 400), ("page=x", 400), ("page=2", 404), ("tag=a%20b", 400), ("kind=x'--", 400)]
)
def test_impossible_lists_are_problems(app: Flask, client: Visitor, query: str, status: int) -> None:
    make_published(app)
    answer = client.get(f"/api/v1/articles?{query}")
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_a_write_up_comes_with_its_document_and_the_hash_of_it(app: Flask, client: Visitor) -> None:
    make_published(app, slug="disk-full", title="Disk full", timeline=[{"at": "2026-02-01T10:00:00Z", "text": "Full."}])
    shown = client.get("/api/v1/articles/disk-full").json
    assert shown["document"]["title"] == shown["title"] == "Disk full"
    assert shown["document"]["timeline"][0]["text"] == "Full."
    assert (shown["state"], shown["revision"], shown["authors"]) == ("published", 1, ["Arun"])
    text = json.dumps(shown["document"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert shown["hash"] == hashlib.sha256(text.encode()).hexdigest()


def test_a_draft_is_seen_by_the_programs_of_those_who_may(app: Flask, client: Visitor) -> None:
    make_draft(app, slug="not-yet")
    path = "/articles/not-yet"
    assert client.get(f"/api/v1{path}").status_code == 404
    assert a_program(app, MIA, "read").get(path).status_code == 404
    for person in (ARUN, ROSA):
        assert a_program(app, person, "read").get(path).json["state"] == "draft"
        assert a_program(app, person, "read").get("/articles").json["items"] == []


def test_answers_for_a_token_are_kept_by_nobody(app: Flask, client: Visitor) -> None:
    make_published(app)
    personal, public = a_program(app, ARUN, "read").get("/articles"), client.get("/api/v1/articles")
    assert personal.headers["Cache-Control"] == "private, no-store"
    assert public.headers["Cache-Control"] == "no-cache"
    assert "Authorization" in public.headers["Vary"]


def test_what_is_not_there_is_a_problem(client: Visitor) -> None:
    for path in ("/articles/nothing", "/articles/nothing/comments", "/nothing"):
        answer = client.get(f"/api/v1{path}")
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json"), path
        assert answer.json["status"] == 404
