"""Reads of flags: how many weigh on a comment, and how often a member was right."""

from datetime import datetime

from sqlalchemy import func, or_, select

from blog.accounts.models import User
from blog.extensions import db
from blog.lib import clock
from blog.moderation.models import Flag, Outcome


def flag_of(user: User, comment_id: int) -> Flag | None:
    """The one flag of this member on this comment, whatever became of it."""
    return db.session.scalar(select(Flag).where(Flag.user_id == user.id, Flag.comment_id == comment_id))


def record_of(user: User) -> tuple[int, int]:
    """How many of this member's flags were judged (right, wrong)."""
    right, wrong = db.session.execute(
        select(
            func.count().filter(Flag.outcome == Outcome.RIGHT), func.count().filter(Flag.outcome == Outcome.WRONG)
        ).where(Flag.user_id == user.id)
    ).one()
    return right, wrong


def flags_since(user: User, since: datetime) -> int:
    return db.session.scalar(select(func.count()).where(Flag.user_id == user.id, Flag.at > since)) or 0


def weight_on(comment_id: int) -> tuple[int, int]:
    """(members, hundredths they weigh) of the open flags of a comment. Those of people who were disabled, erased or
    suspended since do not weigh: whoever was kept from taking part puts nothing aside.
    """
    takes_part = (
        User.disabled_at.is_(None),
        or_(User.suspended_until.is_(None), User.suspended_until <= clock.now()),
    )
    members, weight = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Flag.weight), 0))
        .join(User, User.id == Flag.user_id)
        .where(Flag.comment_id == comment_id, Flag.outcome == Outcome.OPEN, *takes_part)
    ).one()
    return members, weight
