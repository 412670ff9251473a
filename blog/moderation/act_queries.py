"""Reads of what moderators did: one act, the newest one about something, and which flags and appeals hang on it."""

from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select

from blog.errors import NotFound
from blog.extensions import db
from blog.journal.models import Event
from blog.moderation.models import Act, Appeal
from blog.moderation.vocabulary import Verb

LOOKED = (Verb.APPROVE, Verb.KEEP, Verb.RESTORE, Verb.GRANT)  # a moderator read it and let it stand


def act_for(act_id: int) -> Act:
    """Raises `NotFound`."""
    act = db.session.get(Act, act_id, populate_existing=True)
    if act is None:
        raise NotFound("There is no such act of moderation.")
    return act


def newest_act(*, comment_id: int | None, person_id: int) -> Act | None:
    """The newest one that was not taken back: about the comment, or where there is none, about the person."""
    of = (
        (Act.comment_id == comment_id,)
        if comment_id is not None
        else (Act.person_id == person_id, Act.comment_id.is_(None))
    )
    wanted = select(Act).where(*of, Act.undone_at.is_(None)).order_by(Act.id.desc()).limit(1)
    return db.session.scalar(wanted)


def last_looks() -> "Select[*tuple[Any, ...]]":
    """(comment_id, event_id) of when a moderator last read a comment and let it stand."""
    looks = select(Act.comment_id, func.max(Act.event_id).label("event_id"))
    return looks.where(Act.verb.in_(LOOKED), Act.undone_at.is_(None)).group_by(Act.comment_id)


def was_edited_after(comment_id: Any, event_id: Any) -> ColumnElement[bool]:
    """Whether a comment says something else since that event. An edit that leaves no mark is an event, too."""
    return exists().where(
        Event.subject_type == "comment",
        Event.subject_id == comment_id,
        Event.id > event_id,
        Event.kind == "comment.edited",
    )


def was_looked_at(comment_id: int) -> bool:
    """Whether a moderator read this comment, as it is now, and let it stand."""
    event_id = db.session.scalar(select(last_looks().where(Act.comment_id == comment_id).subquery().c.event_id))
    return event_id is not None and not db.session.scalar(select(was_edited_after(comment_id, event_id)))


def newest_event() -> int:
    """Until where the journal goes: what a page shows is as it was then."""
    return db.session.scalar(select(func.max(Event.id))) or 0


def is_edited_after(comment_id: int, event_id: int) -> bool:
    return bool(db.session.scalar(select(was_edited_after(comment_id, event_id))))


def newest_appeal_of(comment_id: int | None, person_id: int) -> Appeal | None:
    """The newest appeal about the comment, or where there is none, about a suspension of the person."""
    of = (
        (Act.comment_id == comment_id,)
        if comment_id is not None
        else (Act.person_id == person_id, Act.comment_id.is_(None))
    )
    wanted = select(Appeal).join(Act, Act.id == Appeal.act_id).where(*of)
    return db.session.scalar(wanted.order_by(Appeal.id.desc()).limit(1))


def appeal_of(act_id: int) -> Appeal | None:
    return db.session.scalar(select(Appeal).where(Appeal.act_id == act_id))


def appeal_for(appeal_id: int) -> Appeal:
    """Raises `NotFound`."""
    appeal = db.session.get(Appeal, appeal_id, populate_existing=True)
    if appeal is None:
        raise NotFound("There is no such appeal.")
    return appeal
