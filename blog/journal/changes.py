"""Recording events, with the jobs that follow from them, in the transaction of the change they tell of."""

from typing import Any

from flask import g, has_request_context
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from blog.extensions import db
from blog.journal import queries
from blog.journal.models import Event, Job
from blog.journal.reactions import REACTIONS
from blog.lib import clock

_HEAD = "journal_head"  # the hash of the newest row, kept in the session for the length of one transaction


def record(
    kind: str,
    *,
    subject: Any,
    actor: Any = None,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> Event:
    """Add the event and its jobs to the open transaction. `subject` is a flushed row (its table names the type, without
    the plural s); `actor` is a User or None for the program itself. Personal data never goes into `data`.
    """
    session = db.session
    event = Event(
        at=clock.now().replace(microsecond=0),
        kind=kind,
        actor_id=actor.id if actor is not None else None,
        subject_type=subject.__tablename__.removesuffix("s"),
        subject_id=subject.id,
        reason=reason,
        data=data or {},
        request_id=g.get("request_id", "") if has_request_context() else "",
        previous_hash=_head(session),
    )
    event.hash = session.info[_HEAD] = event.computed_hash()
    session.add(event)
    session.flush()
    session.add_all(
        Job(
            kind=job,
            event_id=event.id,
            subject_type=event.subject_type,
            subject_id=event.subject_id,
            run_at=event.at,
        )
        for job in REACTIONS.get(kind, ())
    )
    return event


def _head(session: Session) -> str:
    if _HEAD not in session.info:
        session.info[_HEAD] = queries.newest_hash()
    head: str = session.info[_HEAD]
    return head


@sqlalchemy_event.listens_for(Session, "after_commit")
@sqlalchemy_event.listens_for(Session, "after_rollback")
def _forget_head(session: Session) -> None:
    session.info.pop(_HEAD, None)
