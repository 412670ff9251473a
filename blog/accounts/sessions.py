"""Changes of sessions: signing in, what a failed try leaves behind, and ending sessions."""

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import update

from blog.accounts import queries
from blog.accounts.models import Session, User
from blog.accounts.tokens import hash_of, new_token
from blog.errors import Conflict, NotFound
from blog.extensions import db
from blog.journal import changes as journal
from blog.lib import clock


@dataclass(frozen=True)
class Somebody:
    """Stands in the journal for a person who is not known: a try on an unknown account leaves the same trace."""

    __tablename__: ClassVar[str] = "users"
    id: int = 0


def sign_in(*, user: User, checked_hash: str | None, new_hash: str | None, user_agent: str, address: str) -> str:
    """Open a session and return its token, for the cookie. `checked_hash` is the one the password was compared with,
    `new_hash` the same password hashed with today's parameters. Raises `Conflict` if either moved in between.
    """
    if user.password_hash != checked_hash or not user.is_active:
        raise Conflict("This account was changed while you signed in. Please try again.")
    if new_hash is not None:
        user.password_hash = new_hash
    token = open_session(user=user, user_agent=user_agent, address=address)
    journal.record("account.signed_in", subject=user, actor=user)
    return token


def note_failure(*, user: User | None) -> None:
    """Record a try that failed. Nothing in it says who was meant, but for a known account its number."""
    journal.record("account.sign_in_failed", subject=user or Somebody())


def open_session(*, user: User, user_agent: str, address: str) -> str:
    """Add the row and return the token; only its hash is stored."""
    token, now = new_token(), clock.now()
    db.session.add(
        Session(
            user_id=user.id,
            token_hash=hash_of(token),
            created_at=now,
            seen_at=now,
            user_agent=user_agent,
            address=address,
        )
    )
    return token


def end_session(*, actor: User, session_id: int) -> None:
    """End one session of one's own. Raises `NotFound` for any other."""
    row = db.session.get(Session, session_id)
    if row is None or row.user_id != actor.id:
        raise NotFound("There is no such session of yours. It may have ended already.")
    if row.ended_at is None:
        close_session(row, actor=actor)


def close_session(row: Session, *, actor: User | None = None) -> None:
    """End this session and record it; `actor` None when nobody asked: a sign-in over it."""
    row.ended_at = clock.now()
    journal.record("session.ended", subject=row, actor=actor, data={"user": row.user_id})


def end_other_sessions(*, actor: User, kept_id: int | None) -> int:
    """End all of one's own sessions but the one that asks. Returns how many ended."""
    rows = [row for row in queries.sessions_of(actor) if row.id != kept_id]
    for row in rows:
        close_session(row, actor=actor)
    return len(rows)


def end_all(user: User, *, but: int | None = None) -> None:
    """Sign somebody out everywhere, as a part of a change that has an event of its own."""
    db.session.execute(
        update(Session)
        .where(Session.user_id == user.id, Session.ended_at.is_(None), Session.id != (but or 0))
        .values(ended_at=clock.now())
    )


def mark_seen(session_id: int) -> None:
    """Note that a session was used just now."""
    now = clock.now()
    db.session.execute(update(Session).where(Session.id == session_id, Session.seen_at < now).values(seen_at=now))
