"""The outbox: a change and its jobs are one, and what a killed worker held is done by the next one at once."""

import subprocess
import sys
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from blog.extensions import db
from blog.journal import jobs, queries
from blog.journal.models import Event, Job, Lease
from blog.journal.worker import CLAIM_SECONDS, Handler, Worker
from blog.lib import clock, processes
from blog.lib.database import writing
from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.search.site import index_now

KIND = "search.index"


class Killed(BaseException):
    """What nothing in the program catches."""


def test_a_comment_and_its_job_are_one_transaction(app: Flask) -> None:
    article = make_published(app)
    index_now(app)

    def fail(*_: object) -> None:
        raise Killed

    with app.app_context():
        engine = db.engine
        make_comment(app, article, text="Before.")
        before = queries.queue_counts()["waiting"]
        event.listen(engine, "commit", fail)
        try:
            with pytest.raises(Killed):
                make_comment(app, article, text="Never on disk.")
        finally:
            event.remove(engine, "commit", fail)
    with app.app_context():
        assert queries.queue_counts()["waiting"] == before == 2
        assert len(db.session.scalars(select(Event.id).where(Event.kind == "comment.posted")).all()) == 1


@pytest.fixture
def dead_worker() -> str:
    """The name of a worker whose process was killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from blog.lib import processes; print(processes.own_name(), flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    name = process.stdout.readline().strip()
    assert not processes.is_gone(name)
    process.kill()
    process.communicate(timeout=60)
    return name


def test_a_process_is_known_to_be_gone_by_its_name(dead_worker: str) -> None:
    assert processes.is_gone(dead_worker)
    assert len(dead_worker) <= 64  # as long as the column is
    own = processes.own_name()
    assert not processes.is_gone(own)
    host, pid, started, thread = own.split(":")
    assert processes.is_gone(f"{host}:{pid}:{int(started) + 1}:{thread}")  # another had the same number before
    assert not processes.is_gone(f"elsewhere:{pid}:{int(started) + 1}:{thread}")
    assert not processes.is_gone("another")


def hold(app: Flask, holder: str) -> None:
    with app.app_context(), writing(db.session):
        until = clock.now() + timedelta(seconds=CLAIM_SECONDS)
        db.session.merge(Lease(name=KIND, holder=holder, until=until))
        db.session.execute(update(Job).values(locked_until=until, attempts=1))


def test_what_a_killed_worker_held_is_done_by_the_next_at_once(app: Flask, dead_worker: str) -> None:
    make_published(app)
    seen: list[int] = []
    worker = Worker(
        app, {KIND: Handler(lambda batch: seen.extend(job.id for job in batch), batch=10, exclusive=True)}, name="next"
    )
    hold(app, dead_worker)
    assert worker.run_once() == 0
    worker.chores = [jobs.release_dead]
    worker.do_chores()
    assert worker.run_once() == 1
    assert len(seen) == 1


def test_what_a_living_worker_holds_stays_its_own(app: Flask) -> None:
    make_published(app)
    hold(app, processes.own_name())
    with app.app_context():
        jobs.release_dead()
        assert db.session.scalars(select(Lease.holder)).one() == processes.own_name()
        assert db.session.scalars(select(Job.locked_until).where(Job.locked_until.is_not(None))).all()
