"""Reads of messages: one that is due, who has one waiting, and what admins look at."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from blog import policy
from blog.accounts.models import User
from blog.accounts.proof_models import Mailbox
from blog.errors import NotAllowed
from blog.extensions import db
from blog.notifications.models import Message, MessageKind, MessageState, Notice

SHOWN = 50
OPEN = (MessageState.WAITING, MessageState.SENDING)
BAD = (MessageState.REFUSED, MessageState.FAILED)


@dataclass(frozen=True)
class MailPage:
    """What admins see of mail: counts by state, what failed or is late, and the addresses that nothing is sent to."""

    counts: dict[str, int]
    troubled: Sequence[tuple[Message, User]]
    stopped: Sequence[tuple[Mailbox, User]]


def message(message_id: int) -> tuple[Message, User] | None:
    """One message with whom it is for."""
    wanted = select(Message, User).join(User, User.id == Message.user_id).where(Message.id == message_id)
    found = db.session.execute(wanted).first()
    return (found[0], found[1]) if found else None


def who_has(user_ids: Collection[int], *, event_id: int, kind: MessageKind) -> set[int]:
    """Those of these people for whom this event made its message before."""
    made = (Message.user_id.in_(user_ids), Message.event_id == event_id, Message.kind == kind)
    return set(db.session.scalars(select(Message.user_id).where(*made)))


def who_waits(user_ids: Collection[int], kind: MessageKind) -> set[int]:
    """Those of these people whose next message of this kind is made and takes what comes."""
    waiting = (Message.kind == kind, Message.state == MessageState.WAITING, Message.user_id.in_(user_ids))
    return set(db.session.scalars(select(Message.user_id).where(*waiting)))


def notices_in(message: Message) -> list[Notice]:
    """What this message tells, oldest first."""
    return list(db.session.scalars(select(Notice).where(Notice.message_id == message.id).order_by(Notice.id)))


def ids_ended_before(moment: datetime, *, limit: int = 500) -> list[int]:
    """Messages that are over since then."""
    old = select(Message.id).where(Message.ended_at < moment).order_by(Message.id).limit(limit)
    return list(db.session.scalars(old))


def notices_before(moment: datetime, *, limit: int = 500) -> list[int]:
    """Notices of events before this time."""
    return list(db.session.scalars(select(Notice.id).where(Notice.at < moment).order_by(Notice.id).limit(limit)))


def mail_page(user: User | None) -> MailPage:
    """Raises `NotAllowed` for anybody but admins."""
    if not policy.can_administer(user):
        raise NotAllowed("Only admins look after mail.")
    counts = db.session.execute(select(Message.state, func.count()).group_by(Message.state)).all()
    of_people = select(Message, User).join(User, User.id == Message.user_id).order_by(Message.id.desc())
    troubled = of_people.where(Message.state.in_((*BAD, *OPEN)), Message.error != "")
    stopped = select(Mailbox, User).join(User, User.id == Mailbox.user_id).where(Mailbox.stopped_at.is_not(None))
    stopped = stopped.order_by(Mailbox.stopped_at.desc()).limit(SHOWN)
    return MailPage(
        counts={str(state): number for state, number in counts},
        troubled=[(row[0], row[1]) for row in db.session.execute(troubled.limit(SHOWN))],
        stopped=[(row[0], row[1]) for row in db.session.execute(stopped)],
    )
