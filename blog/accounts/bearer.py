"""Which program is asking: the token of the Authorization header, and the person who answers for it.

Cookies are not looked at here, so nothing a browser sends by itself is ever taken for a token.
"""

from dataclasses import dataclass
from datetime import timedelta

from flask import g, request

from blog.accounts import token_queries
from blog.accounts.models import ApiToken, User
from blog.errors import NotAllowed, NotSignedIn
from blog.lib import clock

USED_EVERY = timedelta(minutes=1)  # `used_at` is written no more often
MAX_SECRET = 100  # characters; ours have 46
NOT_HELD = "This token is not known, has expired or was revoked."


@dataclass(frozen=True)
class Caller:
    """A program, and the person in whose name it acts."""

    user: User
    token: ApiToken

    @property
    def scopes(self) -> set[str]:
        return set(self.token.scopes.split(","))

    @property
    def label(self) -> str:
        """What stands on everything it writes."""
        return f"Proposed by the program “{self.token.name}” (token {self.token.prefix}) for {self.user.name}."

    def require(self, scope: str) -> None:
        """Raises `NotAllowed` where the token does not carry this scope."""
        if scope not in self.scopes:
            raise NotAllowed(f"This token does not carry the scope {scope}.")


def caller_of_request() -> Caller | None:
    """The program behind this request; None without a token. Raises `NotSignedIn` for a token that does not hold."""
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
    return Caller(user, token)


def token_to_mark() -> int | None:
    """The number of the token this request came with, where its last use was noted a while ago."""
    token_id, used_at = g.get("token_seen", (None, None))
    is_due = used_at is None or clock.now() - used_at >= USED_EVERY
    return token_id if is_due else None
