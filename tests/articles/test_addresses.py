"""Another slug for a write-up: the one before leads to it for ever, and is never given to another."""

import json
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from blog.articles import addresses
from blog.articles.models import Article
from blog.comments import merging
from blog.errors import Invalid, NotAllowed
from blog.extensions import db
from blog.lib.database import writing
from tests.conftest import MakeApp
from tests.factories.articles import make_draft, make_published
from tests.factories.comments import make_comment
from tests.people import ARUN, MIA, RAVI, ROSA, Person, join
from tests.visitor import Visitor, signed_in


def move(app: Flask, article_id: int, slug: str, *, by: Person = ROSA) -> None:
    actor = join(app, by)
    with app.app_context(), writing(db.session):
        addresses.change_slug(actor=actor, article=db.session.get_one(Article, article_id), slug=slug)


def location(client: Visitor, path: str, status: int = 301) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.headers["Location"]


@pytest.mark.parametrize("rest", ["", "?page=2&x=%20y", "/revisions", "/revisions/1", "/similar"])
def test_an_old_address_leads_to_the_same_page_of_the_new_one(app: Flask, client: Visitor, rest: str) -> None:
    article = make_published(app, slug="before")
    move(app, article.id, "after")
    assert location(client, f"/postmortems/before{rest}") == f"/postmortems/after{rest}"
    assert "no-cache" in client.get("/postmortems/before").headers["Cache-Control"]


def test_a_page_that_was_kept_is_not_shown_at_the_old_address_any_more(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="before")
    assert [client.get("/postmortems/before").status_code for _ in range(3)] == [200] * 3
    move(app, article.id, "after")
    assert location(client, "/postmortems/before") == "/postmortems/after"
    for path in ("/", "/postmortems/", "/sitemap.xml", "/feed.atom", "/feed.json"):
        page = client.get(path).text
        assert "/postmortems/after" in page, path


def test_another_process_shows_neither_an_old_page_nor_an_old_address(app: Flask, make_app: MakeApp) -> None:
    here, there = app.test_client(), make_app().test_client()
    one, two = make_published(app, slug="one", title="The first"), make_published(app, slug="two")
    make_comment(app, one, text="Said on the first.")
    for path in ("/postmortems/one", "/postmortems/two", "/postmortems/", "/"):
        assert [(here.get(path).status_code, there.get(path).status_code) for _ in range(2)] == [(200, 200)] * 2
    move(app, one.id, "uno")
    assert there.get("/postmortems/one").headers["Location"] == "/postmortems/uno"
    assert "/postmortems/uno" in there.get("/").text
    assert there.get("/postmortems/uno").status_code == 200
    rosa = join(app, ROSA)
    with app.app_context(), writing(db.session):
        both = [db.session.get_one(Article, article.id) for article in (one, two)]
        merging.merge(actor=rosa, article=both[0], into=both[1], reason="Told twice.")
    assert {there.get(f"/postmortems/{slug}").headers["Location"] for slug in ("one", "uno")} == {"/postmortems/two"}
    assert "Said on the first." in there.get("/postmortems/two").text
    assert "The first" not in there.get("/").text
    with app.app_context(), writing(db.session):
        merging.undo_merge(actor=rosa, article=db.session.get_one(Article, one.id))
    assert "Said on the first." not in there.get("/postmortems/two").text
    assert "Said on the first." in there.get("/postmortems/uno").text


def test_feeds_know_it_as_the_one_it_was(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="before")
    known = json.loads(client.get("/feed.json").text)["items"][0]["id"]
    for slug in ("after", "last", "before", "last"):
        move(app, article.id, slug)
        entry = json.loads(client.get("/feed.json").text)["items"][0]
        assert (entry["id"], entry["url"].rpartition("/")[2]) == (known, slug)


def test_every_former_address_leads_to_the_present_one_in_one_step(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="one")
    for slug in ("two", "three"):
        move(app, article.id, slug)
    assert {location(client, f"/postmortems/{slug}") for slug in ("one", "two")} == {"/postmortems/three"}


def test_a_write_up_may_take_an_old_address_back(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="one")
    move(app, article.id, "two")
    move(app, article.id, "one")
    assert client.get("/postmortems/one").status_code == 200
    assert location(client, "/postmortems/two") == "/postmortems/one"


def test_a_former_slug_is_never_given_to_another(app: Flask) -> None:
    article = make_published(app, slug="dns-outage")
    move(app, article.id, "resolver-outage")
    with pytest.raises(Invalid) as refusal:
        make_draft(app, slug="dns-outage")
    assert refusal.value.at("slug")
    assert make_draft(app, title="DNS outage").article.slug == "dns-outage-2"
    other = make_published(app, slug="other")
    for slug in ("dns-outage", "resolver-outage"):
        with pytest.raises(Invalid):
            move(app, other.id, slug)


def test_the_database_itself_gives_no_former_slug_to_another(app: Flask) -> None:
    article, other = make_published(app, slug="freed"), make_published(app, slug="other")
    move(app, article.id, "new")
    for statement in (
        f"UPDATE articles SET slug = 'freed' WHERE id = {other.id}",
        "INSERT INTO articles (slug, state, title, summary, card, authors, comment_count, created_at, retired_reason)"
        " VALUES ('freed', 'draft', '', '', '{}', '[]', 0, '2025-01-01', '')",
    ):
        with app.app_context(), pytest.raises(IntegrityError, match="never given to another"):
            db.session.execute(text(statement))


