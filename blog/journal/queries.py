"""Reads of the journal and the outbox."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from blog.extensions import db
from blog.journal.models import FIRST_HASH, Event, Job, Lease
from blog.lib import clock
from blog.lib.ready import Ready

_NEWEST_HASH = Ready(select(Event.hash).order_by(Event.id.desc()).limit(1))  # every change asks
CHUNK = 1_000  # rows held in memory while walking the chain


def broken_links(session: Session | None = None) -> Iterator[tuple[int, str]]:
    """Walk the whole chain; yield (event id, what is wrong) for every row changed, or standing where one is missing.
    `session` is that of a database outside the running site: a backup.
    """
    session = session or db.session
    expected, last_id = FIRST_HASH, 0
    while rows := session.scalars(select(Event).where(Event.id > last_id).order_by(Event.id).limit(CHUNK)).all():
        for event in rows:
            if event.previous_hash != expected:
                yield event.id, "the row before it is missing or was changed"
            if event.computed_hash() != event.hash:
                yield event.id, "the row was changed"
            expected, last_id = event.hash, event.id
        session.expunge_all()


def newest_hash() -> str:
    """The hash that the next event is chained to."""
    newest = _NEWEST_HASH.first(db.session)
    return newest.hash if newest else FIRST_HASH


def newest_event(kinds: tuple[str, ...]) -> tuple[int, datetime] | None:
    """(id, time) of the newest event of these kinds; None when there is none. One look into the index for each kind:
    asked for all of them together, SQLite reads every such event there ever was.
    """
    newest = union_all(*(select(func.max(Event.id).label("id")).where(Event.kind == kind) for kind in kinds)).subquery()
    wanted = select(Event.id, Event.at).where(Event.id == select(func.max(newest.c.id)).scalar_subquery())
    row = db.session.execute(wanted).first()
    return (row.id, row.at) if row else None


def newest_event_id(kinds: tuple[str, ...]) -> int:
    """The id of the newest event of these kinds; 0 when there is none."""
    newest = newest_event(kinds)
    return newest[0] if newest else 0


def queue_counts() -> dict[str, int]:
    """How many jobs wait and how many were given up: `{"waiting": 3, "failed": 0}`."""
    waiting, failed = db.session.execute(
        select(func.count().filter(Job.failed_at.is_(None)), func.count().filter(Job.failed_at.is_not(None)))
    ).one()
    return {"waiting": waiting, "failed": failed}


def oldest_due_at(kind: str | None = None) -> datetime | None:
    """Since when the oldest job (of a kind) that is due waits; None when nothing does."""
    wanted = select(func.min(Job.run_at)).where(Job.failed_at.is_(None), Job.run_at <= clock.now())
    return db.session.scalar(wanted.where(Job.kind == kind) if kind else wanted)


def failed_jobs(limit: int = 50) -> list[Job]:
    """Jobs that were given up, newest first."""
    return list(db.session.scalars(select(Job).where(Job.failed_at.is_not(None)).order_by(Job.id.desc()).limit(limit)))


def failed_job(job_id: int) -> Job | None:
    """One job that was given up."""
    return db.session.scalar(select(Job).where(Job.id == job_id, Job.failed_at.is_not(None)))


def is_held_elsewhere(kind: str, *, name: str) -> bool:
    """Whether another worker than `name` holds the lease of an exclusive job kind."""
    held = select(Lease.name).where(Lease.name == kind, Lease.holder != name, Lease.until > clock.now())
    return db.session.scalar(held) is not None
