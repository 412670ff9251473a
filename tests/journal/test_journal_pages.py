"""The journal as a page: everybody reads what was done, only admins who did it; both filter and export it."""

import csv
import io
import json
import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog.articles.models import Article
from blog.editor import publishing
from blog.extensions import db
from blog.journal import event_views, wording
from blog.journal.changes import record
from blog.journal.models import Event
from blog.lib.database import writing
from tests.factories.articles import make_draft, make_published
from tests.factories.comments import make_comment
from tests.people import ADA, MIA, ROSA, join
from tests.statements import counted
from tests.visitor import Visitor, signed_in

HOSTILE = "=cmd()<script>alert(1)</script>{{ 7*7 }}"


@pytest.fixture
def admin(app: Flask) -> Visitor:
    client = app.test_client()
    signed_in(client, ADA)
    return client


def retire(app: Flask, article: Article, *, reason: str) -> None:
    rosa = join(app, ROSA)
    with app.app_context(), writing(db.session):
        publishing.retire(actor=rosa, article=db.session.get_one(Article, article.id), reason=reason)


def entries_of(page: str) -> list[str]:
    return re.findall(r'<li id="event-\d+">(.*?)</li>', page, re.DOTALL)


def test_everybody_reads_what_was_done_and_nobody_who_did_it(app: Flask, client: Visitor) -> None:
    article = make_published(app, title="Queues that filled")
    make_draft(app, title="Nobody knows of this yet")
    retire(app, article, reason="It told of another site.")
    page = client.get("/journal/").text
    entries = entries_of(page)
    assert ["retired a write-up" in entries[0], "published a write-up" in entries[1]] == [True, True]
    assert "It told of another site." in entries[0]
    assert not re.search(r"Rosa|Arun|Ravi|people\.example|Nobody knows", page)
    assert "began a write-up" not in page and "asked for a review" not in page


def test_an_admin_reads_who_did_it_and_everything_else(app: Flask, admin: Visitor) -> None:
    make_draft(app, title="Nobody knows of this yet")
    page = admin.get("/account/journal").text
    assert "Arun began a write-up" in page


def test_it_can_be_filtered_by_what_it_is_about(app: Flask, admin: Visitor) -> None:
    article, other = make_published(app), make_published(app)
    make_comment(app, other)
    one = entries_of(admin.get(f"/account/journal?subject=write-up+{article.id}").text)
    assert one and all(f"write-up {article.id}" in entry or article.slug in entry for entry in one)
    only = entries_of(admin.get("/account/journal?about=comments").text)
    assert len(only) == 1 and "commented" in only[0]
    mine = entries_of(admin.get(f"/account/journal?by={join(app, ROSA).id}").text)
    assert mine and all("Rosa" in entry for entry in mine)


def test_it_can_be_filtered_by_day(app: Flask, client: Visitor) -> None:
    make_published(app)
    with app.app_context():
        day = db.session.scalars(select(Event.at).order_by(Event.id.desc())).first()
    assert day is not None
    assert entries_of(client.get(f"/journal/?since={day:%Y-%m-%d}&until={day:%Y-%m-%d}").text)
    assert not entries_of(client.get("/journal/?until=2001-01-01").text)
    assert not entries_of(client.get("/journal/?since=9999-12-31").text)
    assert entries_of(client.get("/journal/?until=9999-12-31").text)


@pytest.mark.parametrize("wrong", ["since=yesterday", "subject=write-up", "subject=x+1", "about=x", "before=0", "by=x"])
def test_a_filter_that_says_nothing_is_answered_in_words(app: Flask, admin: Visitor, wrong: str) -> None:
    answer = admin.get(f"/account/journal?{wrong}")
    assert answer.status_code == 400
    assert "Traceback" not in answer.text


def test_who_did_it_cannot_be_asked_for_by_everybody(app: Flask, client: Visitor) -> None:
    make_published(app)
    everything = entries_of(client.get("/journal/").text)
    assert entries_of(client.get(f"/journal/?by={join(app, MIA).id}").text) == everything


def test_older_events_stand_on_the_next_page(app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_views, "SHOWN", 2)
    for _ in range(3):
        make_published(app)
    first = client.get("/journal/").text
    address = re.search(r'href="(/journal/\?before=\d+)"', first)
    assert address is not None
    second = client.get(address[1]).text
    assert len(entries_of(first)) == 2 and len(entries_of(second)) == 1
    assert not set(entries_of(first)) & set(entries_of(second))


def test_exports_hold_the_hashes_and_no_spreadsheet_runs_them(app: Flask, client: Visitor, admin: Visitor) -> None:
    retire(app, make_published(app), reason=HOSTILE)
    lines = [json.loads(line) for line in client.get("/journal/export.jsonl").text.splitlines()]
    assert [line["kind"] for line in lines] == ["article.retired", "article.published"]
    assert {line["actor"] for line in lines} == {"a person"}
    assert "data" not in lines[0]
    with app.app_context():
        assert lines[0]["hash"] == db.session.get_one(Event, lines[0]["id"]).hash
    rows = list(csv.DictReader(io.StringIO(client.get("/journal/export.csv").text)))
    assert rows[0]["reason"] == f"'{HOSTILE}"
    whole = [json.loads(line) for line in admin.get("/account/journal/export.jsonl").text.splitlines()]
    with app.app_context():
        assert len(whole) == db.session.scalar(select(func.count()).select_from(Event))
    assert whole[0]["actor"] == join(app, ROSA).id
    assert client.get("/journal/export.exe").status_code == 404


def test_hostile_reasons_show_as_they_are(app: Flask, client: Visitor) -> None:
    retire(app, make_published(app), reason=HOSTILE)
    assert "=cmd()&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in client.get("/journal/").text


def test_the_page_asks_as_little_when_there_is_much(app: Flask, client: Visitor) -> None:
    make_published(app)
    client.get("/journal/")
    with counted(app) as few:
        client.get("/journal/")
    for _ in range(5):
        make_published(app)
    with counted(app) as many:
        client.get("/journal/")
    assert len(many) == len(few)


def test_public_kinds_have_words(app: Flask) -> None:
    assert set(wording.EVENTS) >= wording.PUBLIC >= wording.PUBLIC_REASONS


def test_a_kind_without_words_is_shown_to_admins_alone(app: Flask, client: Visitor, admin: Visitor) -> None:
    mia = join(app, MIA)
    with app.app_context(), writing(db.session):
        record("account.odd", subject=mia)
    assert "account.odd" in admin.get("/account/journal").text
    assert "account.odd" not in client.get("/journal/").text
