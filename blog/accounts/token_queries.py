"""Reads of API tokens."""

from sqlalchemy import select

from blog.accounts.models import ApiToken, User
from blog.accounts.tokens import hash_of
from blog.extensions import db


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
