"""The public history of a write-up."""

from flask import Flask

from tests.factories.articles import make_draft, make_published
from tests.people import ARUN
from tests.visitor import Visitor, signed_in


def test_every_revision_that_was_live_can_be_read(app: Flask, client: Visitor) -> None:
    article = make_published(app, body="As it was first told.")
    listed = client.get(f"/postmortems/{article.slug}/revisions").text
    assert f'href="/postmortems/{article.slug}/revisions/1"' in listed
    assert "Arun" in listed
    shown = client.get(f"/postmortems/{article.slug}/revisions/1")
    assert "As it was first told." in shown.text
    assert 'name="robots" content="noindex"' in shown.text
    assert 'id="comments"' not in shown.text


def test_a_revision_that_is_not_there_is_not_found(app: Flask, client: Visitor) -> None:
    article = make_published(app)
    assert client.get(f"/postmortems/{article.slug}/revisions/2").status_code == 404


def test_the_revisions_of_a_draft_are_its_authors(app: Flask, client: Visitor) -> None:
    draft = make_draft(app)
    for address in ("revisions", "revisions/1"):
        assert client.get(f"/postmortems/{draft.article.slug}/{address}").status_code == 404
    signed_in(client, ARUN)
    for address in ("revisions", "revisions/1"):
        assert client.get(f"/postmortems/{draft.article.slug}/{address}").status_code == 200


def test_the_live_revision_is_not_said_to_be_hidden_from_readers(app: Flask, client: Visitor) -> None:
    make_published(app, slug="seen")
    page = client.get("/postmortems/seen/revisions/1").text
    assert "not what readers see" not in page
    assert 'name="robots" content="noindex"' in page
