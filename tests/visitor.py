"""Visitor: a test client that behaves like a browser of ours: it sends the CSRF token and can be signed in."""

import re
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from blog.accounts.models import Session, User
from blog.accounts.tokens import hash_of, new_token
from blog.extensions import db
from blog.lib import clock
from blog.lib.database import writing
from tests.people import Person, join

CSRF_SECRET = "0123456789abcdef0123456789abcdef01234567"


def without_tokens(page: str) -> str:
    """A page to compare with another: tokens of forms hold the second they were made in, and each form has its key."""
    return re.sub(r'name="(csrf_token|once)" value="[^"]*"', "", page)


class Visitor(FlaskClient):
    def open(self, *args: Any, with_token: bool = True, **kwargs: Any) -> Any:
        """As Flask's, but a form that is posted carries the CSRF token, as every form of the site does."""
        is_form = (
            kwargs.get("method") == "POST" and "json" not in kwargs and not isinstance(kwargs.get("data"), (str, bytes))
        )
        if is_form and with_token:
            kwargs["data"] = {
                "csrf_token": self.csrf_token(base_url=kwargs.get("base_url")),
                **dict(kwargs.get("data") or {}),
            }
        return super().open(*args, **kwargs)

    def csrf_token(self, *, base_url: str | None = None) -> str:
        with self.session_transaction(base_url=base_url) as cookie:
            secret = cookie.setdefault("csrf_token", CSRF_SECRET)
        return str(URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token").dumps(secret))


def signed_in(client: FlaskClient, person: Person) -> User:
    """Sign this person in through the session table, as the login page does but without its password check."""
    row = join(client.application, person)
    token, now = new_token(), clock.now()
    with client.application.app_context(), writing(db.session):
        db.session.add(
            Session(
                user_id=row.id,
                token_hash=hash_of(token),
                created_at=now,
                seen_at=now,
                user_agent=client.environ_base["HTTP_USER_AGENT"],
                address="127.0.0.1",
            )
        )
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
        cookie.permanent = True
    return row
