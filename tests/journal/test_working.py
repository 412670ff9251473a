"""The worker: every job is run, a poisonous one goes aside, and nothing is run by two at once."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text, update

from blog.accounts.models import User
from blog.extensions import db
from blog.journal import jobs, queries
from blog.journal.changes import record
from blog.journal.models import Job, Lease
from blog.journal.worker import CLAIM_SECONDS, MAX_ATTEMPTS, Handler, Worker
from blog.lib import clock
from blog.lib.database import writing
from tests.people import MIA, join
from tests.statements import counted

KIND = "search.index"


def leave_jobs(app: Flask, number: int) -> list[int]:
    mia = join(app, MIA)
    with app.app_context():
        with writing(db.session):
            for _ in range(number):
                record("comment.withdrawn", subject=mia, data={"article": 1})
        return list(db.session.scalars(select(Job.id).order_by(Job.id)))


def left(app: Flask) -> dict[str, int]:
    with app.app_context():
        return queries.queue_counts()


def worker_with(app: Flask, handler: Handler, name: str = "w1") -> Worker:
    return Worker(app, {KIND: handler}, name=name)


def test_jobs_are_run_in_batches_and_then_gone(app: Flask) -> None:
    ids, seen = leave_jobs(app, 5), []

    def run(jobs: Sequence[Job]) -> None:
        seen.append([job.id for job in jobs])

    assert worker_with(app, Handler(run, batch=3)).drain() == 5
    assert seen == [ids[:3], ids[3:]]
    assert left(app) == {"waiting": 0, "failed": 0}


def test_a_poisonous_job_goes_aside_after_five_tries_and_the_others_are_done(app: Flask) -> None:
    ids, done = leave_jobs(app, 4), set()

    def run(jobs: Sequence[Job]) -> None:
        if any(job.id == ids[1] for job in jobs):
            raise ValueError("poison")
        done.update(job.id for job in jobs)

    worker = worker_with(app, Handler(run, batch=50))
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(MAX_ATTEMPTS):
            worker.drain()
            traveller.shift(timedelta(minutes=5))
        worker.drain()
    assert done == {ids[0], ids[2], ids[3]}
    assert left(app) == {"waiting": 0, "failed": 1}
    with app.app_context():
        failed = queries.failed_jobs()
        assert failed[0].error == "ValueError: poison"
        assert failed[0].attempts == MAX_ATTEMPTS


def test_a_failing_statement_tells_no_value_to_the_log_or_the_table(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    leave_jobs(app, 1)
    values = {"email": "zoltana@people.example", "name": None}  # a name must be

    def run(_jobs: Sequence[Job]) -> None:
        with writing(db.session):
            db.session.execute(update(User).values(values))

    worker_with(app, Handler(run)).run_once()
    with app.app_context():
        [error] = db.session.scalars(select(Job.error))
    assert "NOT NULL" in error and "zoltana" not in error
    assert "NOT NULL" in caplog.text and "zoltana" not in caplog.text


class Killed(BaseException):
    """Stands for the end of the process: nothing of the worker runs after it."""


def test_a_job_that_ends_its_worker_each_time_goes_aside_and_the_others_are_done(app: Flask) -> None:
    ids, done, begun = leave_jobs(app, 4), set(), []

    def run(jobs: Sequence[Job]) -> None:
        begun.append([job.id for job in jobs])
        if any(job.id == ids[1] for job in jobs):
            raise Killed
        done.update(job.id for job in jobs)

    with time_machine.travel(clock.now(), tick=False) as traveller:
        for number in range(MAX_ATTEMPTS + 3):
            try:
                worker_with(app, Handler(run, batch=50), name=f"w{number}").drain()
            except Killed:
                traveller.shift(timedelta(seconds=CLAIM_SECONDS + 1))
    assert done == {ids[0], ids[2], ids[3]}
    assert left(app) == {"waiting": 0, "failed": 1}
    assert sum(ids[1] in batch for batch in begun) == MAX_ATTEMPTS
    with app.app_context():
        assert "ended each time" in queries.failed_jobs()[0].error


def test_a_failed_job_waits_longer_each_time(app: Flask) -> None:
    leave_jobs(app, 1)

    def run(_jobs: Sequence[Job]) -> None:
        raise ValueError("not yet")

    worker, pauses = worker_with(app, Handler(run)), []
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(3):
            assert worker.run_once() == 1
            assert worker.run_once() == 0
            with app.app_context():
                run_at = db.session.scalars(select(Job.run_at)).one()
            pauses.append((run_at - clock.now()).total_seconds())
            traveller.shift(timedelta(minutes=5))
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1]


def test_a_job_held_by_another_worker_is_left_alone_until_its_claim_ends(app: Flask) -> None:
    leave_jobs(app, 1)
    with app.app_context(), writing(db.session):
        db.session.execute(update(Job).values(locked_until=clock.now() + timedelta(seconds=CLAIM_SECONDS)))
    worker = worker_with(app, Handler(lambda _: None))
    assert worker.run_once() == 0
    with time_machine.travel(clock.now() + timedelta(seconds=CLAIM_SECONDS + 1)):
        assert worker.run_once() == 1


def test_an_exclusive_kind_runs_in_one_worker_at_a_time(app: Flask) -> None:
    leave_jobs(app, 1)
    with app.app_context(), writing(db.session):
        db.session.add(Lease(name=KIND, holder="another", until=clock.now() + timedelta(minutes=1)))
    worker = worker_with(app, Handler(lambda _: None, exclusive=True))
    assert worker.run_once() == 0
    assert left(app)["waiting"] == 1
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        assert worker.run_once() == 1


def test_a_worker_that_died_while_working_loses_no_job(app: Flask) -> None:
    leave_jobs(app, 2)

    def die(_jobs: Sequence[Job]) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        worker_with(app, Handler(die, batch=5)).run_once()
    assert left(app)["waiting"] == 2
    with time_machine.travel(clock.now() + timedelta(seconds=CLAIM_SECONDS + 1)):
        assert worker_with(app, Handler(lambda _: None, batch=5)).drain() == 2


def test_kinds_nobody_here_handles_are_left_for_others(app: Flask) -> None:
    leave_jobs(app, 1)
    assert Worker(app, {"mail.send": Handler(lambda _: None)}).drain() == 0
    assert left(app)["waiting"] == 1


def test_the_worker_command_runs_what_is_due(app: Flask) -> None:
    ids, seen = leave_jobs(app, 2), []
    app.extensions["hindsight_worker"].handlers = {KIND: Handler(lambda jobs: seen.extend(job.id for job in jobs))}
    result = app.test_cli_runner().invoke(args=["worker", "--once"])
    assert result.exit_code == 0
    assert seen == ids


def test_the_planner_learns_of_the_tables_once_an_hour(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_gathered_at", None)
    join(app, MIA)
    for expected in (1, 0):
        with counted(app) as seen, app.app_context():
            jobs.gather_statistics()
        assert seen.count("ANALYZE") == expected
    with app.app_context():
        assert db.session.scalar(text("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'users'"))
