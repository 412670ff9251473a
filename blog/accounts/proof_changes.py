"""Links that prove an address: asked for, made when their mail is sent, and used once."""

from datetime import timedelta

from sqlalchemy import update

from blog.accounts import proof_queries, sessions, token_changes
from blog.accounts.models import User
from blog.accounts.proof_models import Mailbox, Proof, Purpose
from blog.accounts.sessions import Somebody
from blog.accounts.tokens import hash_of, new_token
from blog.errors import Conflict
from blog.extensions import db
from blog.journal import changes as journal
from blog.lib import clock

LIFE = {Purpose.RESET: timedelta(minutes=30), Purpose.VERIFY: timedelta(days=3)}
OVER = "This link was used already, is too old, or was never one of ours. Ask for a new one."


def ask_for_reset(*, user: User | None) -> None:
    """Have a mail sent with which this person chooses a new password. For nobody it takes the same steps."""
    journal.record("account.reset_asked", subject=user or Somebody())


def ask_for_verification(*, actor: User) -> None:
    """Have a mail sent to one's own address, to show that it arrives."""
    journal.record("account.verification_asked", subject=actor, actor=actor)


def make_proof(*, user: User, purpose: Purpose) -> str:
    """A new link for this person's address, in the place of an older one; returns its token, which is kept nowhere.
    Called when the mail is written, so that the token waits in no queue.
    """
    token, now = new_token(), clock.now()
    _end_open(user, purpose)
    proof = Proof(
        user_id=user.id,
        purpose=purpose,
        address=user.email,
        token_hash=hash_of(token),
        made_at=now,
        expires_at=now + LIFE[purpose],
    )
    db.session.add(proof)
    db.session.flush()
    return token


def reset_password(*, token: str, password_hash: str) -> User:
    """Replace the password of whom the link was sent to; every session and token of theirs ends, and so do their other
    links. Raises `Conflict` where the link does not hold.
    """
    user = _use(token, Purpose.RESET)
    user.password_hash = password_hash
    _end_open(user, Purpose.RESET)
    sessions.end_all(user)
    token_changes.end_tokens_of(owner=user, actor=None)
    journal.record("account.password_changed", subject=user, actor=user, data={"by": "mail"})
    _note_verified(user)  # who opened this link reads the mail of this address
    return user


def verify_address(*, token: str) -> User:
    """Note that mail to this address arrives, and is read by whom it is for. Raises `Conflict` as above."""
    user = _use(token, Purpose.VERIFY)
    _note_verified(user)
    return user


def stop_mail(*, user: User, reason: str) -> None:
    """Send nothing more to this address: its server says that there is nobody. It must be verified again."""
    mailbox = _mailbox(user)
    mailbox.stopped_at, mailbox.stopped_reason, mailbox.verified_at = clock.now(), reason, None
    journal.record("account.mail_stopped", subject=user)


def _use(token: str, purpose: Purpose) -> User:
    found = proof_queries.proof_with(token, purpose)
    if found is None:
        raise Conflict(OVER)
    proof, user = found
    proof.used_at = clock.now()
    return user


def _end_open(user: User, purpose: Purpose) -> None:
    still_open = (Proof.user_id == user.id, Proof.purpose == purpose, Proof.used_at.is_(None))
    db.session.execute(update(Proof).where(*still_open).values(used_at=clock.now()))


def _note_verified(user: User) -> None:
    mailbox = _mailbox(user)
    is_news = mailbox.verified_at is None or mailbox.stopped_at is not None
    mailbox.verified_at, mailbox.stopped_at, mailbox.stopped_reason = clock.now(), None, ""
    if is_news:
        journal.record("account.address_verified", subject=user, actor=user)


def _mailbox(user: User) -> Mailbox:
    mailbox = db.session.get(Mailbox, user.id)
    if mailbox is None:
        mailbox = Mailbox(user_id=user.id, address=user.email, stopped_reason="")
        db.session.add(mailbox)
    if mailbox.address != user.email:
        mailbox.address, mailbox.verified_at, mailbox.stopped_at, mailbox.stopped_reason = user.email, None, None, ""
    return mailbox
