"""The page about the API for people, made from its operations."""

import html
import re

from flask import Flask

from blog.api.views import OPERATIONS
from blog.api.wording import type_words
from tests.conftest import MakeApp
from tests.visitor import Visitor


def test_every_operation_has_its_section(client: Visitor) -> None:
    page = client.get("/api/").text
    for one in OPERATIONS:
        assert f'id="{one.name}"' in page
        assert html.escape(one.about, quote=False) in page.replace("&#39;", "'")


def test_every_link_within_the_page_leads_somewhere(client: Visitor) -> None:
    page = client.get("/api/").text
    names = set(re.findall(r'\bid="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= names


def test_it_tells_the_address_and_the_rates_of_this_site(make_app: MakeApp) -> None:
    page = make_app(site_url="http://localhost", token_rates="7/minute").test_client().get("/api/").text
    assert "http://localhost/api/v1/articles" in page
    assert "7 times a minute" in page


def test_what_a_proposal_of_a_revision_needs_is_said(client: Visitor) -> None:
    section = client.get("/api/").text.partition('id="propose_revision"')[2].partition("</section>")[0]
    for words in ("If-Match", "required", "Idempotency-Key", "Hindsight-Model", "Scope: propose"):
        assert words in section


def test_types_are_words() -> None:
    assert type_words({"type": "array", "items": {"$ref": "#/components/schemas/Named"}}) == "list of Named"
    assert type_words({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}) == "time or null"
    assert type_words({"enum": ["a", ""]}) == "one of: a, nothing"
    assert type_words({}) == "any value"


def test_it_is_found_from_every_page(app: Flask, client: Visitor) -> None:
    assert 'href="/api/"' in client.get("/about").text
