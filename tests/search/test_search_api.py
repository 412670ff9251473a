"""GET /api/v1/search: the results of the page, for programs."""

import pytest
from flask import Flask

from blog.search import queries
from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.search.site import found, index_now
from tests.visitor import Visitor

ADDRESS = "/api/v1/search"


def test_a_program_gets_what_a_reader_gets(app: Flask, client: Visitor) -> None:
    article = make_published(
        app, title="The <b>resolver</b> looped", body="The cache & more was emptied.", tags=["DNS"]
    )
    comment = make_comment(app, article, text="A *resolver* <alarm> too.")
    make_published(app, body="Only a resolver.")
    index_now(app)
    answer = client.get(f"{ADDRESS}?q=resolver&tag=dns").json
    assert answer["total"] == answer["page"]["total"] == 1
    assert answer["page"] == {"number": 1, "size": 20, "total": 1, "last": 1}
    assert answer["links"]["next"] is None
    (hit,) = answer["items"]
    assert hit["slug"] == article.slug
    assert hit["url"].endswith(f"/postmortems/{article.slug}")
    assert hit["title"] == "The <b>resolver</b> looped"
    assert (hit["comment_count"], len(hit["comments"])) == (1, 1)
    (said,) = hit["comments"]
    assert (said["id"], said["user"], said["passage"]) == (comment.id, "Mia", "A resolver <alarm> too.")
    assert said["url"].endswith(f"/comments/{comment.id}")
    everything = client.get(f"{ADDRESS}?q=resolver").json
    assert [hit["slug"] for hit in everything["items"]] == found(client, "resolver")
    assert everything["facets"]["tag"][0] == {"slug": "dns", "name": "DNS", "count": 1}


def test_pages_are_linked(app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    for _ in range(3):
        make_published(app, body="resolver")
    index_now(app)
    first = client.get(f"{ADDRESS}?q=resolver&sort=newest").json
    assert first["page"] == {"number": 1, "size": 2, "total": 3, "last": 2}
    second = client.get(first["links"]["next"]).json
    assert second["page"]["number"] == 2
    assert len(second["items"]) == 1
    assert client.get(f"{ADDRESS}?q=resolver&page=3").status_code == 404


def test_what_was_ignored_or_corrected_is_told(app: Flask, client: Visitor) -> None:
    make_published(app, body="The resolver looped.")
    index_now(app)
    answer = client.get(ADDRESS, query_string={"q": "resovler before:never"}).json
    assert answer["items"] == []
    assert answer["suggestions"] == ["resolver before:never"]
    assert "“before:never” is not a day" in answer["notes"][0]
    assert (answer["any_word"], answer["cut_short"]) == (False, False)


@pytest.mark.parametrize(
    ("query", "path"),
    [("", "q"), ("?q=", "q"), ("?q=" + "a" * 201, "q"), ("?q=a&page=x", "page"), ("?q=a&tag=a+b", "tag")],
)
def test_a_bad_request_is_a_problem_that_names_the_field(client: Visitor, query: str, path: str) -> None:
    answer = client.get(ADDRESS + query)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert [fault["path"] for fault in answer.json["faults"]] == [path]


def test_without_an_index_it_is_busy(app: Flask, client: Visitor) -> None:
    make_published(app, body="The resolver looped.")
    answer = client.get(f"{ADDRESS}?q=resolver")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "being rebuilt" in answer.json["detail"]


def test_a_bad_token_is_refused_also_here(client: Visitor) -> None:
    answer = client.get(f"{ADDRESS}?q=resolver", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401
