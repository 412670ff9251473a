"""Reads of API tokens."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select

from blog.accounts.models import ApiToken, User
from blog.accounts.tokens import hash_of
from blog.extensions import db
from blog.journal.models import Event
from blog.lib import clock

ENDED_SHOWN = 20
ALL_SHOWN = 200


def token_by_secret(secret: str) -> tuple[ApiToken, User] | None:
    """The token of this secret that was not revoked, with its owner, unless that account is disabled."""
    found = db.session.execute(
        select(ApiToken, User)
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.token_hash == hash_of(secret), ApiToken.revoked_at.is_(None), User.disabled_at.is_(None))
    ).first()
    return (found[0], found[1]) if found else None


def tokens_with_prefix(prefix: str) -> list[ApiToken]:
    """Every token, revoked ones too, whose secret begins so."""
    return list(db.session.scalars(select(ApiToken).where(ApiToken.prefix == prefix).order_by(ApiToken.id)))


def open_tokens_of(owner: User) -> list[ApiToken]:
    """The tokens of a person that were not revoked, oldest first."""
    wanted = select(ApiToken).where(ApiToken.user_id == owner.id, ApiToken.revoked_at.is_(None))
    return list(db.session.scalars(wanted.order_by(ApiToken.id)))


def token_by_id(token_id: int) -> ApiToken | None:
    return db.session.get(ApiToken, token_id)


def tokens_of(owner: User) -> tuple[list[ApiToken], list[ApiToken]]:
    """(those that hold, newest first; those that ended last)."""
    newest = select(ApiToken).where(ApiToken.user_id == owner.id).order_by(ApiToken.id.desc())
    return (
        list(db.session.scalars(newest.where(_is_held()))),
        list(db.session.scalars(newest.where(~_is_held()).limit(ENDED_SHOWN))),
    )


def number_of_held(owner: User) -> int:
    """How many tokens of this person hold now."""
    held = select(func.count()).select_from(ApiToken).where(ApiToken.user_id == owner.id, _is_held())
    return db.session.scalar(held) or 0


def held_by_all() -> list[tuple[ApiToken, User]]:
    """The tokens of everybody that hold now, each with its owner, newest first."""
    wanted = select(ApiToken, User).join(User, User.id == ApiToken.user_id).where(_is_held())
    return [(token, owner) for token, owner in db.session.execute(wanted.order_by(ApiToken.id.desc()).limit(ALL_SHOWN))]


def refusals_since(token_id: int, since: datetime) -> int:
    """How often the journal says since then that this token was refused something."""
    of_token = select(func.count()).where(
        Event.subject_type == ApiToken.__tablename__.removesuffix("s"),
        Event.subject_id == token_id,
        Event.kind == "token.refused",
        Event.at >= since,
    )
    return db.session.scalar(of_token) or 0


def _is_held() -> ColumnElement[bool]:
    return and_(ApiToken.revoked_at.is_(None), ApiToken.expires_at > clock.now())
