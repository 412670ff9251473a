"""What a worker lets go of when it ends."""

import threading
from collections.abc import Sequence

from flask import Flask
from sqlalchemy import select

from blog.extensions import db
from blog.journal.models import Job, Lease
from blog.journal.worker import Handler, Worker
from blog.journal.worker_thread import WorkerThread
from blog.lib import clock
from tests.factories.articles import make_published

PATIENCE_SECONDS = 30


def state(app: Flask) -> tuple[list[str], list[tuple[bool, int]]]:
    """Leases, and (claimed, attempts) of every job."""
    with app.app_context():
        leases = list(db.session.scalars(select(Lease.name)))
        jobs = db.session.scalars(select(Job).order_by(Job.id)).all()
        return leases, [(job.locked_until is not None, job.attempts) for job in jobs]


def thread_with(app: Flask, run: object) -> WorkerThread:
    handlers = dict.fromkeys(app.extensions["hindsight_worker"].handlers, Handler(run, exclusive=True))  # type: ignore[arg-type]
    thread = WorkerThread(Worker(app, handlers))
    thread.ensure_running()
    return thread


def test_a_job_under_way_is_finished_and_the_lease_released(app: Flask) -> None:
    make_published(app)
    began, may_end, done = threading.Event(), threading.Event(), []

    def run(jobs: Sequence[Job]) -> None:
        began.set()
        assert may_end.wait(PATIENCE_SECONDS)
        done.extend(job.kind for job in jobs)

    thread = thread_with(app, run)
    assert began.wait(PATIENCE_SECONDS)
    assert state(app)[0] != []
    thread.stop_soon()
    may_end.set()
    thread.finish(timeout_seconds=PATIENCE_SECONDS)
    assert len(done) == 1
    assert state(app) == ([], [(False, 0)] * 3)  # one done, the others not begun
    assert thread.problem() is not None


def test_a_job_that_takes_too_long_is_given_back(app: Flask) -> None:
    make_published(app)
    began, may_end = threading.Event(), threading.Event()

    def run(_: Sequence[Job]) -> None:
        began.set()
        may_end.wait(PATIENCE_SECONDS)

    thread = thread_with(app, run)
    assert began.wait(PATIENCE_SECONDS)
    try:
        thread.finish(timeout_seconds=0.01)
        leases, jobs = state(app)
        assert leases == []
        assert jobs == [(False, 0)] * 4
        with app.app_context():
            assert all(job.run_at <= clock.now() for job in db.session.scalars(select(Job)))
    finally:
        may_end.set()
        thread.finish(timeout_seconds=PATIENCE_SECONDS)


def test_a_process_without_a_thread_has_nothing_to_finish(app: Flask) -> None:
    thread = WorkerThread(app.extensions["hindsight_worker"])
    thread.stop_soon()
    thread.finish()
    assert thread.problem() is None
