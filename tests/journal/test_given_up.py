"""The page of jobs that were given up: what failed, and another try."""

from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import select

from blog.extensions import db
from blog.journal.models import Event, Job
from blog.journal.reactions import INDEX
from blog.journal.worker import MAX_ATTEMPTS, Handler, Worker
from blog.lib import clock
from blog.lib.database import writing
from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.people import ADA, MOSS
from tests.visitor import Visitor, signed_in

HOSTILE = "<script>alert(1)</script> {{ 7*7 }}"


def give_up(app: Flask, *, error: str = "RuntimeError: the disk is full") -> list[int]:
    """Give up every job there is; their numbers, the oldest first."""
    with app.app_context(), writing(db.session):
        jobs = db.session.scalars(select(Job).order_by(Job.id)).all()
        for job in jobs:
            job.failed_at, job.attempts, job.error = clock.now(), MAX_ATTEMPTS, error
        return [job.id for job in jobs]


@pytest.fixture
def admin(client: Visitor) -> Visitor:
    signed_in(client, ADA)
    return client


def test_an_admin_sees_what_failed_and_why(app: Flask, admin: Visitor) -> None:
    comment = make_comment(app, make_published(app))
    jobs = give_up(app)
    page = admin.get("/account/jobs").text
    assert page.count("Bring the search up to date") == 2
    assert "List the promised actions" in page
    assert "the disk is full" in page
    assert f'href="/comments/{comment.id}"' in page
    assert all(f"/account/jobs/{job}/try-again" in page for job in jobs)


def test_a_site_in_order_says_so(admin: Visitor) -> None:
    page = admin.get("/account/jobs")
    assert page.status_code == 200
    assert "No job was given up" in page.text
    assert "Try" not in page.text.split("<main", 1)[1].split("</main", 1)[0]


def test_an_error_is_shown_as_it_is(app: Flask, admin: Visitor) -> None:
    make_published(app)
    give_up(app, error=HOSTILE)
    page = admin.get("/account/jobs").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in page
    assert "<script>alert" not in page


def test_a_job_tried_again_is_done_and_the_journal_says_who_asked(app: Flask, admin: Visitor) -> None:
    make_published(app)
    first, *others = give_up(app)
    answer = admin.post(f"/account/jobs/{first}/try-again")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/jobs")
    seen: list[int] = []

    def note(jobs: Sequence[Job]) -> None:
        seen.extend(job.id for job in jobs)

    kinds = dict.fromkeys(app.extensions["hindsight_worker"].handlers, Handler(note))
    Worker(app, kinds).drain()
    assert seen == [first]
    with app.app_context():
        event = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
        assert event is not None
        assert (event.kind, event.subject_type, event.subject_id) == ("job.retried", "job", first)
        assert event.data == {"kind": INDEX, "attempts": MAX_ATTEMPTS}
        assert [job.id for job in db.session.scalars(select(Job))] == others
    assert "The job is tried again" in admin.get("/account/jobs").text


def test_a_job_that_is_no_longer_given_up_is_told(app: Flask, admin: Visitor) -> None:
    make_published(app)
    first, *_ = give_up(app)
    admin.post(f"/account/jobs/{first}/try-again")
    again = admin.post(f"/account/jobs/{first}/try-again")
    assert again.status_code == 409
    assert "tried again already" in again.text


def test_all_jobs_are_tried_again_at_once(app: Flask, admin: Visitor) -> None:
    make_published(app)
    make_published(app)
    jobs = give_up(app)
    assert "Try all again" in admin.get("/account/jobs").text
    assert admin.post("/account/jobs/try-again").status_code == 303
    with app.app_context():
        rows = db.session.scalars(select(Job)).all()
        assert [(job.failed_at, job.attempts) for job in rows] == [(None, 0)] * len(jobs)
        retried = db.session.scalars(select(Event).where(Event.kind == "job.retried")).all()
        assert [event.subject_id for event in retried] == list(reversed(jobs))


def test_only_admins_are_shown_the_way(app: Flask, client: Visitor) -> None:
    make_published(app)
    job, *_ = give_up(app)
    signed_in(client, MOSS)
    assert "/account/jobs" not in client.get("/").text and "/account/users" not in client.get("/").text
    assert client.get("/account/jobs").status_code == 403
    assert client.post(f"/account/jobs/{job}/try-again").status_code == 403
    signed_in(client, ADA)
    assert 'href="/account/users"' in client.get("/").text
    for path in ("/account/users", "/account/tokens/all", "/account/jobs", "/account/mail", "/account/journal"):
        tabs = client.get(path).text.partition('aria-label="Admin"')[2].partition("</nav>")[0]
        assert f'<a href="{path}" aria-current="page">' in tabs and tabs.count("<a ") == 5, path
    with app.app_context():
        assert db.session.get_one(Job, job).failed_at is not None
