"""Reads of what an event was: what its jobs go by."""

from sqlalchemy import select

from blog.extensions import db
from blog.journal.models import Event


def kind_of_event(event_id: int) -> str | None:
    return db.session.scalar(select(Event.kind).where(Event.id == event_id))


def event(event_id: int) -> Event | None:
    return db.session.get(Event, event_id)