@pytest.mark.parametrize("slug", ["", "Big", "a--b", "a b", "a/b", "x" * 121, "12", "über", "before"])
def test_what_is_no_address_is_refused(app: Flask, slug: str) -> None:
    article = make_published(app, slug="before")
    with pytest.raises(Invalid) as refusal:
        move(app, article.id, slug)
    assert refusal.value.at("slug")


def test_who_may_change_an_address(app: Flask) -> None:
    draft, published = make_draft(app, slug="draft"), make_published(app, slug="live")
    move(app, draft.article_id, "mine", by=ARUN)
    for person in (MIA, ARUN):
        with pytest.raises(NotAllowed):
            move(app, published.id, "mine-too", by=person)
    move(app, published.id, "ours", by=RAVI)


def test_what_a_draft_was_called_tells_strangers_nothing(app: Flask, client: Visitor) -> None:
    draft = make_draft(app, slug="secret-name")
    move(app, draft.article_id, "other-name", by=ARUN)
    for path in ("/postmortems/secret-name", f"/postmortems/{draft.article_id}", "/api/v1/articles/secret-name"):
        assert client.get(path).status_code == 404
    assert "secret" not in client.get(f"/postmortems/{draft.article_id}").text


def test_a_number_leads_to_its_write_up(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="live")
    assert location(client, f"/postmortems/{article.id}") == "/postmortems/live"
    assert location(client, f"/postmortems/{article.id}/revisions?x=1") == "/postmortems/live/revisions?x=1"
    assert location(client, f"/api/v1/articles/{article.id}") == "/api/v1/articles/live"
    for missing in (article.id + 1, f"0{article.id}", 2**31, 10**30):
        assert client.get(f"/postmortems/{missing}").status_code == 404
    assert f"Write-up {article.id}" in client.get("/postmortems/live").text


def test_no_title_makes_an_address_that_is_a_number(app: Flask) -> None:
    assert not make_draft(app, title="2024").article.slug.isdigit()


def test_a_comment_sent_to_an_old_address_arrives(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="before")
    signed_in(client, MIA)
    move(app, article.id, "after")
    response = client.post("/postmortems/before/comments", data={"text": "I was there."})
    assert (response.status_code, response.headers["Location"]) == (308, "/postmortems/after/comments")
    client.post("/postmortems/after/comments", data={"text": "I was there."})
    assert "I was there." in client.get("/postmortems/after").text


def test_relations_that_name_an_old_slug_still_resolve(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="before", title="The one meant")
    make_published(app, slug="pointing", relations=[{"kind": "similar", "target": "before#i1"}])
    move(app, article.id, "after")
    page = client.get("/postmortems/pointing").text
    assert '<a href="/postmortems/after">The one meant</a>' in page


def test_comments_lead_to_the_new_address(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="before")
    comment = make_comment(app, article)
    move(app, article.id, "after")
    assert location(client, f"/comments/{comment.id}", 302) == f"/postmortems/after#comment-{comment.id}"
    assert client.get("/api/v1/articles/before/comments").headers["Location"] == "/api/v1/articles/after/comments"


def test_the_form_changes_it_and_says_what_is_wrong(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="before")
    make_published(app, slug="taken")
    signed_in(client, ROSA)
    path = f"/editor/articles/{article.id}/address"
    refused = client.post(path, data={"slug": "taken"})
    assert refused.status_code == 400
    assert "is, or was, that of another write-up" in refused.text
    assert 'value="taken"' in refused.text
    assert client.post(path, data={"slug": " after "}).status_code == 303
    page = client.get(path).text
    assert "/postmortems/before" in page
    assert "/postmortems/after" in page


def test_incidents_keep_their_numbers_over_revisions_and_rebuilds(app: Flask, client: Visitor) -> None:
    make_published(app, slug="first", incidents=[{"name": "One"}, {"name": "Two"}])
    second = make_published(app, slug="second", incidents=[{"name": "Three"}])
    places = ["/postmortems/first#incidents-i1", "/postmortems/first#incidents-i2", "/postmortems/second#incidents-i1"]
    assert [location(client, f"/incidents/{number}", 302) for number in (1, 2, 3)] == places
    assert app.test_cli_runner().invoke(args=["articles", "rebuild"]).exit_code == 0
    assert [location(client, f"/incidents/{number}", 302) for number in (1, 2, 3)] == places
    assert client.get("/incidents/4").status_code == 404
    assert 'href="/incidents/2">Incident 2</a>' in client.get("/postmortems/first").text
    move(app, second.id, "last")
    assert location(client, "/incidents/3", 302) == "/postmortems/last#incidents-i1"
    assert json.loads(client.get("/api/v1/articles/first").text)["incidents"] == {"i1": 1, "i2": 2}


def test_a_number_of_an_incident_is_never_given_again(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="first", incidents=[{"name": "One"}])
    with app.app_context(), writing(db.session):
        db.session.execute(text("DELETE FROM incident_numbers"))
    make_published(app, slug="second", incidents=[{"name": "Another"}])
    assert client.get("/incidents/1").status_code == 404
    assert location(client, "/incidents/2", 302) == "/postmortems/second#incidents-i1"
    assert article.id


def test_the_change_is_in_the_journal(app: Flask) -> None:
    article = make_published(app, slug="before")
    move(app, article.id, "after")
    with app.app_context():
        kind, data = db.session.execute(text("SELECT kind, data FROM events ORDER BY id DESC LIMIT 1")).one()
        (left_at,) = db.session.execute(text("SELECT left_at FROM former_slugs")).one()
    assert (kind, json.loads(data)) == ("article.moved", {"from": "before", "to": "after"})
    assert datetime.fromisoformat(left_at).replace(tzinfo=UTC) <= datetime.now(UTC)
