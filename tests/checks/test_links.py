"""Links of drafts: which there are, what a look at one finds, and what of it stands in the way of a review."""

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from blog.checks import link_jobs
from blog.checks.document_checks import findings_of
from blog.checks.findings import Check
from blog.checks.link_checks import links_of
from blog.checks.link_models import Link
from blog.extensions import db
from blog.journal.models import Job
from blog.journal.worker import ClaimedJob, Handler, Worker
from blog.lib import clock
from blog.lib.database import writing
from blog.lib.fetch import Answer, NoSuchHost, Refused, Unreachable
from tests.editor.editor_pages import as_person
from tests.factories.articles import make_document, make_draft
from tests.people import ARUN

ADDRESS = "https://site.example/report"


def test_the_links_of_a_document_are_those_of_every_field() -> None:
    document = make_document(
        body="See https://a.example/x. And [b](https://b.example/(y)), <https://c.example/z>, `https://d.example`.\n\n"
        "https://a.example/x#part again, ftp://no.example, https:// nothing",
        sources=[{"url": "https://s.example/1", "archive_url": "https://archive.example/2", "title": "x"}],
    )
    assert links_of(document) == [
        "https://a.example/x", "https://b.example/(y)", "https://c.example/z", "https://d.example",
        "https://s.example/1", "https://archive.example/2",
    ]  # fmt: skip


def test_a_dead_link_is_found_in_each_field_that_has_it() -> None:
    document = make_document(body=f"See {ADDRESS}.", sources=[{"url": ADDRESS}])
    found = findings_of(document, dead={ADDRESS: "the answer is 404, not found"})
    assert [(one.check, one.path) for one in found] == [(Check.LINK, "body"), (Check.LINK, "sources.0.url")]
    assert findings_of(document, dead={"https://other.example/": "gone"}) == []


class World:
    """What answers to the look-ups of a test: a status or an error for each address, 200 for others."""

    def __init__(self) -> None:
        self.answers: dict[str, int | Exception] = {}
        self.asked: list[str] = []

    def fetch(self, address: str, **more: Any) -> Answer:
        self.asked.append(address)
        found = self.answers.get(address, 200)
        if isinstance(found, Exception):
            raise found
        return Answer(found, {}, b"", True)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World()
    monkeypatch.setattr(link_jobs, "fetch", made.fetch)
    yield made


@pytest.fixture
def site(make_app: Any) -> Flask:
    app: Flask = make_app(link_checks=True)
    return app


def look(app: Flask) -> int:
    """Run the jobs that wait, and nothing else."""
    return Worker(app, link_jobs.HANDLERS).drain()


def states(app: Flask) -> dict[str, str]:
    with app.app_context():
        return {link.address: link.state for link in db.session.scalars(select(Link))}


FOUND: list[tuple[int | Exception, str]] = [
    (200, "alive"), (204, "alive"), (301, "alive"), (307, "alive"), (404, "dead"), (410, "dead"), (401, "unclear"),
    (403, "unclear"), (405, "unclear"), (429, "unclear"), (500, "unclear"), (503, "unclear"),
    (Refused(), "unclear"), (Unreachable(), "unclear"), (NoSuchHost(), "unclear"),
]  # fmt: skip


def test_only_what_is_certainly_gone_is_dead(site: Flask, world: World) -> None:
    world.answers = {f"https://site.example/{number}": answer for number, (answer, _) in enumerate(FOUND)}
    make_draft(site, body="\n\n".join(world.answers))
    assert look(site) == 1
    assert states(site) == dict(zip(world.answers, (state for _, state in FOUND), strict=True))


def test_a_dead_link_stands_in_the_way_of_a_review_once_it_was_looked_at(site: Flask, world: World) -> None:
    world.answers[ADDRESS] = 404
    draft = make_draft(site, body=f"See {ADDRESS}.")
    look(site)
    client = as_person(site, ARUN)
    page = client.get(f"/editor/revisions/{draft.id}/checks")
    assert f"{ADDRESS} leads nowhere: the answer is 404, not found." in page.text
    assert client.post(f"/editor/revisions/{draft.id}/submit").status_code == 400
    world.answers[ADDRESS] = 200
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        make_draft(site, body=f"Also see {ADDRESS}.")
        look(site)
    assert client.post(f"/editor/revisions/{draft.id}/submit").status_code == 303


def test_nothing_is_looked_at_in_a_request_or_twice_in_a_week(site: Flask, world: World) -> None:
    make_draft(site, body=f"See {ADDRESS}.")
    assert world.asked == []
    look(site)
    make_draft(site, body=f"See {ADDRESS} and https://new.example/.")
    look(site)
    assert world.asked == [ADDRESS, "https://new.example/"]
    with time_machine.travel(clock.now() + timedelta(days=8)):
        make_draft(site, body=f"See {ADDRESS}.")
        look(site)
    assert world.asked.count(ADDRESS) == 2


def test_a_host_without_an_address_is_dead_at_the_second_look_if_others_answer(site: Flask, world: World) -> None:
    world.answers[ADDRESS] = NoSuchHost("the name has no address")
    later = clock.now()
    for others, state in ((None, "unclear"), (None, "unclear"), ("https://up.example/", "dead")):
        later += timedelta(hours=2)
        with time_machine.travel(later):
            if others:
                make_draft(site, body=f"See {others}.")
                look(site)
            make_draft(site, body=f"See {ADDRESS}.")
            look(site)
        assert states(site)[ADDRESS] == state
    world.answers[ADDRESS] = 200
    with time_machine.travel(later + timedelta(hours=2)):
        make_draft(site, body=f"See {ADDRESS}.")
        look(site)
    assert states(site)[ADDRESS] == "alive"


def test_a_site_may_keep_to_itself(site: Flask, make_app: Any, world: World) -> None:
    app = make_app(link_checks=False)
    make_draft(app, body=f"See {ADDRESS}.")
    assert look(app) == 0, "nobody is asked to look"
    make_draft(site, body=f"See {ADDRESS}.")
    assert look(site) == 1


def test_a_write_up_without_links_asks_nothing(site: Flask, world: World) -> None:
    make_draft(site)
    look(site)
    assert world.asked == []


def test_what_takes_long_never_holds_up_what_others_wait_for(make_app: Any) -> None:
    """A worker runs slow kinds in a thread of their own: the quick one is done while the slow one still waits."""
    app = make_app(link_checks=True)
    make_draft(app)
    with app.app_context(), writing(db.session):
        job = db.session.scalars(select(Job)).first()
        assert job is not None
        slow = job.kind
        db.session.add(
            Job(kind="quick", event_id=job.event_id, subject_type="article", subject_id=1, run_at=job.run_at)
        )
    begun, done, go_on = threading.Event(), threading.Event(), threading.Event()

    def wait(jobs: Sequence[ClaimedJob]) -> None:
        begun.set()
        assert go_on.wait(30)

    worker = Worker(app, {slow: Handler(wait, slow=True), "quick": Handler(lambda jobs: done.set())})
    thread = threading.Thread(target=worker.run_forever, daemon=True)
    thread.start()
    try:
        assert begun.wait(30)
        with app.app_context(), writing(db.session):
            event_id = db.session.scalars(select(Job.event_id)).first()
            done.clear()
            db.session.add(
                Job(kind="quick", event_id=event_id, subject_type="article", subject_id=1, run_at=clock.now())
            )
        assert done.wait(30), "the quick one waited for the slow one"
    finally:
        go_on.set()
        worker.stopping.set()
        thread.join(30)
