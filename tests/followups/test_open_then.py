"""An incident says which promises of related write-ups were open when it began."""

from datetime import date
from typing import Any

import time_machine
from flask import Flask

from blog.articles.models import Article
from blog.articles.queries import newest_revision
from blog.editor import publishing
from blog.extensions import db
from blog.lib import database
from tests.factories.actions import PROMISE, act, project
from tests.factories.articles import make_published
from tests.people import ARUN, ROSA, join
from tests.visitor import Visitor

WORDS = "This happened while action"


def promise(app: Flask, **document: Any) -> int:
    """A write-up of 1 March that promises one thing; the number of its action."""
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        article = make_published(app, slug="earlier", actions=[PROMISE], **document)
        return project(app, article.id)[0].id


def happen(app: Flask, started: str, *, target: str = "earlier", slug: str = "later") -> str:
    """The page of a later incident that is related to it."""
    times = {"started": started, "resolved": "2026-12-01"}
    relations = [{"kind": "recurrence-of", "target": target}] if target else []
    with time_machine.travel("2026-12-02T12:00:00Z", tick=False):
        article = make_published(
            app, slug=slug, title="It happened again", incidents=[{"times": times}], relations=relations
        )
        project(app, article.id)
        return str(app.test_client().get(f"/postmortems/{slug}").text)


BEGINNINGS = [
    ("2026-03-02 00:00Z", True),
    ("2026-05-09 10:00Z", True),
    ("2026-03-01 23:00Z", False),  # the day of the promise: it may have come after
    ("2026-05-10 10:00Z", False),  # the day it was done
    ("2026-06-01 10:00Z", False),
    ("2026-03", False),  # perhaps on the day of the promise
    ("2026-05", False),  # some time in May: before or after
    ("2026-04", True),
    ("unknown", False),
]


def test_it_is_told_where_it_is_certain(app: Flask) -> None:
    number = promise(app)
    with time_machine.travel("2026-05-10T12:00:00Z", tick=False):
        act(app, "mark_done", number, ARUN, evidence="Seen.")
    for place, (started, is_told) in enumerate(BEGINNINGS):
        page = happen(app, started, slug=f"later-{place}")
        assert (WORDS in page) == is_told, started
        assert (f'href="/actions/{number}"' in page) == is_told, started


def test_done_is_the_day_it_was_done_not_the_day_somebody_said_so(app: Flask) -> None:
    number = promise(app)
    with time_machine.travel("2026-07-01T12:00:00Z", tick=False):
        act(app, "mark_done", number, ARUN, evidence="Seen.", done_on=date(2026, 4, 1))
    assert WORDS not in happen(app, "2026-05-01 10:00Z")


def test_a_relation_is_seen_from_both_ends(app: Flask) -> None:
    number = promise(app, relations=[{"kind": "similar", "target": "later"}])
    assert f'href="/actions/{number}"' in happen(app, "2026-05-01 10:00Z", target="")


def test_what_is_not_related_says_nothing(app: Flask) -> None:
    promise(app)
    assert WORDS not in happen(app, "2026-05-01 10:00Z", target="")


def test_the_page_of_the_other_write_up_is_never_stale(app: Flask) -> None:
    number = promise(app)
    happen(app, "2026-05-01 10:00Z")
    reader = app.test_client()
    assert isinstance(reader, Visitor)
    assert "Now: <span" in reader.get("/postmortems/later").text
    act(app, "drop", number, ROSA, reason="The host is gone.")
    page = reader.get("/postmortems/later").text
    assert WORDS in page and "Dropped" in page
    reviewer = join(app, ROSA)
    with app.app_context(), database.writing(db.session):
        earlier = db.session.query(Article).filter(Article.slug == "earlier").one()
        publishing.retire(actor=reviewer, article=earlier, reason="It is wrong.")
    assert WORDS not in reader.get("/postmortems/later").text, "also before the job has run"
    with app.app_context(), database.writing(db.session):
        row = db.session.get_one(Article, earlier.id)
        revision = newest_revision(row)
        assert revision is not None
        publishing.restore(actor=reviewer, article=row, revision=revision)
    app.extensions["hindsight_worker"].drain()
    assert WORDS in reader.get("/postmortems/later").text
