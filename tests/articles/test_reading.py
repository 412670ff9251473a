"""Reading a write-up: the page of a live one, of a draft, of a retired one, and what it costs."""

from typing import Any

from flask import Flask
from html5lib import HTMLParser

from blog.articles.models import Article
from blog.editor import publishing
from blog.extensions import db
from blog.lib.database import writing
from tests.factories.articles import make_draft, make_published
from tests.people import ARUN, MIA, ROSA, join
from tests.statements import counted
from tests.visitor import Visitor, signed_in

RICH: dict[str, Any] = {
    "title": "The agent that deleted an environment",
    "body": "## What happened\n\nIt was deleted.\n\n## What followed\n\nIt was built anew.\n\n### In detail\n\nSlow.",
    "tags": ["agents", "permissions"],
    "incidents": [
        {
            "severity": "SEV2",
            "services": ["Cost pages", {"name": "Agent", "role": "tool"}],
            "organisations": ["Example Cloud"],
            "times": {"started": "2025-12-14 09:00Z", "detected": "unknown", "resolved": "2025-12-14 22:00Z"},
            "factors": [{"name": "Wide role", "text": "Wider than **needed**."}],
            "ai": {"system": "Kirin", "vendor": "Example Cloud", "autonomy": "acts-alone"},
            "permissions": [
                {"holder": "Kirin", "granted": "delete", "needed": "read", "gate": "built-and-bypassed"},
            ],
        }
    ],
    "timeline": [{"at": "2025-12-14 09:15Z", "marker": "trigger", "text": "It *starts*.", "source": "s1"}],
    "claims": [
        {"id": "c1", "text": "The agent chose it.", "claimant": "Insiders", "role": "employee"},
        {"id": "c2", "text": "People did.", "claimant": "Example Cloud", "role": "vendor", "stance": "disputes",
         "toward": "c1"},
    ],
    "sources": [{"url": "https://news.example/a?b=1", "title": "The news", "primary": False}],
    "actions": [{"text": "Two people approve.", "kind": "prevent", "due_on": "2026-03-01"}],
    "relations": [{"kind": "similar", "target": "not-here"}],
}  # fmt: skip


def test_a_rich_write_up_shows_every_part_with_an_id_to_link_to(app: Flask, client: Visitor) -> None:
    article = make_published(app, **RICH)
    page = client.get(f"/postmortems/{article.slug}").text
    for name in ("timeline-t1", "claims-c1", "claims-c2", "sources-s1", "actions-a1", "relations-r1", "incidents-i1",
                 "incidents-i1-permissions-p1", "incidents-i1-factors-f1"):  # fmt: skip
        assert page.count(f'id="{name}"') == 1, name
    assert '<article class="postmortem"' in page
    assert "13 h to resolve" in page
    assert "It <em>starts</em>." in page
    assert "Wider than <strong>needed</strong>." in page
    assert "The gate was built, and bypassed" in page
    assert "Disputed by Example Cloud" in page
    assert "+15 min" in page
    assert "approved by Rosa" in page
    assert 'href="#sources-s1"' in page
    assert "(not published here)" in page


