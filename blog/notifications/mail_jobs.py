"""Mail on its way: messages about accounts are made from events, and every message is handed to the mail server."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from blog.accounts import proof_changes, proof_queries
from blog.accounts.models import User
from blog.accounts.proof_models import Purpose
from blog.accounts.queries import person
from blog.extensions import db
from blog.journal.reactions import SEND_MAIL, WRITE_MAIL
from blog.journal.worker import ClaimedJob, Handler, prolong
from blog.lib import clock
from blog.lib.database import end_reading, writing
from blog.lib.mail import Letter, MailDoor, MailServer, Refused, Unavailable, compose
from blog.notifications import message_changes, message_queries, queries, reading
from blog.notifications.event_queries import kind_of_event
from blog.notifications.models import MessageKind, MessageState
from blog.settings import current_settings

log = logging.getLogger(__name__)

AT_ONCE = 8
# A server may take ten seconds for each of a dozen steps. So that no message outlives its claim and is sent by another
# process as well, the claim is made anew while a server is slow.
SLOW = timedelta(seconds=5)
KINDS = {
    "account.reset_asked": MessageKind.RESET,
    "account.registered": MessageKind.VERIFY,
    "account.verification_asked": MessageKind.VERIFY,
    "account.password_changed": MessageKind.CHANGED,
}


def write_account_mail(jobs: Sequence[ClaimedJob]) -> None:
    """Make the message that follows from what happened to an account; none for an account that nobody has."""
    with writing(db.session):
        for job in jobs:
            kind, user = KINDS.get(kind_of_event(job.event_id) or ""), person(job.subject_id)
            if kind is None or user is None or not _may_have(kind, user):
                continue
            message_changes.queue(user_ids=[user.id], kind=kind, event_id=job.event_id, due_at=clock.now())


def send(jobs: Sequence[ClaimedJob]) -> None:
    """Hand messages over, one after the other, over one connection. What the server took is not sent again, but where
    this process ends before it noted that: the second one has the same `Message-ID`.
    """
    settings = current_settings()
    server = MailServer.read(settings.mail_url) if settings.mail_url else None
    if server is None:
        with writing(db.session):
            for job in jobs:
                if found := message_queries.message(job.subject_id):
                    message_changes.drop(found[0])
        return
    with MailDoor(server, sender=settings.sender) as door:
        claimed_at = clock.now()
        for job in jobs:
            if clock.now() - claimed_at > SLOW:
                claimed_at = clock.now()
                prolong(SEND_MAIL, [one.id for one in jobs])
            _send(job.subject_id, door)


def _send(message_id: int, door: MailDoor) -> None:
    letter = _begun(message_id)
    if letter is None:
        return
    settings, outcome = current_settings(), None
    try:
        message = compose(letter, sender=settings.sender, name=settings.site_name, at=clock.now())
        door.send(message, to=letter.to)
    except (Refused, Unavailable) as error:
        outcome = error
    except ValueError as error:  # an address that no message can be sent to
        outcome = Refused(str(error), is_address=True)
    _note(message_id, outcome)


def _begun(message_id: int) -> Letter | None:
    """The words of a message that is to be sent now; None where it is over, or there is nothing to say."""
    token = ""
    with writing(db.session):
        found = message_queries.message(message_id)
        if found is None or found[0].state not in message_queries.OPEN:
            return None
        message, user = found
        if not _may_have(message.kind, user):
            message_changes.drop(message)
            return None
        notices = message_changes.begin(message)
        if message.kind in (MessageKind.RESET, MessageKind.VERIFY):
            token = proof_changes.make_proof(user=user, purpose=Purpose(str(message.kind)))
    if message.kind in KINDS.values():
        letter: Letter | None = reading.account_letter(message, user, token=token)
    else:
        letter = reading.notices_letter(message, user, queries.shown(user, notices))
    end_reading(db.session)
    if letter is None:
        with writing(db.session):
            message_changes.drop(message)
    return letter


def _note(message_id: int, outcome: Refused | Unavailable | None) -> None:
    with writing(db.session):
        found = message_queries.message(message_id)
        if found is None:
            return
        message, user = found
        if outcome is None:
            message_changes.note_sent(message)
        elif isinstance(outcome, Refused):
            message_changes.refuse(message, user, why=outcome.message, is_address=outcome.is_address)
        else:
            message_changes.put_off(message, why=outcome.message)
        if message.state == MessageState.FAILED or isinstance(outcome, Refused):
            log.error("message %s of kind %s was not sent: %s", message.id, message.kind, message.error)


def _may_have(kind: MessageKind, user: User) -> bool:
    """Links that prove an address go to any; everything else only where somebody showed that they read it."""
    if not user.is_active:
        return False
    if kind == MessageKind.RESET:
        return True
    return proof_queries.is_verified(user) != (kind == MessageKind.VERIFY)


def forget_messages() -> None:
    """Remove messages and notices of long ago; takes no write lock where there is nothing."""
    now = clock.now()
    is_any = message_queries.ids_ended_before(now - message_changes.KEPT, limit=1)
    if is_any or message_queries.notices_before(now - message_changes.NOTICES_KEPT, limit=1):
        with writing(db.session):
            message_changes.forget_old()


HANDLERS = {
    WRITE_MAIL: Handler(write_account_mail, batch=20),
    SEND_MAIL: Handler(send, batch=AT_ONCE, slow=True),
}
