"""Reads of events for people: pages of them, newest first, by what they tell of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, select, union_all

from blog.extensions import db
from blog.journal.models import Event

_AT_OR_AFTER = select(Event.id, Event.at).where(Event.id >= bindparam("number")).order_by(Event.id).limit(1)


@dataclass(frozen=True)
class EventFilter:
    """What is wanted of the journal. `kinds` are those that may be shown at all; None in the others means any.

    `since_on` and `until_on` are days in UTC, both counted in; `before` is the id that a page goes on from.
    """

    kinds: Collection[str]
    subject: tuple[str, int] | None = None
    actor_id: int | None = None
    since_on: date | None = None
    until_on: date | None = None
    before: int | None = None


def events_page(wanted: EventFilter, *, size: int) -> tuple[list[Event], int | None]:
    """At most `size` events, newest first, and the cursor of the older ones (None at the end)."""
    bounds = _bounds(wanted)
    if wanted.subject or wanted.actor_id is not None:
        newest = _about(wanted).where(*bounds, Event.kind.in_(wanted.kinds)).order_by(Event.id.desc()).limit(size + 1)
    else:
        newest = _newest_of_each(sorted(wanted.kinds), bounds, size + 1)
    events = list(db.session.scalars(newest))
    return events[:size], events[size - 1].id if len(events) > size else None


def newest() -> Event | None:
    """The last event of the chain."""
    return db.session.scalar(select(Event).order_by(Event.id.desc()).limit(1))


def event(number: int) -> Event | None:
    """The event of this number."""
    return db.session.get(Event, number)


def kinds_used() -> set[str]:
    """Every kind that stands in the journal: one look into its index for each."""
    found: set[str] = set()
    kind = db.session.scalar(select(func.min(Event.kind)))
    while kind is not None:
        found.add(kind)
        kind = db.session.scalar(select(func.min(Event.kind)).where(Event.kind > kind))
    return found


def _about(wanted: EventFilter) -> Select[Event]:
    query = select(Event)
    if wanted.subject:
        kind, number = wanted.subject
        query = query.where(Event.subject_type == kind, Event.subject_id == number)
    return query if wanted.actor_id is None else query.where(Event.actor_id == wanted.actor_id)


def _newest_of_each(kinds: Sequence[str], bounds: Sequence[Any], number: int) -> Select[Event]:
    """The newest of all these kinds, from the newest of each: asked for together, SQLite would read every such event
    there ever was to find the few that are shown.
    """
    each = [
        select(select(Event.id).where(Event.kind == kind, *bounds).order_by(Event.id.desc()).limit(number).subquery())
        for kind in kinds
    ]
    if not each:
        return select(Event).where(Event.id < 0)
    found = union_all(*each).subquery()
    return select(Event).where(Event.id.in_(select(found.c.id))).order_by(Event.id.desc()).limit(number)


def _bounds(wanted: EventFilter) -> list[Any]:
    bounds: list[Any] = []
    if wanted.before is not None:
        bounds.append(Event.id < wanted.before)
    if wanted.since_on is not None:
        bounds.append(Event.id >= _first_from(wanted.since_on))
    if wanted.until_on is not None and wanted.until_on < date.max:
        bounds.append(Event.id < _first_from(wanted.until_on + timedelta(days=1)))
    return bounds


def _first_from(day: date) -> int:
    """The number of the first event of a day or later. Times rise with numbers, so halving the range finds it: an
    index would make every change dearer for a page that few ask for.
    """
    instant = datetime.combine(day, time(), tzinfo=UTC)
    low, high = 0, (db.session.scalar(select(func.max(Event.id))) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = db.session.execute(_AT_OR_AFTER, {"number": middle}).first()
        if row is not None and row.at < instant:
            low = row.id + 1
        else:
            high = middle
    return low
