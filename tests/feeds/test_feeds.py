"""Feeds: what stands in them, that they are well-formed for any text, and that they are asked for cheaply."""

import json
import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, update

from blog.articles.models import Article, Revision
from blog.editor import publishing
from blog.extensions import db
from blog.feeds import feed_atom, feed_json
from blog.feeds.feed_entries import make_feed, with_absolute_links
from blog.feeds.queries import Entry
from blog.journal.versions import move_on
from blog.lib import clock
from blog.lib.database import writing
from tests.conftest import MakeApp
from tests.factories.articles import make_draft, make_published, make_submitted
from tests.people import ROSA, join
from tests.visitor import Visitor

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = ("/feed.atom", "/feed.json", "/tags/queues/feed.atom", "/tags/queues/feed.json")


def atom_entries(text: str) -> list[ET.Element]:
    return ET.fromstring(text).findall(f"{ATOM}entry")


def retire(app: Flask, article: Article) -> None:
    actor = join(app, ROSA)
    with app.app_context(), writing(db.session):
        publishing.retire(actor=actor, article=db.session.get_one(Article, article.id), reason="It was wrong.")


def test_a_published_write_up_stands_in_every_feed_that_it_belongs_to(app: Flask, client: Visitor) -> None:
    article = make_published(app, title="Disk full & <b>loud</b>", slug="disk-full", tags=["queues", "disks"])
    entry = atom_entries(client.get("/feed.atom").text)[0]
    assert entry.findtext(f"{ATOM}title") == "Disk full & <b>loud</b>"
    assert entry.find(f"{ATOM}link").attrib["href"] == "http://127.0.0.1:8000/postmortems/disk-full"
    assert "rotated every hour" in entry.findtext(f"{ATOM}content")
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Arun"
    assert [one.attrib["term"] for one in entry.findall(f"{ATOM}category")] == ["queues", "disks"]
    item = client.get("/feed.json").json["items"][0]
    assert item["title"] == "Disk full & <b>loud</b>"
    assert item["url"] == "http://127.0.0.1:8000/postmortems/disk-full"
    assert item["id"] == entry.findtext(f"{ATOM}id")
    assert item["content_html"] == entry.findtext(f"{ATOM}content")
    assert item["summary"] == "The queue stopped when its disk filled."
    assert item["tags"] == ["queues", "disks"]
    assert item["authors"] == [{"name": "Arun"}]
    assert item["date_published"] == clock.iso(article.published_at)
    assert len(atom_entries(client.get("/tags/disks/feed.atom").text)) == 1


def test_the_feed_of_a_tag_holds_nothing_else(app: Flask, client: Visitor) -> None:
    make_published(app, slug="one", tags=["dns"])
    make_published(app, slug="two", tags=["queues"])
    assert [item["url"].split("/")[-1] for item in client.get("/tags/dns/feed.json").json["items"]] == ["one"]
    assert client.get("/tags/nobody-used-this/feed.atom").status_code == 404
    assert client.get("/tags/nobody-used-this/feed.json").status_code == 404


def test_drafts_and_retired_write_ups_stand_in_no_feed(app: Flask, client: Visitor) -> None:
    make_draft(app, title="Still a draft")
    make_submitted(app, title="Not yet approved")
    gone = make_published(app, title="Gone since", tags=["queues"])
    make_published(app, title="The one that stays")
    retire(app, gone)
    for address in FEEDS:
        text = client.get(address).text
        for title in ("Still a draft", "Not yet approved", "Gone since"):
            assert title not in text, address
    assert "The one that stays" in client.get("/feed.atom").text


def test_types_of_feeds_are_told(app: Flask, client: Visitor) -> None:
    make_published(app)
    assert client.get("/feed.atom").content_type == "application/atom+xml; charset=utf-8"
    assert client.get("/feed.json").content_type == "application/feed+json; charset=utf-8"
    assert client.get("/feed.json").json["version"] == "https://jsonfeed.org/version/1.1"
    assert client.get("/feed.json").json["feed_url"] == "http://127.0.0.1:8000/feed.json"


def test_an_empty_feed_is_a_feed(client: Visitor) -> None:
    root = ET.fromstring(client.get("/feed.atom").text)
    assert root.findtext(f"{ATOM}updated") == "1970-01-01T00:00:00+00:00"
    assert client.get("/feed.json").json["items"] == []


def test_fifty_entries_latest_first(app: Flask, client: Visitor) -> None:
    first = make_published(app, slug="first")
    with app.app_context(), writing(db.session):
        for number in range(52):
            row = Article(slug=f"n-{number}", title=f"N {number}", state="published", created_at=first.created_at)
            row.published_at = row.updated_at = first.published_at + timedelta(minutes=number + 1)
            row.live_revision_id = first.live_revision_id
            db.session.add(row)
    urls = [item["url"].split("/")[-1] for item in client.get("/feed.json").json["items"]]
    assert urls == [f"n-{number}" for number in range(51, 1, -1)]


def test_links_inside_are_absolute(app: Flask, client: Visitor) -> None:
    body = "## Why\n\n[ours](/postmortems/other) [there](#why) [theirs](https://a.example/x) ![](/media/a.png)"
    make_published(app, slug="linked", body=body)
    html = client.get("/feed.json").json["items"][0]["content_html"]
    addresses = re.findall(r'(?:href|src)="([^"]+)"', html)
    assert "http://127.0.0.1:8000/postmortems/other" in addresses
    assert all(address.startswith(("http://", "https://")) for address in addresses)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="/x">a</a>', '<a href="https://s.example/x">a</a>'),
        ('<a title="a > b" href="/x">', '<a title="a > b" href="https://s.example/x">'),
        ('<a href="#why">', '<a href="https://s.example/p#why">'),
        ('<img alt="" src="/media/a.png">', '<img alt="" src="https://s.example/media/a.png">'),
        ('<a href="//other.example/x">', '<a href="//other.example/x">'),
        ('<a href="https://other.example/x">', '<a href="https://other.example/x">'),
        ('<a href="mailto:a@b.example">', '<a href="mailto:a@b.example">'),
        ('<p>href="/x" stays text</p>', '<p>href="/x" stays text</p>'),
        ('<code>&lt;a href="/x"&gt;</code>', '<code>&lt;a href="/x"&gt;</code>'),
        ('<a data-href="/x">', '<a data-href="/x">'),
    ],
)
def test_only_links_that_lead_into_the_site_change(html: str, expected: str) -> None:
    assert with_absolute_links(html, page="https://s.example/p") == expected


