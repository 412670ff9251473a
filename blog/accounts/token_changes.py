"""Changes of API tokens: making one, ending it, and the mark on everything that a program wrote with it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from blog import policy
from blog.accounts import token_queries
from blog.accounts.models import ApiToken, User
from blog.accounts.tokens import hash_of, new_token
from blog.errors import Conflict, Fault, Invalid, NotFound
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock
from blog.lib.text import clean_line

SCOPES = ("read", "propose", "comment")  # all there are: no setting and no role gives a token more
MAX_DAYS = 366
MAX_NAME = 64
MARK = "hs_"  # lets people and scanners of leaked secrets know one
PREFIX_LENGTH = len(MARK) + 8  # shown in lists and logs; the other 35 characters stay a secret


def create_token(*, owner: User, name: str, scopes: Iterable[str], days: int) -> tuple[ApiToken, str]:
    """A token and its secret, which is kept nowhere. Raises `Invalid` (paths `name`, `scopes`, `days`)."""
    wanted, faults = sorted(set(scopes), key=str), []
    name = clean_line(name)
    if not 1 <= len(name) <= MAX_NAME:
        faults.append(Fault("name", f"a name has 1 to {MAX_NAME} characters", is_too_long=len(name) > MAX_NAME))
    if not wanted or not set(wanted) <= set(SCOPES):
        faults.append(Fault("scopes", f"one or more of {', '.join(SCOPES)}"))
    if "propose" in wanted and not policy.can_write(owner):
        faults.append(Fault("scopes", "a token proposes only for a person who may write"))
    if not 1 <= days <= MAX_DAYS:
        faults.append(Fault("days", f"a token holds 1 to {MAX_DAYS} days"))
    if faults:
        raise Invalid(faults)
    secret, now = MARK + new_token(), clock.now()
    token = ApiToken(
        user_id=owner.id,
        name=name,
        prefix=secret[:PREFIX_LENGTH],
        token_hash=hash_of(secret),
        scopes=",".join(wanted),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    db.session.add(token)
    db.session.flush()
    record("token.created", subject=token, data={"owner": owner.id, "scopes": token.scopes, "days": days})
    return token, secret


def revoke_token(*, prefix: str) -> ApiToken:
    """End a token at once. Raises `NotFound`, and `Conflict` where it ended before."""
    tokens = token_queries.tokens_with_prefix(prefix)
    if not tokens:
        raise NotFound(f"There is no token that begins with {prefix}.")
    open_ones = [token for token in tokens if token.revoked_at is None]
    if not open_ones:
        raise Conflict(f"The token {prefix} was revoked before.")
    for token in open_ones:
        token.revoked_at = clock.now()
        record("token.revoked", subject=token)
    return open_ones[0]


def end_tokens_of(*, owner: User, actor: User | None) -> int:
    """End every token of a person whose password changed: whoever knew the old one may have made some, or read them.
    `actor` is who changed it, None for the operator. Gives how many ended.
    """
    tokens = token_queries.open_tokens_of(owner)
    for token in tokens:
        token.revoked_at = clock.now()
        record("token.revoked", subject=token, actor=actor, reason="the password changed")
    return len(tokens)


def mark_used(token_id: int, *, at: datetime) -> None:
    """Note that a program asked with it. No event: it happens all day."""
    db.session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_at=at))


def note_written(*, token: ApiToken, owner: User, subject: Any) -> None:
    """Record for ever that this row was written by a program, and with which token."""
    kind = f"{subject.__tablename__.removesuffix('s')}.written_by_token"
    record(kind, subject=subject, actor=owner, data={"token": token.id, "prefix": token.prefix})
