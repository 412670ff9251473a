"""Reads of people, their sessions, and what the throttle counts."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, or_, select

from blog.accounts.models import Attempt, Role, Session, User
from blog.accounts.names import key_of_email, key_of_name, look_alike_keys
from blog.accounts.tokens import hash_of
from blog.extensions import db
from blog.lib import clock
from blog.lib.ready import Ready, as_loaded

IDLE = timedelta(days=14)
IDLE_ADMIN = timedelta(minutes=30)  # an unwatched browser of an admin can do the most harm
ABSOLUTE = timedelta(days=30)
PEOPLE_PER_PAGE = 50

_OF_SESSION = tuple(column.key for column in Session.__table__.columns)
_OF_USER = tuple(column.key for column in User.__table__.columns)
_OPEN_SESSION = Ready(  # every request of a signed-in person asks
    select(*Session.__table__.columns, *User.__table__.columns)
    .join(User, Session.user_id == User.id)
    .where(Session.token_hash == bindparam("token_hash"), Session.ended_at.is_(None), User.disabled_at.is_(None))
)


def session_by_token(token: str) -> tuple[Session, User] | None:
    """The open session that this token is the secret of, with its person, in one query; None when it is over."""
    found = _OPEN_SESSION.first(db.session, token_hash=hash_of(token))
    if found is None:
        return None
    row = as_loaded(db.session, Session(**dict(zip(_OF_SESSION, found, strict=False))))
    user = as_loaded(db.session, User(**dict(zip(_OF_USER, found[len(_OF_SESSION) :], strict=True))))
    return (row, user) if _is_open(row, role=user.role) else None


def sessions_of(user: User) -> list[Session]:
    """Where this person is signed in now, most recently seen first."""
    rows = db.session.scalars(
        select(Session)
        .where(Session.user_id == user.id, Session.ended_at.is_(None))
        .order_by(Session.seen_at.desc(), Session.id.desc())
    )
    return [row for row in rows if _is_open(row, role=user.role)]


def person(user_id: int) -> User | None:
    return db.session.get(User, user_id)


def names_of(user_ids: Collection[int]) -> dict[int, str]:
    """The names of these people, by number."""
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(user_ids)))
    return {row.id: row.name for row in rows}


def person_by_email(email: str) -> User | None:
    """The person with this address as typed, whatever its case."""
    return db.session.scalar(select(User).where(User.email_key == key_of_email(email)))


def is_name_taken(name: str, *, by_other_than: int | None = None) -> bool:
    """Whether somebody (else) has this name or one that looks the same."""
    owners = db.session.scalars(select(User.id).where(User.name_key.in_(look_alike_keys(name))))
    return any(owner != by_other_than for owner in owners)


def people_page(*, after: int = 0, starting_with: str = "") -> tuple[list[User], int | None]:
    """People in the order they came, and the cursor of the next page. `starting_with`: of their name or address."""
    query = select(User).where(User.id > after).order_by(User.id).limit(PEOPLE_PER_PAGE + 1)
    if starting_with.strip():
        query = query.where(
            or_(
                User.name_key.startswith(key_of_name(starting_with), autoescape=True),
                User.email_key.startswith(key_of_email(starting_with), autoescape=True),
            )
        )
    rows = list(db.session.scalars(query))
    return rows[:PEOPLE_PER_PAGE], rows[PEOPLE_PER_PAGE - 1].id if len(rows) > PEOPLE_PER_PAGE else None


def everybody() -> list[User]:
    """All people in the order they came."""
    return list(db.session.scalars(select(User).order_by(User.id)))


def is_last_admin(user: User) -> bool:
    """Whether nobody would be left to administer the site without this person."""
    others = select(func.count()).where(User.role == Role.ADMIN, User.disabled_at.is_(None), User.id != user.id)
    return user.role == Role.ADMIN and user.is_active and not db.session.scalar(others)


def has_signed_in_from(user: User, address: str) -> bool:
    """Whether this person had a session from this address within the life of a session."""
    since = clock.now() - ABSOLUTE
    found = select(Session.id).where(Session.user_id == user.id, Session.address == address, Session.created_at > since)
    return db.session.scalar(found.limit(1)) is not None


def attempts(*, kind: str, key: str, since: datetime, limit: int) -> list[datetime]:
    """When this key tried, newest first, at most `limit`."""
    query = select(Attempt.at).where(Attempt.kind == kind, Attempt.key == key, Attempt.at > since)
    return list(db.session.scalars(query.order_by(Attempt.at.desc()).limit(limit)))


def _is_open(row: Session, *, role: Role) -> bool:
    now = clock.now()
    idle = IDLE_ADMIN if role == Role.ADMIN else IDLE
    return now - row.created_at <= ABSOLUTE and now - row.seen_at <= idle
