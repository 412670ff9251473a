"""Reads of mailboxes and of the links that prove an address."""

from sqlalchemy import select

from blog.accounts.models import User
from blog.accounts.names import key_of_email
from blog.accounts.proof_models import Mailbox, Proof, Purpose
from blog.accounts.tokens import hash_of
from blog.extensions import db
from blog.lib import clock

_CAPITALS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def person_with_address(typed: str) -> User | None:
    """The active person whose address this is, letter by letter but for plain capitals. One that only looks like it, or
    that other rules of case would make the same, is nobody's: mail must never go where somebody else reads it.
    """
    user = db.session.scalar(select(User).where(User.email_key == key_of_email(typed)))
    if user is None or not user.is_active or _as_written(user.email) != _as_written(typed):
        return None
    return user


def mailbox_of(user: User) -> Mailbox | None:
    """What is known of the address that this person has now."""
    mailbox = db.session.get(Mailbox, user.id)
    return mailbox if mailbox is not None and mailbox.address == user.email else None


def is_verified(user: User) -> bool:
    """Whether mail that nobody asked for just now may go there: it was shown to be theirs, and takes mail."""
    mailbox = mailbox_of(user)
    return mailbox is not None and mailbox.verified_at is not None and mailbox.stopped_at is None


def proof_with(token: str, purpose: Purpose) -> tuple[Proof, User] | None:
    """The open link that this token is the secret of, with its person: not used, not too old, and their address is
    still the one it was sent to.
    """
    wanted = select(Proof, User).join(User, User.id == Proof.user_id).where(Proof.token_hash == hash_of(token))
    found = db.session.execute(wanted.where(Proof.purpose == purpose, Proof.used_at.is_(None))).first()
    if found is None:
        return None
    proof, user = found
    holds = user.is_active and user.email == proof.address and clock.now() < proof.expires_at
    return (proof, user) if holds else None


def _as_written(address: str) -> str:
    return address.strip().translate(_CAPITALS)  # no normal form: it makes a Kelvin sign a K
