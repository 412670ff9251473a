"""A write-up as it was on a day, or at a time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from blog.articles.models import Article
from blog.extensions import db
from blog.lib.database import writing
from tests.factories.articles import make_draft, make_published, make_revised
from tests.people import ARUN
from tests.visitor import Visitor, signed_in

FIRST = datetime(2026, 5, 3, 9, 30, tzinfo=UTC)
SECOND = datetime(2026, 5, 5, 18, 0, tzinfo=UTC)


@pytest.fixture
def article(app: Flask) -> Iterator[Article]:
    """Published on 3 May, revised on 5 May, looked at on the 9th."""
    with time_machine.travel(FIRST, tick=False):
        made = make_published(app, slug="full", body="As first told.")
    with time_machine.travel(SECOND, tick=False):
        make_revised(app, made, body="As corrected.")
    with time_machine.travel(SECOND + timedelta(days=4), tick=False):
        yield made


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("2026-05-03", "As first told."),
        ("2026-05-04", "As first told."),
        ("2026-05-05", "As corrected."),
        ("2026-05-05T17:59Z", "As first told."),
        ("2026-05-05T18:00Z", "As corrected."),
        ("2026-05-05T19:59+02:00", "As first told."),
        ("2026-05-09", "As corrected."),
    ],
)
def test_a_day_means_its_end_in_utc(client: Visitor, article: Article, when: str, words: str) -> None:
    page = client.get(f"/postmortems/full/as-of/{when}")
    assert page.status_code == 200
    assert words in page.text
    assert 'name="robots" content="noindex"' in page.text


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ("2026-05-02", "first published 3 May 2026, 09:30 UTC, so there was nothing to read on 2 May 2026"),
        ("2026-05-03T09:29Z", "nothing to read on 3 May 2026, 09:29 UTC"),
        ("2026-05-10", "10 May 2026 has not come yet"),
        ("yesterday", "Name a day, such as 2026-05-03"),
        ("2026-02-30", "Name a day, such as 2026-05-03"),
    ],
)
def test_what_cannot_be_shown_says_why_and_what_can(client: Visitor, article: Article, when: str, reason: str) -> None:
    answer = client.get(f"/postmortems/full/as-of/{when}")
    assert answer.status_code == 404
    assert reason in answer.text
    assert 'href="/postmortems/full/revisions/1"' in answer.text


def test_the_form_of_a_day_leads_to_its_address(client: Visitor, article: Article) -> None:
    assert 'name="on"' in client.get("/postmortems/full/revisions").text
    answer = client.get("/postmortems/full/as-of/?on=2026-05-04")
    assert answer.location == "/postmortems/full/as-of/2026-05-04"


def test_a_draft_says_nothing_to_those_who_may_not_see_it(app: Flask, client: Visitor) -> None:
    make_draft(app, slug="unseen", title="Secret zebra")
    answer = client.get("/postmortems/unseen/as-of/2026-05-03")
    assert answer.status_code == 404
    assert "zebra" not in answer.text
    signed_in(client, ARUN)
    assert "never published" in client.get("/postmortems/unseen/as-of/2020-05-03").text


def test_what_an_import_dates_back_was_there_then(app: Flask, client: Visitor) -> None:
    with time_machine.travel(FIRST, tick=False):
        made = make_published(app, slug="old")
    with app.app_context(), writing(db.session):
        row = db.session.get_one(Article, made.id)
        assert row.published_at == FIRST
    assert client.get("/postmortems/old/as-of/2026-05-03").status_code == 200
