"""Notices as they come: one a person and event, with the mail that will tell it where they want one."""

from datetime import datetime, timedelta

from sqlalchemy import insert, update

from blog.accounts.models import User
from blog.extensions import db
from blog.journal.models import Event
from blog.journal.versions import move_names
from blog.lib import clock
from blog.notifications import audience_queries, message_changes, message_queries
from blog.notifications.audience_queries import Audience
from blog.notifications.models import MessageKind, Notice, Pace
from blog.settings import current_settings

HELD = timedelta(minutes=1)  # what comes within it is one mail: answers come in flocks
_KINDS = {Pace.AT_ONCE: MessageKind.AT_ONCE, Pace.DAILY: MessageKind.DIGEST}


def tell(event: Event, audience: Audience) -> None:
    """Give everybody in the audience their notice."""
    if not audience.tellings:
        return
    people = [one.user_id for one in audience.tellings]
    reached = audience_queries.reached_by_mail(people) if current_settings().mail_url else set()
    rows = [
        {
            "user_id": one.user_id,
            "event_id": event.id,
            "kind": one.kind,
            "article_id": audience.article_id,
            "comment_id": audience.comment_id,
            "follow_id": one.follow_id,
            "reason": audience.reason,
            "pace": one.pace if one.user_id in reached else Pace.SITE,
            "at": event.at,
        }
        for one in audience.tellings
    ]
    db.session.execute(insert(Notice), rows)
    move_names(f"person {user_id}" for user_id in people)  # their pages say how many are new
    for pace in _KINDS:
        _mail([one.user_id for one in audience.tellings if one.pace == pace and one.user_id in reached], pace, event)


def mark_seen(*, actor: User, up_to: int) -> None:
    """One has read one's notices up to this number."""
    unseen = (Notice.user_id == actor.id, Notice.id <= up_to, Notice.seen_at.is_(None))
    db.session.execute(update(Notice).where(*unseen).values(seen_at=clock.now()))
    move_names([f"person {actor.id}"])


def _mail(user_ids: list[int], pace: Pace, event: Event) -> None:
    """A message to each who has none waiting: the one that waits takes what came."""
    kind = _KINDS[pace]
    waiting = message_queries.who_waits(user_ids, kind) if user_ids else set()
    others = [one for one in user_ids if one not in waiting]
    due_at = clock.now() + HELD if pace == Pace.AT_ONCE else next_digest_at(clock.now())
    message_changes.queue(user_ids=others, kind=kind, event_id=event.id, due_at=due_at)


def next_digest_at(now: datetime) -> datetime:
    """The next time that the daily mails go out."""
    today = now.replace(hour=current_settings().digest_hour, minute=0, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)
