"""The worker: claims due jobs, runs them, retries with growing pauses and gives up loudly after five tries.

A handler that raises `Busy` says that what it needs cannot be had now: its jobs are tried again until it can.

It runs in one process beside those of the server, in a thread of each, or as `flask worker`. Jobs are claimed row by
row, so any number of workers share the outbox; a kind marked `exclusive` runs in one process at a time, by a lease in
the database.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from flask import Flask
from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from blog.errors import Busy, HindsightError
from blog.extensions import db
from blog.journal import queries
from blog.journal.models import Job, Lease
from blog.lib import clock, processes
from blog.lib.database import writing
from blog.lib.write_ahead import LogKeeper

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
ALONE_FROM = 3  # a job that was begun twice without an end is run alone: it may be what ended the worker
POLL_SECONDS = 0.25  # bounds how long a saved comment waits before it is indexed
PUNCTUAL_SECONDS = 1.0  # and how late something that has its hour may begin, whatever else is under way
REST_SECONDS = 0.5  # after a batch, so that the next one is fuller: one costs 20 ms beside what its jobs do, ...
FLOOD, FLOOD_REST_SECONDS = 50, 1.0  # ... and longer after one of so many jobs, when requests need the machine
CLAIM_SECONDS = 120  # a worker that died gives its jobs back after this long
LEASE_SECONDS = 15  # and so long others wait for the kind of work that it did alone; a restart must not hold up search
LONGEST_PAUSE = 6  # as a power of two, in seconds: what is busy for hours is asked once a minute
CHORE_SECONDS = 60.0  # between two looks at what may need work without any event
MAX_ERROR = 2_000  # characters of the last error that are kept


class ClaimedJob(NamedTuple):
    """What a handler is told of a job; `attempts` counts this one. Plain values, not rows of the session."""

    id: int
    kind: str
    event_id: int
    subject_type: str
    subject_id: int
    attempts: int


_CLAIMED = select(
    Job.id, Job.kind, Job.event_id, Job.subject_type, Job.subject_id, (Job.attempts + 1).label("attempts")
)
_FATAL = "the worker that ran this ended each time without finishing it"
_PLAIN = {"synchronize_session": False}


@dataclass(frozen=True)
class Handler:
    """The code behind a job kind. `run` takes 1 to `batch` jobs and raises on failure; it must bear being run twice.

    A `punctual` kind has a thread beside the others, so that an index made anew for minutes makes nothing late. Its
    work is short, so what a killed worker had claimed is taken up again soon. A `slow` kind waits for other machines:
    it has a thread of its own, so that a mail does not wait for links, nor anything else for either.
    """

    run: Callable[[Sequence[ClaimedJob]], None]
    batch: int = 1
    exclusive: bool = False
    punctual: bool = False
    slow: bool = False


@dataclass
class Worker:
    """Runs the jobs of one application; `handlers` maps job kind to its code. `chores` are done when it starts and
    every minute, by every worker: each looks whether something is amiss and is quick when nothing is. `spare` is what a
    worker in a process of its own does a little of whenever nothing is due.
    """

    app: Flask
    handlers: dict[str, Handler]
    chores: Sequence[Callable[[], object]] = ()
    spare: Callable[[], object] | None = None
    name: str = field(default_factory=processes.own_name)
    stopping: threading.Event = field(default_factory=threading.Event)
    _taken: tuple[int, ...] = ()  # the jobs that it works on now

    def run_forever(self) -> None:
        """Work until `stopping` is set. A failing database or handler is logged and tried again, never the end."""
        punctual = {kind: handler for kind, handler in self.handlers.items() if handler.punctual}
        slow = {kind: handler for kind, handler in self.handlers.items() if handler.slow}
        self.handlers = {kind: handler for kind, handler in self.handlers.items() if not handler.slow}
        beside = [
            threading.Thread(target=self._work_beside, args=(handlers,), name=f"hindsight-{name}", daemon=True)
            for name, handlers in (("hours", punctual), *((kind, {kind: handler}) for kind, handler in slow.items()))
            if handlers
        ]
        for thread in beside:
            thread.start()
        try:
            self._work()
        finally:
            for thread in beside:
                thread.join(POLL_SECONDS)
            self.give_back()

    def _work_beside(self, handlers: dict[str, Handler]) -> None:
        """Run what has its hour, or what takes long, and nothing else."""
        worker = Worker(self.app, handlers, stopping=self.stopping)
        full = min(handler.batch for handler in handlers.values())
        while not self.stopping.wait(PUNCTUAL_SECONDS):
            try:  # after a batch that was not full the next one would be of the few that came meanwhile
                while not self.stopping.is_set() and worker.run_once() >= full:
                    pass
            except Exception:
                log.exception("the worker stumbled and goes on")

    def _work(self) -> None:
        chores_at, log_keeper = time.monotonic(), LogKeeper()
        while not self.stopping.is_set():
            began = time.monotonic()
            try:
                if began >= chores_at:
                    chores_at = began + CHORE_SECONDS
                    self.do_chores()
                with self.app.app_context():
                    log_keeper.look(db.engine)
                done = self.run_once()
                if not done and self.spare is not None:
                    self.spare()
            except Exception:
                log.exception("the worker stumbled and goes on")
                done = 0
            self.stopping.wait(_pause_after(done))

    def give_back(self) -> None:
        """Let go of what this worker holds, so that the next need not wait: its leases, and jobs it has not done."""
        values = {"locked_until": None, "attempts": Job.attempts - 1, "run_at": clock.now()}
        try:
            with self.app.app_context(), writing(db.session):
                db.session.execute(delete(Lease).where(Lease.holder == self.name))
                db.session.execute(update(Job).where(Job.id.in_(self._taken), Job.failed_at.is_(None)).values(values))
        except Exception as error:  # the process ends anyway; leases and claims run out by themselves
            log.warning("the worker could not give back what it held: %s", error)

    def do_chores(self) -> None:
        """Do each chore once; one that fails is logged, and the others are done all the same."""
        for chore in self.chores:
            with self.app.app_context():
                try:
                    chore()
                except Exception as error:
                    log.warning("a chore failed and is tried again in a minute: %s", error)

    def drain(self, *, progress: Callable[[int], object] = lambda _: None) -> int:
        """Run everything that is due, now; `progress` is told how many each time. Returns how many jobs were run."""
        total = 0
        while done := self.run_once():
            total += done
            progress(done)
        return total

    def run_once(self) -> int:
        """Claim and run one batch of one kind. Returns how many jobs were taken, 0 when nothing is due."""
        with self.app.app_context():
            if not self._anything_due():
                return 0
            jobs = self._claim()
            self._taken = tuple(job.id for job in jobs)
            try:
                if jobs:
                    self._run(self.handlers[jobs[0].kind], jobs)
            finally:
                self._taken = ()
            return len(jobs)

    def _due(self) -> tuple[object, ...]:
        now = clock.now()
        return (
            Job.failed_at.is_(None),
            Job.run_at <= now,
            or_(Job.locked_until.is_(None), Job.locked_until < now),
            Job.kind.in_(self.handlers),
        )

    def _anything_due(self) -> bool:
        """Whether something waits that this worker may do; so far without standing in anybody's way."""
        found = db.session.scalar(select(Job.id).where(*self._due()).limit(1)) is not None  # type: ignore[arg-type]
        if found:
            others = [kind for kind, handler in self.handlers.items() if handler.exclusive]
            others = [kind for kind in others if queries.is_held_elsewhere(kind, name=self.name)]
            rest = select(Job.id).where(*self._due(), Job.kind.not_in(others)).limit(1)  # type: ignore[arg-type]
            found = not others or db.session.scalar(rest) is not None
        db.session.commit()
        return found

    def _claim(self) -> list[ClaimedJob]:
        with writing(db.session):
            kinds = db.session.scalars(select(Job.kind).where(*self._due()).order_by(Job.id).limit(50))  # type: ignore[arg-type]
            for kind in dict.fromkeys(kinds):
                if not self.handlers[kind].exclusive or self._hold(kind):
                    return self._claim_kind(kind)
        return []

    def _claim_kind(self, kind: str) -> list[ClaimedJob]:
        due = _CLAIMED.add_columns(Job.error).where(*self._due(), Job.kind == kind).order_by(Job.id)  # type: ignore[arg-type]
        rows = db.session.execute(due.limit(self.handlers[kind].batch)).all()
        # A claim takes the error away: a job that was begun and has none was never ended, nor was its worker.
        fatal = [row.id for row in rows if row.attempts > MAX_ATTEMPTS and not row.error]
        if fatal:
            self._set_aside(kind, fatal)
        jobs = [ClaimedJob(*row[:6]) for row in rows if row.id not in fatal]
        jobs = [job for job in jobs if job.attempts >= ALONE_FROM][:1] or jobs
        held_seconds = LEASE_SECONDS if self.handlers[kind].punctual else CLAIM_SECONDS
        values = {"locked_until": clock.now() + timedelta(seconds=held_seconds), "error": ""}
        claim = update(Job).where(Job.id.in_([job.id for job in jobs]))
        db.session.execute(claim.values({**values, "attempts": Job.attempts + 1}), execution_options=_PLAIN)
        return jobs

    def _set_aside(self, kind: str, job_ids: list[int]) -> None:
        values = {"failed_at": clock.now(), "locked_until": None, "error": _FATAL}
        db.session.execute(update(Job).where(Job.id.in_(job_ids)).values(values), execution_options=_PLAIN)
        log.error("jobs %s %s are given up: %s", job_ids, kind, _FATAL)

    def _hold(self, name: str) -> bool:
        """Take or prolong the lease `name`; False when another worker has it."""
        now = clock.now()
        lease = db.session.get(Lease, name, with_for_update=True)
        if lease is None:
            lease = Lease(name=name, holder=self.name, until=now)
            db.session.add(lease)
        if lease.holder != self.name and lease.until > now:
            return False
        lease.holder, lease.until = self.name, now + timedelta(seconds=LEASE_SECONDS)
        return True

    def _run(self, handler: Handler, jobs: list[ClaimedJob]) -> None:
        ids = [job.id for job in jobs]
        try:
            handler.run(jobs)
        except Exception as error:
            db.session.rollback()
            if isinstance(error, Busy):
                for job in jobs:
                    self._put_back(job, error)
            elif len(jobs) > 1:  # one of them may be poison: the others must not pay for it
                for job in jobs:
                    self._run(handler, [job])
            else:
                self._put_back(jobs[0], error)
        else:
            with writing(db.session):
                db.session.execute(delete(Job).where(Job.id.in_(ids)), execution_options=_PLAIN)

    def _put_back(self, job: ClaimedJob, error: Exception) -> None:
        given_up = job.attempts >= MAX_ATTEMPTS and not isinstance(error, Busy)
        if isinstance(error, (HindsightError, SQLAlchemyError)):
            log.warning("job %s %s failed, attempt %s: %s", job.id, job.kind, job.attempts, error)
        else:
            log.error("job %s %s failed, attempt %s", job.id, job.kind, job.attempts, exc_info=error)
        if given_up:
            log.error("job %s %s is given up; it stays in the table for an operator", job.id, job.kind)
        with writing(db.session):
            db.session.execute(
                update(Job)
                .where(Job.id == job.id)
                .values(
                    error=f"{type(error).__name__}: {error}"[:MAX_ERROR],
                    run_at=clock.now() + timedelta(seconds=2 ** min(job.attempts, LONGEST_PAUSE)),
                    locked_until=None,
                    failed_at=clock.now() if given_up else None,
                )
            )


def _pause_after(done: int) -> float:
    """Seconds until the next look, after a batch of so many jobs."""
    if not done:
        return POLL_SECONDS
    return REST_SECONDS if done < FLOOD else FLOOD_REST_SECONDS


def prolong(kind: str, job_ids: Sequence[int]) -> None:
    """Keep these jobs, and the lease of their kind, as long again: for a handler that works for minutes."""
    until = clock.now() + timedelta(seconds=CLAIM_SECONDS)
    lease_until = clock.now() + timedelta(seconds=LEASE_SECONDS)
    with writing(db.session):
        db.session.execute(update(Lease).where(Lease.name == kind).values(until=lease_until))
        db.session.execute(update(Job).where(Job.id.in_(job_ids)).values(locked_until=until))