def test_every_id_is_used_once_and_the_html_is_valid(app: Flask, client: Visitor) -> None:
    article = make_published(app, **RICH)
    page = client.get(f"/postmortems/{article.slug}").text
    tree = HTMLParser(strict=True).parse(page)
    ids = [element.attrib["id"] for element in tree.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    linked = {element.attrib["href"][1:] for element in tree.iter() if element.attrib.get("href", "").startswith("#")}
    assert linked <= set(ids)


def test_contents_list_headings_and_sections(app: Flask, client: Visitor) -> None:
    article = make_published(app, **RICH)
    page = client.get(f"/postmortems/{article.slug}").text
    contents = page.partition('<nav class="contents"')[2].partition("</nav>")[0]
    names = ("What happened", "In detail", "Timeline", "Who says what", "Permissions", "Actions", "Sources", "Comments")
    places = [contents.find(name) for name in names]
    assert -1 not in places
    assert places == sorted(places)


def test_a_note_of_ten_lines_has_no_empty_parts(app: Flask, client: Visitor) -> None:
    article = make_published(app, summary="", body="It broke.\n\nWe mended it.", tags=[])
    page = client.get(f"/postmortems/{article.slug}").text
    for part in ("<svg", "post-side", 'id="timeline"', 'id="claims"', 'id="sources"', 'class="tags"'):
        assert part not in page


def test_text_of_people_is_never_markup_nor_a_template(app: Flask, client: Visitor) -> None:
    hostile = "<b>x</b> {{ 7*7 }}"
    incident = {
        "name": hostile,
        "severity": "SEV1",
        "severity_basis": hostile,
        "regions": [hostile],
        "services": [hostile],
        "ai": {"system": hostile},
        "permissions": [{"holder": hostile, "granted": hostile}],
    }
    article = make_published(
        app,
        title=hostile,
        summary=hostile,
        body=hostile,
        tags=[hostile],
        incidents=[incident, incident],
        timeline=[{"text": hostile}],
        claims=[{"text": hostile, "claimant": hostile, "role": "editor", "quote": hostile, "about": hostile}],
        sources=[{"title": hostile, "publisher": hostile}],
        actions=[{"text": hostile, "owner_role": hostile}],
        relations=[{"kind": "similar", "target": hostile, "note": hostile}],
    )
    for address in (f"/postmortems/{article.slug}", "/postmortems/", "/tags/", "/services/"):
        page = client.get(address).text
        assert "<b>x" not in page
        assert "{{ 7*7 }}" in page


def test_a_reader_who_is_not_signed_in_gets_nothing_personal(app: Flask, client: Visitor) -> None:
    article = make_published(app)
    for address in ("/postmortems/", f"/postmortems/{article.slug}", "/tags/"):
        response = client.get(address)
        assert "csrf" not in response.text
        assert "Set-Cookie" not in response.headers
        assert "/editor/articles" not in response.text


def test_a_member_may_sign_out_and_an_author_sees_the_way_to_edit(app: Flask, client: Visitor) -> None:
    article = make_published(app)
    signed_in(client, MIA)
    page = client.get(f"/postmortems/{article.slug}").text
    assert 'action="/account/logout"' in page
    assert f"/editor/articles/{article.id}" not in page
    signed_in(client, ROSA)
    assert f'href="/editor/articles/{article.id}"' in client.get(f"/postmortems/{article.slug}").text


def test_a_draft_is_not_there_for_readers_and_marked_for_its_author(app: Flask, client: Visitor) -> None:
    draft = make_draft(app)
    address = f"/postmortems/{draft.article.slug}"
    assert client.get(address).status_code == 404
    signed_in(client, ARUN)
    page = client.get(address)
    assert page.status_code == 200
    assert "This draft is not public." in page.text
    assert 'name="robots" content="noindex"' in page.text
    assert 'id="comments"' not in page.text


def test_a_retired_write_up_keeps_its_address_and_says_why(app: Flask, client: Visitor) -> None:
    article = make_published(app)
    actor = join(app, ROSA)
    with app.app_context(), writing(db.session):
        row = db.session.get_one(Article, article.id)
        publishing.retire(actor=actor, article=row, reason="Told twice.")
    page = client.get(f"/postmortems/{article.slug}")
    assert page.status_code == 200
    assert "This write-up was retired.</strong> Told twice." in page.text
    assert article.title not in client.get("/postmortems/").text


def test_an_unknown_address_helps(client: Visitor) -> None:
    response = client.get("/postmortems/never-was")
    assert response.status_code == 404
    assert 'href="/postmortems/"' in response.text
    assert "Traceback" not in response.text


def test_a_write_up_costs_at_most_fifteen_statements(app: Flask, client: Visitor) -> None:
    article = make_published(app, **RICH)
    with counted(app) as statements:
        client.get(f"/postmortems/{article.slug}")
    assert len(statements) <= 15, statements
    signed_in(client, ROSA)
    with counted(app) as statements:
        client.get(f"/postmortems/{article.slug}")
    assert len(statements) <= 15, statements
