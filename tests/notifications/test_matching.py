"""Followed searches: whoever follows one hears of the new write-ups that it finds."""

import pytest
from flask import Flask
from sqlalchemy import select

from blog.errors import Busy
from blog.extensions import db
from blog.journal.models import Job
from blog.notifications import match_jobs
from tests.factories.articles import make_published, make_revised
from tests.factories.comments import make_comment
from tests.factories.follows import drain, notices_of
from tests.people import ARUN, MIA, NOOR
from tests.visitor import Visitor, signed_in


def follow_search(app: Flask, person, **search: str) -> None:
    client = app.test_client()
    assert isinstance(client, Visitor)
    signed_in(client, person)
    assert client.post("/follow", data={"of": "search", "pace": "site", **search}).status_code == 303


def test_a_new_write_up_that_the_search_finds_is_told_once(app: Flask) -> None:
    follow_search(app, MIA, q="rotated log")
    follow_search(app, NOOR, q="rotated certificate")
    article = make_published(app, body="The log was never rotated.")
    drain(app)
    assert notices_of(app, MIA) == ["found"]
    assert notices_of(app, NOOR) == [], "one of two words is not what was asked for"
    make_revised(app, article, summary="Other words.")
    make_comment(app, article, user=ARUN, text="The certificate was rotated, too.")
    drain(app)
    assert notices_of(app, MIA) == ["found"]
    assert notices_of(app, NOOR) == []


@pytest.mark.parametrize(
    ("search", "is_found"),
    [
        ({"q": "disk -tape"}, True), ({"q": "disk -rotated"}, False), ({"q": '"never rotated"'}, True),
        ({"q": '"rotated never"'}, False), ({"q": "tag:queues"}, True), ({"q": "tag:dns"}, False),
        ({"q": "disk", "tag": "queues"}, True), ({"q": "disk", "tag": "dns"}, False), ({"q": "rotat*"}, True),
        ({"q": "disk after:2999-01-01"}, False), ({"q": "disk after:2020-01-01"}, True), ({"q": "author:arun"}, True),
        ({"q": "kind:nonsense disk"}, False), ({"q": "tape OR disk"}, True),
    ],
)  # fmt: skip
def test_every_part_of_a_search_counts(app: Flask, search: dict[str, str], is_found: bool) -> None:
    follow_search(app, MIA, **search)
    make_published(app, title="Disk full", body="The log was never rotated.", tags=["queues"])
    drain(app)
    assert notices_of(app, MIA) == (["found"] if is_found else [])


def test_a_job_looks_at_so_many_searches_and_the_next_one_at_the_others(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match_jobs, "MOST", 2)
    for person in (MIA, NOOR):
        for words in ("disk", "nothing", "full"):
            follow_search(app, person, q=words)
    make_published(app, title="Disk full")
    drain(app)
    assert notices_of(app, MIA) == notices_of(app, NOOR) == ["found"]


def test_it_waits_until_the_search_knows_the_write_up(app: Flask) -> None:
    follow_search(app, MIA, q="disk")
    make_published(app, title="Disk full")
    with app.app_context():
        jobs = list(db.session.scalars(select(Job).where(Job.kind == "notices.match")))
        with pytest.raises(Busy):
            match_jobs.match(jobs)
