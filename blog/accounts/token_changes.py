"""Changes of API tokens: making one, ending it, and the note of what a program tried with it and may not."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import update

from blog import policy
from blog.accounts import token_queries
from blog.accounts.label_changes import clean_model
from blog.accounts.models import ApiToken, User
from blog.accounts.tokens import hash_of, new_token
from blog.errors import Conflict, Fault, Invalid, NotAllowed, NotFound
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock
from blog.lib.text import clean_line

SCOPES = ("read", "propose", "comment")  # all there are: no setting and no role gives a token more
MAX_DAYS = 366
MAX_NAME = 64
MAX_HELD = 20  # of one person; each is a key that can be lost
MAX_NOTED = 20  # refusals of one token that are recorded within an hour
HOUR = timedelta(hours=1)
MARK = "hs_"  # lets people and scanners of leaked secrets know one
PREFIX_LENGTH = len(MARK) + 8  # shown in lists and logs; the other 35 characters stay a secret


def make_token(
    *, actor: User, checked_hash: str | None, name: str, scopes: Iterable[str], days: int, model: str = ""
) -> tuple[ApiToken, str]:
    """As `create_token`, of one's own. `checked_hash` is the hash that the password, asked for again, matched.

    Raises `NotAllowed` for a program, and `Conflict` where the password was changed meanwhile.
    """
    if not policy.can_make_token(actor):
        raise NotAllowed("Only people make tokens, and only their own.")
    if actor.password_hash != checked_hash:
        raise Conflict("Your password was changed elsewhere meanwhile.")
    return create_token(owner=actor, name=name, scopes=scopes, days=days, model=model, actor=actor)


def create_token(
    *, owner: User, name: str, scopes: Iterable[str], days: int, model: str = "", actor: User | None = None
) -> tuple[ApiToken, str]:
    """A token and its secret, which is kept nowhere; `actor` None is the operator. Raises `Invalid` (paths `name`,
    `model`, `scopes`, `days`), and `Conflict` for more tokens than a person can look after.
    """
    wanted = sorted(set(scopes), key=str)
    name, model, faults = _checked(owner, name, model, wanted, days)
    if faults:
        raise Invalid(faults)
    if token_queries.number_of_held(owner) >= MAX_HELD:
        raise Conflict(f"{MAX_HELD} tokens hold already. Revoke those that no program uses any more.")
    secret, now = MARK + new_token(), clock.now()
    token = ApiToken(
        user_id=owner.id,
        name=name,
        prefix=secret[:PREFIX_LENGTH],
        token_hash=hash_of(secret),
        scopes=",".join(wanted),
        model=model,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    db.session.add(token)
    db.session.flush()
    data = {"owner": owner.id, "prefix": token.prefix, "scopes": token.scopes, "days": days}
    record("token.created", subject=token, actor=actor, data=data)
    return token, secret


def _checked(owner: User, name: str, model: str, scopes: Sequence[str], days: int) -> tuple[str, str, list[Fault]]:
    """(name, model, faults) as they are kept."""
    faults = []
    try:
        name = clean_line(name)
        if not 1 <= len(name) <= MAX_NAME:
            faults.append(Fault("name", f"a name has 1 to {MAX_NAME} characters", is_too_long=len(name) > MAX_NAME))
    except ValueError as error:
        faults.append(Fault("name", str(error)))
    try:
        model = clean_model(model)
    except ValueError as error:
        faults.append(Fault("model", str(error)))
    if not scopes or not set(scopes) <= set(SCOPES):
        faults.append(Fault("scopes", f"one or more of {', '.join(SCOPES)}"))
    elif not set(scopes) <= policy.token_scopes(owner):
        faults.append(Fault("scopes", "a token proposes only for a person who may write"))
    if not 1 <= days <= MAX_DAYS:
        faults.append(Fault("days", f"a token holds 1 to {MAX_DAYS} days"))
    return name, model, faults


def revoke(*, actor: User, token_id: int) -> ApiToken:
    """End a token at once: one's own, or as an admin anybody's. Raises `NotFound`, also for those of others, and
    `Conflict` where it ended before.
    """
    token = token_queries.token_by_id(token_id)
    if token is None or not policy.can_revoke_token(actor, token.user_id):
        raise NotFound("There is no such token of yours.")
    if token.revoked_at is not None:
        raise Conflict(f"The token {token.prefix} was revoked before.")
    token.revoked_at = clock.now()
    record("token.revoked", subject=token, actor=actor, data={"owner": token.user_id})
    return token


def revoke_token(*, prefix: str) -> ApiToken:
    """End a token at once, for the operator. Raises `NotFound`, and `Conflict` where it ended before."""
    tokens = token_queries.tokens_with_prefix(prefix)
    if not tokens:
        raise NotFound(f"There is no token that begins with {prefix}.")
    open_ones = [token for token in tokens if token.revoked_at is None]
    if not open_ones:
        raise Conflict(f"The token {prefix} was revoked before.")
    for token in open_ones:
        token.revoked_at = clock.now()
        record("token.revoked", subject=token, data={"owner": token.user_id})
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


def note_refused(*, actor: User, tried: str, status: int) -> None:
    """Record that a program tried what it may not: `tried` is method and address. Bounded for each token, so that a
    program gone wild does not fill the journal; the log has them all.
    """
    program = actor.acting_program
    if program is None or token_queries.refusals_since(program.token_id, clock.now() - HOUR) >= MAX_NOTED:
        return
    subject = token_queries.token_by_id(program.token_id)
    record("token.refused", subject=subject, actor=actor, data={"tried": tried, "status": status})
