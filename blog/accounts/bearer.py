"""Which program is asking: the token of the Authorization header, and the person who answers for it.

Cookies are not looked at here, so nothing a browser sends by itself is ever taken for a token.
"""

from dataclasses import dataclass
from datetime import timedelta

from flask import g, request

from blog import policy
from blog.accounts import token_queries
from blog.accounts.label_changes import clean_model
from blog.accounts.models import ApiToken, Program, User
from blog.accounts.token_changes import MARK
from blog.errors import Fault, Invalid, NotAllowed, NotSignedIn
from blog.lib import clock
from blog.lib.json_api import MODEL_HEADER

USED_EVERY = timedelta(minutes=1)  # `used_at` is written no more often
MAX_SECRET = 100  # characters; ours have 46
NOT_HELD = "This token is not known, has expired or was revoked."


@dataclass(frozen=True)
class Caller:
    """A program, and the person in whose name it acts. `user.acting_program` says so to every rule."""

    user: User
    token: ApiToken
    program: Program

    @property
    def scopes(self) -> set[str]:
        """What its row says, as far as its owner's role goes now: for members nothing proposes."""
        return set(self.token.scopes.split(",")) & policy.token_scopes(self.user)

    def require(self, scope: str) -> None:
        """Raises `NotAllowed` where the token does not carry this scope."""
        if scope in self.scopes:
            return
        if scope in self.token.scopes.split(","):
            raise NotAllowed(f"The role of the person this token belongs to does not carry the scope {scope} any more.")
        raise NotAllowed(f"This token does not carry the scope {scope}.")


def caller_of_request() -> Caller | None:
    """The program behind this request; None without a token. Raises `NotSignedIn` for a token that does not hold, and
    `Invalid` for a model's name that is none.
    """
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, secret = header.partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret or len(secret) > MAX_SECRET:
        raise NotSignedIn("Send the token as `Authorization: Bearer TOKEN`.")
    found = token_queries.token_by_secret(secret)
    if found is None or found[0].expires_at <= clock.now():
        raise NotSignedIn(NOT_HELD)
    token, user = found
    g.user_id = user.id  # for the log
    g.token_seen = (token.id, token.used_at)
    program = Program(token.id, token.prefix, token.name, _model_of_request() or token.model)
    user.act_through(program)
    return Caller(user, token, program)


def is_of_program() -> bool:
    """Whether this request brings a token of ours, whatever it is worth."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and secret.strip().startswith(MARK)


def _model_of_request() -> str:
    given = request.headers.get(MODEL_HEADER, "")
    if not given.isascii() or not given.isprintable():
        raise Invalid([Fault(MODEL_HEADER, "the name of a model is printable ASCII")])
    try:
        return clean_model(given)
    except ValueError as error:
        raise Invalid([Fault(MODEL_HEADER, str(error))]) from error


def token_to_mark() -> int | None:
    """The number of the token this request came with, where its last use was noted a while ago."""
    token_id, used_at = g.get("token_seen", (None, None))
    is_due = used_at is None or clock.now() - used_at >= USED_EVERY
    return token_id if is_due else None
