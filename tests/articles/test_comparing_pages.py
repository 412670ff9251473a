"""The page that compares two revisions."""

import pytest
from flask import Flask

from tests.factories.articles import make_draft, make_published, make_revised
from tests.people import ARUN
from tests.visitor import Visitor, signed_in


def test_two_revisions_are_laid_over_each_other(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="full", title="Queue full")
    make_revised(app, article, title="Queue <full> twice")
    page = client.get("/postmortems/full/compare?from=1&to=2").text
    assert "<ins>&lt;full&gt; twice</ins>" in page or "<ins>" in page
    assert "<full>" not in page
    back = client.get("/postmortems/full/compare?from=2&to=1").text
    assert "<del>" in back.split('class="comparison"')[1]


def test_without_numbers_the_newest_is_compared_with_the_one_before(app: Flask, client: Visitor) -> None:
    make_revised(app, make_published(app, slug="full"), body="New.")
    for query in ("", "?to=2", "?from=1", "?to=2&from=1", "?from=1&to=2&from=2", "?from=1&to=2&more=x"):
        assert client.get(f"/postmortems/full/compare{query}").location == "/postmortems/full/compare?from=1&to=2"


@pytest.mark.parametrize("query", ["from=1&to=9", "from=0&to=1", "from=x&to=1", "from=&to=", "from=01&to=1"])
def test_a_number_that_is_none_is_not_found(app: Flask, client: Visitor, query: str) -> None:
    make_published(app, slug="full")
    assert client.get(f"/postmortems/full/compare?{query}").status_code == 404


def test_one_revision_does_not_differ_from_itself(app: Flask, client: Visitor) -> None:
    make_published(app, slug="full")
    assert "Nothing differs." in client.get("/postmortems/full/compare?from=1&to=1").text


def test_a_draft_of_what_is_live_is_compared_by_writers_alone(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="full")
    signed_in(client, ARUN)
    client.post(
        f"/editor/articles/{article.id}",
        data={"title": "Zebra", "body": "Unseen.", "based_on_id": str(article.live_revision_id)},
    )
    assert "Zebra" in client.get("/postmortems/full/compare?from=1&to=2").text
    reader = app.test_client()
    assert reader.get("/postmortems/full/compare?from=1&to=2").status_code == 404
    assert 'value="2"' not in reader.get("/postmortems/full/compare?from=1&to=1").text


def test_the_revisions_of_an_unseen_draft_are_not_compared(app: Flask, client: Visitor) -> None:
    make_draft(app, slug="unseen")
    assert client.get("/postmortems/unseen/compare?from=1&to=1").status_code == 404
