"""Lists of write-ups: order, facets, filters, pages, terms, and what they cost."""

import pytest
from flask import Flask

from tests.factories.articles import make_published
from tests.statements import counted
from tests.visitor import Visitor


def titles(page: str) -> list[str]:
    return [part.partition("</a>")[0].rpartition(">")[2] for part in page.split('class="card-title"')[1:]]


def test_the_latest_write_up_comes_first(app: Flask, client: Visitor) -> None:
    for title in ("One", "Two", "Three"):
        make_published(app, title=title)
    assert titles(client.get("/postmortems/").text) == ["Three", "Two", "One"]


def test_an_entry_shows_times_severity_terms_and_no_body(app: Flask, client: Visitor) -> None:
    incident = {
        "kind": "near-miss",
        "severity": "SEV3",
        "services": ["Mail"],
        "times": {"started": "2025-12-14 09:00Z", "resolved": "2025-12-14 10:30Z"},
    }
    make_published(app, incidents=[incident], tags=["dns"], body="Only on its page.")
    page = client.get("/postmortems/").text
    assert "1 h 30 min to resolve" in page
    assert 'class="severity severity-sev3">SEV3<' in page
    assert "Near miss" in page
    assert 'href="/services/mail"' in page
    assert 'href="/tags/dns"' in page
    assert "Only on its page." not in page


def test_filters_narrow_the_list_and_can_be_taken_away(app: Flask, client: Visitor) -> None:
    make_published(app, title="Both", tags=["dns", "cache"])
    make_published(app, title="One", tags=["dns"])
    page = client.get("/postmortems/?tag=dns").text
    assert titles(page) == ["One", "Both"]
    assert 'href="/postmortems/?tag=cache&amp;tag=dns"' in page
    narrowed = client.get("/postmortems/?tag=dns&tag=cache").text
    assert titles(narrowed) == ["Both"]
    assert 'href="/postmortems/?tag=cache"' in narrowed
    assert "1 write-up" in narrowed


def test_nothing_found_says_how_to_go_on(app: Flask, client: Visitor) -> None:
    make_published(app)
    page = client.get("/postmortems/?tag=no-such-tag")
    assert page.status_code == 200
    assert "Nothing matches all of these filters." in page.text
    assert 'href="/postmortems/"' in page.text


def test_an_empty_site_says_what_belongs_there(client: Visitor) -> None:
    for address in ("/postmortems/", "/tags/", "/services/", "/organisations/"):
        page = client.get(address)
        assert page.status_code == 200
        assert 'class="empty"' in page.text


@pytest.mark.parametrize("page", ["0", "-1", "x", "1e3", "9999999", "1%2B1"])
def test_a_page_made_up_by_hand_is_refused_in_words(client: Visitor, page: str) -> None:
    response = client.get(f"/postmortems/?page={page}")
    assert response.status_code == 400
    assert "a page is a whole number" in response.text


def test_a_page_beyond_the_last_is_not_there(app: Flask, client: Visitor) -> None:
    make_published(app)
    assert client.get("/postmortems/?page=2").status_code == 404


def test_pages_link_to_each_other_and_keep_the_filters(app: Flask, client: Visitor) -> None:
    for _ in range(21):
        make_published(app, tags=["dns"])
    first = client.get("/postmortems/?tag=dns").text
    assert len(titles(first)) == 20
    assert 'href="/postmortems/?tag=dns&amp;page=2" rel="next"' in first
    assert len(titles(client.get("/postmortems/?tag=dns&page=2").text)) == 1
    assert 'href="/tags/dns?page=2"' in client.get("/tags/dns").text


@pytest.mark.parametrize("facet", ["tags", "services", "organisations"])
def test_a_term_has_a_page_and_stands_in_its_index(app: Flask, client: Visitor, facet: str) -> None:
    make_published(
        app, title="It", tags=["Mail relay"], incidents=[{"services": ["Mail relay"], "organisations": ["Mail relay"]}]
    )
    assert f'href="/{facet}/mail-relay">Mail relay</a>' in client.get(f"/{facet}/").text
    page = client.get(f"/{facet}/mail-relay").text
    assert "<h1>Mail relay</h1>" in page
    assert titles(page) == ["It"]
    assert client.get(f"/{facet}/nobody-used-it").status_code == 404


def test_a_list_costs_at_most_six_statements_however_long(app: Flask, client: Visitor) -> None:
    for number in range(3):
        make_published(app, tags=[f"tag-{number}", "all"])
    costs = []
    for address in ("/postmortems/", "/postmortems/?tag=all&year=2025", "/tags/all", "/tags/"):
        with counted(app) as statements:
            client.get(address)
        costs.append(len(statements))
    assert max(costs) <= 6, costs


def test_the_schema_of_the_document_is_served(client: Visitor) -> None:
    response = client.get("/schema/document.json")
    assert response.content_type == "application/schema+json"
    assert response.get_json(force=True)["$schema"].endswith("2020-12/schema")
