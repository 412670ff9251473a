"""Messages on their way: made, begun, taken by the mail server, put off, refused or given up."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, update

from blog import policy
from blog.accounts import proof_changes
from blog.accounts.models import User
from blog.errors import Conflict, NotAllowed
from blog.extensions import db
from blog.journal.changes import add_jobs_later, record
from blog.journal.reactions import SEND_MAIL
from blog.lib import clock
from blog.notifications import message_queries
from blog.notifications.models import Message, MessageKind, MessageState, Notice, Pace

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# After each try that failed for now: a server that is made anew, a list of senders that must wait, a weekend.
PAUSES = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR)
URGENT = {MessageKind.RESET: HOUR}  # who asked for it waits no longer, and asks again
NOTICES_KEPT = timedelta(days=180)
KEPT = timedelta(days=30)  # how long it is known that a message was sent, or why not

_PACE_OF = {MessageKind.AT_ONCE: Pace.AT_ONCE, MessageKind.DIGEST: Pace.DAILY}


def queue(*, user_ids: Collection[int], kind: MessageKind, event_id: int, due_at: datetime) -> None:
    """A message to each of them; none where the same event made it before."""
    made = message_queries.who_has(user_ids, event_id=event_id, kind=kind) if user_ids else set()
    one = {"kind": kind, "state": MessageState.WAITING, "event_id": event_id, "due_at": due_at}
    one |= {"created_at": clock.now(), "attempts": 0, "error": ""}
    if rows := [{**one, "user_id": user_id} for user_id in user_ids if user_id not in made]:
        numbers = db.session.scalars(insert(Message).returning(Message.id), rows).all()
        add_jobs_later(SEND_MAIL, event_id=event_id, subject_type="message", subject_ids=sorted(numbers), run_at=due_at)


def begin(message: Message) -> list[Notice]:
    """Settle what the message tells: what waited until now. Tried again, it tells the same."""
    pace = _PACE_OF.get(message.kind)
    if message.state == MessageState.WAITING and pace is not None:
        waiting = (Notice.user_id == message.user_id, Notice.pace == pace, Notice.message_id.is_(None))
        db.session.execute(update(Notice).where(*waiting).values(message_id=message.id))
    message.state = MessageState.SENDING
    message.attempts += 1
    db.session.flush()
    return message_queries.notices_in(message)


def note_sent(message: Message) -> None:
    """The mail server has it."""
    _end(message, MessageState.SENT)


def drop(message: Message) -> None:
    """Nothing is left to tell, or nobody may be told."""
    _end(message, MessageState.DROPPED)


def put_off(message: Message, *, why: str) -> None:
    """Try it again after a pause; given up after the last one."""
    now = clock.now()
    late = now - message.created_at > URGENT.get(message.kind, timedelta.max)
    if message.attempts > len(PAUSES) or late:
        _end(message, MessageState.FAILED, why=why)
        return
    message.error, message.due_at = why, now + PAUSES[message.attempts - 1]
    _send_at(message, message.due_at)


def refuse(message: Message, user: User, *, why: str, is_address: bool) -> None:
    """The mail server will never take it. Where that is because of the address, nothing more is sent there."""
    _end(message, MessageState.REFUSED, why=why)
    if is_address:
        proof_changes.stop_mail(user=user, reason=why)


def try_again(*, actor: User, message_id: int) -> None:
    """Send a message that was given up. Raises `NotAllowed`, and `Conflict` where it is not one."""
    if not policy.can_administer(actor):
        raise NotAllowed("Only admins look after mail.")
    found = message_queries.message(message_id)
    if found is None or found[0].state not in message_queries.BAD:
        raise Conflict("This message was tried again already, or is gone.")
    message = found[0]
    record("mail.retried", subject=message, actor=actor, data={"kind": str(message.kind)})
    message.state, message.attempts, message.error, message.ended_at = MessageState.SENDING, 0, "", None
    message.created_at = message.due_at = clock.now()
    _send_at(message, message.due_at)


def forget_old() -> None:
    """Remove what was sent or given up long ago. The notices it told of stay, until they are old, too."""
    db.session.execute(delete(Notice).where(Notice.id.in_(message_queries.notices_before(clock.now() - NOTICES_KEPT))))
    old = message_queries.ids_ended_before(clock.now() - KEPT)
    db.session.execute(update(Notice).where(Notice.message_id.in_(old)).values(message_id=None, pace=Pace.SITE))
    db.session.execute(delete(Message).where(Message.id.in_(old)))


def _end(message: Message, state: MessageState, *, why: str = "") -> None:
    message.state, message.error, message.ended_at = state, why, clock.now()


def _send_at(message: Message, run_at: datetime) -> None:
    add_jobs_later(
        SEND_MAIL, event_id=message.event_id, subject_type="message", subject_ids=[message.id], run_at=run_at
    )
