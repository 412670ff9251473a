"""Reads of what moderators did: one act, the newest one about something, and which flags and appeals hang on it."""

from datetime import datetime

from sqlalchemy import func, select

from blog.errors import NotFound
from blog.extensions import db
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


def looked_at(comment_id: int) -> datetime | None:
    """When a moderator last read this comment and let it stand."""
    wanted = select(func.max(Act.at)).where(Act.comment_id == comment_id, Act.verb.in_(LOOKED), Act.undone_at.is_(None))
    return db.session.scalar(wanted)


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
