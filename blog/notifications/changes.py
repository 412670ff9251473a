"""Changes of what one follows. They leave no event: what somebody reads is their own business."""

from collections.abc import Sequence

from sqlalchemy import delete, func, update

from blog import policy
from blog.accounts.models import User
from blog.errors import Fault, Invalid, NotAllowed, NotFound
from blog.extensions import db
from blog.lib import clock
from blog.notifications import queries
from blog.notifications.models import Follow, FollowKind, Notice, Pace
from blog.notifications.tokens import Unsubscribing

MAX_FOLLOWS = 500  # of one person; each search among them is work for every write-up that is published
MAX_SEARCHES = 20
MAX_QUERY = 500  # characters of a search's address


def follow(
    *,
    actor: User,
    kind: FollowKind,
    subject_ids: Sequence[int] = (0,),
    query: str = "",
    pace: str = Pace.AT_ONCE,
) -> Follow:
    """Follow the first of these subjects, or change how fast one hears of what one follows among them (a write-up may
    have others in it). Raises `NotAllowed`, and `Invalid` for an unknown pace (`pace`) or too many.
    """
    chosen = checked_pace(pace)
    if not policy.can_follow(actor):
        raise NotAllowed("Members follow, not programs.")
    known = queries.follow_of(actor, kind, subject_ids=subject_ids, query=query)
    if known is not None:
        known.pace = chosen
        return known
    _require_room(actor, kind, query)
    row = Follow(
        user_id=actor.id, kind=kind, subject_id=subject_ids[0], query=query, pace=chosen, created_at=clock.now()
    )
    db.session.add(row)
    db.session.flush()
    return row


def unfollow(*, actor: User, kind: FollowKind, subject_ids: Sequence[int] = (0,), query: str = "") -> None:
    """Hear no more of any of these. Doing it again does nothing."""
    own = (Follow.user_id == actor.id, Follow.kind == kind, Follow.query == query)
    db.session.execute(delete(Follow).where(*own, Follow.subject_id.in_(subject_ids)))


def set_pace(*, actor: User, follow_id: int, pace: str) -> None:
    """How fast one hears of one of one's follows. Raises `NotFound`, `Invalid`."""
    row = queries.own_follow(actor, follow_id)
    if row is None:
        raise NotFound("There is no such follow of yours.")
    row.pace = checked_pace(pace)


def end(*, actor: User, follow_id: int) -> None:
    """End one of one's follows. Raises `NotFound`."""
    row = queries.own_follow(actor, follow_id)
    if row is None:
        raise NotFound("There is no such follow of yours.")
    db.session.delete(row)


def unsubscribe(asked: Unsubscribing) -> None:
    """Send no more mail about what a link names: notices on the site go on. Doing it again does nothing; neither does a
    link of somebody who is not here any more.
    """
    person = db.session.get(User, asked.user_id)
    if person is None or person.erased_at is not None:
        return
    is_all = not asked.follow_ids
    follows = Follow.user_id == asked.user_id
    if not is_all:
        db.session.execute(update(Follow).where(follows, Follow.id.in_(asked.follow_ids)).values(pace=Pace.SITE))
    else:
        db.session.execute(update(Follow).where(follows).values(pace=Pace.SITE))
    if is_all or 0 in asked.follow_ids:
        _quiet_self(asked.user_id)
    waiting = update(Notice).where(Notice.user_id == asked.user_id, Notice.message_id.is_(None))
    if not is_all:
        waiting = waiting.where(func.coalesce(Notice.follow_id, 0).in_(asked.follow_ids))
    db.session.execute(waiting.values(pace=Pace.SITE))


def checked_pace(pace: str) -> Pace:
    try:
        return Pace(pace)
    except ValueError:
        raise Invalid([Fault("pace", f"Choose one of: {', '.join(Pace)}.")]) from None


def _quiet_self(user_id: int) -> None:
    own = (Follow.user_id == user_id, Follow.kind == FollowKind.SELF)
    db.session.execute(delete(Follow).where(*own))
    db.session.add(
        Follow(user_id=user_id, kind=FollowKind.SELF, subject_id=0, query="", pace=Pace.SITE, created_at=clock.now())
    )
    db.session.flush()


def _require_room(actor: User, kind: FollowKind, query: str) -> None:
    if len(query) > MAX_QUERY:
        raise Invalid([Fault("query", "This search is too long to be followed.", is_too_long=True)])
    if queries.count_follows(actor) >= MAX_FOLLOWS:
        raise Invalid(f"You follow {MAX_FOLLOWS} things, which is the most. End one first.")
    if kind == FollowKind.SEARCH and queries.count_follows(actor, kind) >= MAX_SEARCHES:
        raise Invalid(f"You follow {MAX_SEARCHES} searches, which is the most. End one first.")