def an_entry(text: str) -> Entry:
    now = clock.now()
    return Entry("a", text, text, f"<p>{text}</p>", now, now, [text, text], [text])


HOSTILE = [
    "a\x00b\x0b\x1f",
    "\ufffe\uffff",
    "\ud800 alone",
    "]]> <![CDATA[ <!-- -- <!DOCTYPE x [<!ENTITY a 'b'>]> &a; &amp; <?xml?>",
    "\"quotes' <b>&</b>",
    "{{ 7*7 }} {% raw %}",
    "\x85\u2028\r\n\t",
    "\U000e0001 \U0001f525",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_well_formed(text: str) -> None:
    check_feeds(text)


@given(st.text(st.characters(codec=None), max_size=40))
@settings(max_examples=100, deadline=None)
def test_any_text_is_well_formed(text: str) -> None:
    check_feeds(text)


def check_feeds(text: str) -> None:
    feed = make_feed([an_entry(text)], title=text, site_name=text, site_url="https://s.example", home="/", address="/f")
    xml = feed_atom.atom(feed)
    assert "<!DOCTYPE" not in xml
    assert "<![CDATA[" not in xml
    entry = ET.fromstring(xml.encode("utf-8")).find(f"{ATOM}entry")
    assert entry is not None
    told = json.loads(feed_json.json_feed(feed).encode("utf-8"))["items"][0]
    as_read = told["title"].replace("\r\n", "\n").replace("\r", "\n")  # what XML does with ends of lines
    assert (entry.findtext(f"{ATOM}title") or "") == as_read


def test_text_that_only_xml_forbids_is_replaced_in_what_is_stored(app: Flask, client: Visitor) -> None:
    article = make_published(app)
    with app.app_context(), writing(db.session):
        db.session.execute(
            update(Article).where(Article.id == article.id).values(title="by\x0b hand\ufffe", summary="\x01")
        )
    assert atom_entries(client.get("/feed.atom").text)[0].findtext(f"{ATOM}title") == "by\ufffd hand\ufffd"


def test_html_of_an_older_renderer_is_made_anew(app: Flask, client: Visitor) -> None:
    article = make_published(app)
    with app.app_context(), writing(db.session):
        db.session.execute(
            update(Revision)
            .where(Revision.id == article.live_revision_id)
            .values(rendered={"html": "<script>old</script>", "toc": [], "rows": {}}, renderer_version="older")
        )
    for address in FEEDS:
        text = client.get(address).text
        assert "script" not in text
        assert "rotated every hour" in text


@pytest.mark.parametrize("address", FEEDS)
def test_who_has_the_feed_gets_304(app: Flask, client: Visitor, address: str) -> None:
    make_published(app)
    answer = client.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    by_tag = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    by_time = client.get(address, headers={"If-Modified-Since": answer.headers["Last-Modified"]})
    for again in (by_tag, by_time):
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == answer.headers["ETag"]


def test_every_change_of_what_is_published_changes_the_tag(app: Flask, client: Visitor) -> None:
    article = make_published(app)
    before = client.get("/feed.atom").headers["ETag"]
    make_draft(app)
    assert client.get("/feed.atom").headers["ETag"] == before
    retire(app, article)
    answer = client.get("/feed.atom", headers={"If-None-Match": before})
    assert answer.status_code == 200
    assert atom_entries(answer.text) == []


def test_feeds_of_other_tags_and_other_sites_have_other_tags(app: Flask, client: Visitor, make_app: MakeApp) -> None:
    make_published(app, tags=["dns", "queues"])
    tags = [client.get(address).headers["ETag"] for address in (*FEEDS, "/tags/dns/feed.atom")]
    other = make_app(site_name="Another").test_client()
    tags.append(other.get("/feed.atom").headers["ETag"])
    assert len(set(tags)) == len(tags)


def test_ids_stay_when_the_write_up_changes(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="disk-full")
    before = client.get("/feed.json").json["items"][0]
    with app.app_context(), writing(db.session):
        later = article.published_at + timedelta(days=40)
        db.session.execute(update(Article).where(Article.id == article.id).values(title="New title", updated_at=later))
        move_on("article.published", [(article.id, {})])
    after = client.get("/feed.json").json["items"][0]
    assert after["id"] == before["id"] == f"tag:127.0.0.1,{article.published_at:%Y-%m-%d}:/postmortems/disk-full"
    assert after["date_modified"] > before["date_modified"]
    assert after["date_published"] == before["date_published"]


@pytest.mark.parametrize(("address", "most"), [("/feed.atom", 3), ("/tags/queues/feed.json", 4)])
def test_a_feed_costs_few_statements(app: Flask, client: Visitor, address: str, most: int) -> None:
    for _ in range(3):
        make_published(app)
    statements: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *facts: statements.append(facts[2]))
    tag = client.get(address).headers["ETag"]
    assert len([one for one in statements if one.startswith("SELECT")]) <= most
    statements.clear()
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert statements == [], "what is kept costs one question to the driver"
