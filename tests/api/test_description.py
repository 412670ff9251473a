"""The description of the API says what there is, and nothing else."""

import re
from typing import Any

from flask import Flask

from blog.api.views import OPERATIONS
from blog.articles.api import ArticleWhole
from blog.articles.document import Document
from tests.conftest import MakeApp
from tests.factories.articles import make_published
from tests.visitor import Visitor

DESCRIPTION = "/api/v1/openapi.json"


def test_every_route_is_described_and_every_description_is_a_route(app: Flask, client: Visitor) -> None:
    paths = client.get(DESCRIPTION).json["paths"]
    described = {(path, method.upper()) for path, methods in paths.items() for method in methods}
    routes = {
        (re.sub(r"<(?:int:)?([a-z_]+)>", r"{\1}", rule.rule.removeprefix("/api/v1")), method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.description"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == routes


def test_no_operation_publishes_approves_moderates_or_administers() -> None:
    assert {operation.scope for operation in OPERATIONS} == {"read", "propose", "comment"}
    assert all(operation.method == "GET" for operation in OPERATIONS if operation.scope == "read")
    assert all(not operation.is_public for operation in OPERATIONS if operation.scope != "read")


def test_every_reference_leads_somewhere(client: Visitor) -> None:
    answer = client.get(DESCRIPTION)
    assert answer.json["openapi"] == "3.1.0"
    names = set(answer.json["components"]["schemas"])
    assert set(re.findall(r'"#/components/schemas/([^"]+)"', answer.text)) <= names
    assert {"Document", "ArticleEntry", "CommentShown", "Problem"} <= names


def test_the_document_is_described_as_it_is_checked(client: Visitor) -> None:
    described = client.get(DESCRIPTION).json["components"]["schemas"]["Document"]
    assert set(described["properties"]) == set(Document.model_fields)
    assert set(described["required"]) == {"title", "body"}
    assert described["additionalProperties"] is False


def test_answers_hold_exactly_what_is_described(app: Flask, client: Visitor) -> None:
    make_published(app, slug="disk-full")
    schemas: dict[str, Any] = client.get(DESCRIPTION).json["components"]["schemas"]
    shown = client.get("/api/v1/articles/disk-full").json
    assert set(shown) == set(schemas["ArticleWhole"]["properties"])
    assert ArticleWhole.model_validate_json(client.get("/api/v1/articles/disk-full").text).slug == "disk-full"
    listed = client.get("/api/v1/articles").json
    assert set(listed["items"][0]) == set(schemas["ArticleEntry"]["properties"])
    assert set(listed["page"]) == set(schemas["PageFacts"]["properties"])


def test_what_needs_a_token_says_so(client: Visitor) -> None:
    paths = client.get(DESCRIPTION).json["paths"]
    assert paths["/articles"]["post"]["security"] == [{"token": []}]
    assert {} in paths["/articles"]["get"]["security"]


def test_the_description_names_this_site_and_is_kept(make_app: MakeApp) -> None:
    client = make_app(site_url="http://localhost", site_name="Ours").test_client()
    answer = client.get(DESCRIPTION)
    assert answer.json["servers"] == [{"url": "http://localhost/api/v1"}]
    assert answer.json["info"]["title"] == "Ours JSON API"
    assert client.get(DESCRIPTION, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
