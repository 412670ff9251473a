"""The write-ups most like one: found by what they say, on a page that its own page links to."""

import re

from flask import Flask

from tests.factories.articles import make_draft, make_published
from tests.search.site import index_now, words_of
from tests.search.test_indexing import retire
from tests.visitor import Visitor

LINK = re.compile(r'<h2 class="card-title"><a href="/postmortems/([^"]*)"')


def similar(client: Visitor, slug: str) -> list[str]:
    answer = client.get(f"/postmortems/{slug}/similar")
    assert answer.status_code == 200
    return LINK.findall(answer.text)


def test_the_closest_stand_first_and_the_write_up_itself_is_not_among_them(app: Flask, client: Visitor) -> None:
    words = "resolver negative cache loop region lookups refused retries storm"
    article = make_published(app, title="A loop", summary="", body=words, tags=[])
    near = make_published(app, title="One more loop", summary="", body=words + " elsewhere", tags=[])
    far = make_published(app, title="A storm", summary="", body="A storm of retries on the mail relay", tags=[])
    other = make_published(app, title="A bill", summary="", body="Invoices were printed upside down", tags=[])
    index_now(app)
    found = similar(client, article.slug)
    assert found[:2] == [near.slug, far.slug]
    assert article.slug not in found
    assert other.slug not in found
    assert f'href="/postmortems/{article.slug}/similar"' in client.get(f"/postmortems/{article.slug}").text


def test_what_was_retired_is_left_out_though_the_index_still_has_it(app: Flask, client: Visitor) -> None:
    article = make_published(app, body="resolver negative cache loop")
    near = make_published(app, body="resolver negative cache loop again")
    index_now(app)
    assert similar(client, article.slug) == [near.slug]
    retire(app, near)
    assert similar(client, article.slug) == []


def test_nothing_like_it_says_so(app: Flask, client: Visitor) -> None:
    article = make_published(app)
    index_now(app)
    page = client.get(f"/postmortems/{article.slug}/similar").text
    assert "Nothing here is like it yet." in words_of(page)


def test_a_draft_has_no_such_page_for_strangers(app: Flask, client: Visitor) -> None:
    draft = make_draft(app)
    assert client.get(f"/postmortems/{draft.article.slug}/similar").status_code == 404
    assert client.get("/postmortems/nothing/similar").status_code == 404


def test_without_an_index_it_asks_to_come_back(app: Flask, client: Visitor) -> None:
    article = make_published(app)
    page = client.get(f"/postmortems/{article.slug}/similar").text
    assert "The search is being rebuilt." in words_of(page)
