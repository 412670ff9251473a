"""Who is asking: ties the cookie of a request to a row of the session table, and to the person behind it."""

import logging
from datetime import timedelta
from typing import Any, cast

from flask import Flask, Response, abort, current_app, g, redirect, request, session, url_for
from flask_login import current_user
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from blog import policy
from blog.accounts.models import Role, Session, User
from blog.accounts.tokens import hash_of
from blog.errors import Busy, NotAllowed
from blog.extensions import db, login_manager
from blog.lib import clock
from blog.lib.database import writing

log = logging.getLogger(__name__)

IDLE = timedelta(days=14)
IDLE_ADMIN = timedelta(minutes=30)  # an unwatched browser of an admin can do the most harm
ABSOLUTE = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=2)  # a page view writes nothing more often; an admin may be signed out this much early
USER_AGENT_LENGTH = 200


def init_app(app: Flask) -> None:
    """Start reading sessions, and give templates `user`, `policy` and `settings`."""
    # Flask-Login's own protection compares the address too, which changes when a phone moves between networks, and for
    # cookies that outlive the browser it only marks them. `_session_of` compares the browser itself.
    login_manager.session_protection = None
    login_manager.user_loader(_user_of_token)
    app.context_processor(_names_for_templates)
    app.after_request(_note_seen)


def user_of_request() -> User | None:
    """The person who is signed in, or None. The first call in a request costs one query, later ones nothing."""
    return cast("User", current_user._get_current_object()) if current_user.is_authenticated else None


def signed_in() -> User:
    """The person who is signed in. A reader who asked for a page is sent to sign in, and comes back to it after.

    Raises `NotAllowed` where a form was sent: a redirect would lose it.
    """
    user = user_of_request()
    if user is not None:
        return user
    if request.method in {"GET", "HEAD"}:
        target = request.full_path.rstrip("?")
        abort(cast("Response", redirect(url_for("accounts.login", next=target), code=303)))
    raise NotAllowed(
        "You are not signed in. Sign in on another page, then go back and send this again: it is still in the form."
    )


def session_of_request() -> Session | None:
    """The row of the session this request came with; None when nobody is signed in."""
    return cast("Session", g.account_session) if user_of_request() is not None else None


def browser_of_request() -> str:
    """What the browser says it is, as far as the session table keeps it."""
    return request.user_agent.string[:USER_AGENT_LENGTH]


def _user_of_token(token: str) -> User | None:
    found = _session_of(token)
    if found is None:
        return None
    row, user = found
    user.session_token = token
    g.account_session = row
    return user


def _session_of(token: str) -> tuple[Session, User] | None:
    found = db.session.execute(
        select(Session, User)
        .join(User, Session.user_id == User.id)
        .where(Session.token_hash == hash_of(token), Session.ended_at.is_(None), User.disabled_at.is_(None))
    ).first()
    if found is None:
        return None
    row, user = found
    now = clock.now()
    idle = IDLE_ADMIN if user.role == Role.ADMIN else IDLE
    if now - row.created_at > ABSOLUTE or now - row.seen_at > idle:
        return None
    if row.user_agent != browser_of_request():  # a cookie that moved to another browser was taken along, not brought
        return None
    return row, user


def _note_seen(response: Response) -> Response:
    """Once the answer is made: a write before it would delay the page, and inside a view it would commit for it."""
    row = g.get("account_session")
    now = clock.now()
    if row is None or "_user_id" not in session or now - row.seen_at < SEEN_EVERY:
        return response
    try:
        with writing(db.session):
            db.session.execute(update(Session).where(Session.id == row.id, Session.seen_at < now).values(seen_at=now))
    except Busy:
        log.warning("a session could not be marked as seen; the next request tries again")
    return response


def _names_for_templates() -> dict[str, Any]:
    try:
        user = user_of_request()
    except SQLAlchemyError:  # the page that says so must still be shown
        log.warning("the person of this request could not be read; the page is shown as to a reader")
        user = None
    return {"user": user, "policy": policy, "settings": current_app.extensions["hindsight_settings"]}
