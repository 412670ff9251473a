"""Who is asking: ties the cookie of a request to a row of the session table, and to the person behind it."""

from datetime import timedelta
from typing import Any, cast

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from blog import policy
from blog.accounts import queries
from blog.accounts.models import Session, User
from blog.errors import NotAllowed
from blog.extensions import login_manager

USER_AGENT_LENGTH = 200
SEEN_EVERY = timedelta(minutes=2)  # a page view writes no more often; an admin may be signed out this much early


def init_app(app: Flask) -> None:
    """Start reading sessions, and give templates `user`, `policy` and `settings`."""
    # Flask-Login's own protection compares the address too, which changes when a phone moves between networks, and for
    # cookies that outlive the browser it only marks them. `_user_of_token` compares the browser itself.
    login_manager.session_protection = None
    login_manager.user_loader(_user_of_token)
    app.context_processor(_names_for_templates)


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
    if "account_unreadable" in g:  # the page that tells of the failure must not fail the same way
        return None
    try:
        found = queries.session_by_token(token)
    except SQLAlchemyError:
        g.account_unreadable = True
        raise
    if found is None:
        return None
    row, user = found
    if row.user_agent != browser_of_request():  # a cookie in another browser was taken along, not brought
        return None
    user.session_token = token
    g.account_session, g.account_seen = row, (row.id, row.seen_at)
    return user


def _names_for_templates() -> dict[str, Any]:
    return {"user": user_of_request(), "policy": policy, "settings": current_app.extensions["hindsight_settings"]}
