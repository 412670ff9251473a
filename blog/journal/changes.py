"""Recording events, with the jobs that follow from them, in the transaction of the change they tell of."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask import g, has_request_context
from sqlalchemy import delete, insert
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from blog.errors import NotAllowed
from blog.extensions import db
from blog.journal import queries
from blog.journal.models import Event, Job
from blog.journal.reactions import PROGRAMS_MAY, REACTIONS, SWITCHES
from blog.journal.versions import move_on
from blog.lib import clock
from blog.lib.ready import Ready
from blog.settings import current_settings

log = logging.getLogger("hindsight.events")

_HEAD = "journal_head"  # the hash of the newest row, kept in the session for the length of one transaction
_DONE = "journal_done"  # what to log once the transaction is on disk
_EVENT_COLUMNS = tuple(column.key for column in Event.__table__.columns if column.key != "id")
_OF_JOB = {"attempts": 0, "error": ""}  # as every job begins
# Every change pays for them while all other writers wait.
_INSERT_EVENT = Ready(insert(Event).returning(Event.id), columns=_EVENT_COLUMNS)
_INSERT_JOB = Ready(insert(Job), columns=("kind", "event_id", "subject_type", "subject_id", "run_at", *_OF_JOB))


def record(
    kind: str,
    *,
    subject: Any,
    actor: Any = None,
    reason: str = "",
    data: dict[str, Any] | None = None,
    run_at: datetime | None = None,
) -> Event:
    """Add the event and its jobs to the open transaction. `subject` is a flushed row (its table names the type, without
    the plural s); `actor` is a User or None for the program itself. Personal data never goes into `data`. The jobs are
    due at once, or at `run_at`.

    The event is written at once; what comes back tells of it and is not part of the session.
    """
    session = db.session
    data = (data or {}) | _of_program(kind, actor)
    event = Event(
        at=clock.now().replace(microsecond=0),
        kind=kind,
        actor_id=actor.id if actor is not None else None,
        subject_type=subject.__tablename__.removesuffix("s"),
        subject_id=subject.id,
        reason=reason,
        data=data,
        request_id=g.get("request_id", "") if has_request_context() else "",
        previous_hash=_head(session),
    )
    event.hash = session.info[_HEAD] = event.computed_hash()
    event.id = _INSERT_EVENT.first(session, **{name: getattr(event, name) for name in _EVENT_COLUMNS}).id
    session.info.setdefault(_DONE, []).append(_facts(event))
    due = {"event_id": event.id, "run_at": run_at or event.at, **_OF_JOB}
    due |= {"subject_type": event.subject_type, "subject_id": event.subject_id}
    _INSERT_JOB.run(session, *({"kind": job, **due} for job in _jobs_after(kind)))
    move_on(kind, [(event.subject_id, event.data)])
    return event


def add_jobs(event: Event, kind: str, *, subject_type: str, subject_ids: Iterable[int]) -> None:
    """Jobs of one kind about many rows, beside those that follow from the event by the table of reactions."""
    add_jobs_later(kind, event_id=event.id, subject_type=subject_type, subject_ids=subject_ids, run_at=event.at)


def add_jobs_later(
    kind: str, *, event_id: int, subject_type: str, subject_ids: Iterable[int], run_at: datetime
) -> None:
    """More jobs of an event that was recorded before: the rest of a large work, or another try of it."""
    due = {"kind": kind, "event_id": event_id, "subject_type": subject_type, "run_at": run_at, **_OF_JOB}
    _INSERT_JOB.run(db.session, *({**due, "subject_id": subject_id} for subject_id in subject_ids))


def leave_undone(kind: str) -> None:
    """Take the jobs of a kind out of the outbox, in the transaction that made them."""
    db.session.execute(delete(Job).where(Job.kind == kind))


def record_many(kind: str, *, subject_type: str, happened: Sequence[tuple[int, dict[str, Any]]]) -> None:
    """As `record`, for (subject id, data) of many rows that the program itself made: an operator's import."""
    session = db.session
    at = clock.now().replace(microsecond=0)
    events = []
    for subject_id, data in happened:
        event = Event(
            at=at,
            kind=kind,
            actor_id=None,
            subject_type=subject_type,
            subject_id=subject_id,
            reason="",
            data=data,
            request_id="",
            previous_hash=_head(session),
        )
        event.hash = session.info[_HEAD] = event.computed_hash()
        events.append({name: getattr(event, name) for name in _EVENT_COLUMNS})
    if not events:
        return
    made = session.scalars(insert(Event).returning(Event.id, sort_by_parameter_order=True), events).all()
    jobs = [
        {"kind": job, "event_id": event_id, "subject_type": subject_type, "subject_id": subject_id, "run_at": at}
        for event_id, (subject_id, _) in zip(made, happened, strict=True)
        for job in _jobs_after(kind)
    ]
    if jobs:
        session.execute(insert(Job), jobs)
    move_on(kind, happened)


def _of_program(kind: str, actor: Any) -> dict[str, Any]:
    """What the journal adds where a program acts. Raises `NotAllowed` for any change that is not a program's to make:
    every change is recorded, so this holds for those that are written after this, too.
    """
    program = getattr(actor, "acting_program", None)
    if program is None:
        return {}
    if kind not in PROGRAMS_MAY:
        raise NotAllowed("Programs read, propose and comment. This is for people to do.")
    return {"program": {"token": program.token_id, "prefix": program.prefix, "model": program.model}}


def _jobs_after(kind: str) -> list[str]:
    jobs = REACTIONS.get(kind, ())
    return [job for job in jobs if job not in SWITCHES or getattr(current_settings(), SWITCHES[job])]


def _head(session: Session) -> str:
    if _HEAD not in session.info:
        session.info[_HEAD] = queries.newest_hash()
    head: str = session.info[_HEAD]
    return head


def _facts(event: Event) -> dict[str, Any]:
    """What the log says of an event: who did what to which row. Reasons stay in the journal: people write them."""
    return {
        "event": event.kind,
        "actor_id": event.actor_id,
        "subject": f"{event.subject_type}:{event.subject_id}",
    }


@sqlalchemy_event.listens_for(Session, "after_commit")
def _log_events(session: Session) -> None:
    for facts in session.info.pop(_DONE, ()) if has_request_context() else ():
        log.info("event", extra=facts)
    _forget(session)


@sqlalchemy_event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_HEAD, None)
    session.info.pop(_DONE, None)
