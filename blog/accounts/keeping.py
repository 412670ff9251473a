"""Answers that may be kept: marked with the versions they are made from, with holes where one person's things stand."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask import Flask, Response, g, make_response, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from blog.accounts.access import SEEN_EVERY, session_of_request, user_of_request
from blog.accounts.models import User
from blog.accounts.queries import ABSOLUTE
from blog.journal.reactions import SITE
from blog.journal.versions import Versions, read_versions
from blog.lib import clock
from blog.lib.conditional import is_held, marked, tag_of
from blog.lib.read_path import KEEPING, ONE_TIME, Keeping, Reader


def init_app(app: Flask) -> None:
    """Give templates `csrf_token()`, `person_name(user)` and `one_time(key)`: in kept pages they leave holes."""
    names: dict[str, Any] = {
        "csrf_token": lambda: in_place("csrf", generate_csrf()),
        "person_name": lambda user: in_place("name", user.name),
        "one_time": lambda key: in_place(ONE_TIME, key),
    }
    app.jinja_env.globals.update(names)  # for macros, which see nothing else
    app.context_processor(lambda: names)  # Flask-WTF has one with its own `csrf_token`


def kept_answer(
    names: Iterable[str],
    make: Callable[[], ResponseReturnValue],
    *,
    owners: Callable[[], Iterable[int]] = tuple,
    without: Callable[[], Iterable[str]] = tuple,
    is_public: bool = False,
    modified_at: datetime | None = None,
    is_daily: bool = False,
) -> Response:
    """What `make` gives, to be sent again to whoever asks the same while none of the versions `names` moves on. A
    reader who is not signed in and holds it already gets 304, from what is kept: a page that everybody asks for with an
    ETag is made once, too.

    Call it before reading what the page shows. The page may differ between two people of the same role only by
    `csrf_token()`, `person_name(user)`, `one_time(key)`, and for `owners`, the people who see something of their own on
    it; one that `is_public` differs by nothing. `without` says which names turned out not to matter. Both are asked
    after `make`. `is_daily` is for pages with words such as `yesterday`.
    """
    user = None if is_public else user_of_request()
    person = [f"person {user.id}"] if user is not None else []
    found = read_versions([SITE, *names, *person])
    versions = found[: len(found) - len(person)]
    day = clock.now().date() if is_daily else None
    tag = tag_of(f"{request.full_path} {versions} {day}")
    keeping: Keeping | None = request.environ.get(KEEPING)
    if keeping is None and user is None and is_held(tag, modified_at=modified_at):
        return marked(make_response("", 304), tag, modified_at=modified_at)
    if keeping is None or "_flashes" in session:  # words that are shown once
        response = make_response(make())
        return marked(response, tag, modified_at=modified_at) if user is None else response
    response = _made(make, keeping if user is not None else None)
    if response.status_code != 200:
        return response
    spared = set(without())
    keeping.versions = tuple(pair for pair in versions if pair[0] not in spared)
    keeping.day, keeping.owners = day, frozenset(owners())
    response.headers["Content-Encoding"] = "identity"  # it is packed where it is kept, once
    if keeping.is_for_once:
        return response
    if user is None:
        keeping.etag = f'"{tag}"'
        return marked(response, tag, modified_at=modified_at)
    keeping.reader = _reader(user, keeping, found[len(found) - len(person) :])
    return response


def _made(make: Callable[[], ResponseReturnValue], keeping: Keeping | None) -> Response:
    g.holes = keeping
    try:
        return make_response(make())
    finally:
        g.holes = None


def in_place(name: str, value: str) -> str:
    """The value itself, or the hole it goes into."""
    keeping: Keeping | None = g.get("holes")
    if keeping is None:
        return value
    keeping.values[name] = str(escape(value))
    return Markup(f"{keeping.mark}{name}{keeping.mark}")  # noqa: S704 - the value is escaped where it is put in


def _reader(user: User, keeping: Keeping, versions: Versions) -> Reader | None:
    """What to know this person by until their session is to be looked at again; None when that is now."""
    row = session_of_request()
    if row is None or session.modified or not {"csrf", "name"} <= set(keeping.values):
        return None
    until = min(row.seen_at + SEEN_EVERY, row.created_at + ABSOLUTE)
    audience = str(user.role)
    if user.suspended_until is not None and user.suspended_until > clock.now():  # told until when, as nobody else is
        audience, until = f"{audience} suspended {user.id}", min(until, user.suspended_until)
    return Reader(user.id, audience, dict(keeping.values), versions, until)
