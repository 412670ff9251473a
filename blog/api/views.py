"""/api/v1: ties every operation to its address, and does what all of them need: token, scope, limits, body, answer."""

import json
import logging
import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from blog.accounts import bearer, token_changes
from blog.accounts.bearer import Caller
from blog.articles import api as articles
from blog.articles import revision_api as revisions
from blog.comments import api as comments
from blog.errors import Busy, Invalid, NotAllowed, NotSignedIn
from blog.extensions import csrf, db
from blog.followups import api as actions
from blog.lib import clock, openapi, rate_limits
from blog.lib.conditional import answer_of_version
from blog.lib.confinement import Writes, confined
from blog.lib.database import writing
from blog.lib.json_api import PREFIX, Answer, Operation, read_json
from blog.search import api as search
from blog.settings import current_settings

log = logging.getLogger(__name__)
blueprint = Blueprint("api", __name__, url_prefix=PREFIX)

OPERATIONS: tuple[Operation, ...] = (
    *articles.OPERATIONS,
    *revisions.OPERATIONS,
    *actions.OPERATIONS,
    *comments.OPERATIONS,
    *search.OPERATIONS,
)
# What the rows of a proposal or a comment are; the database lets a program write nothing else.
PROGRAM_WRITES: Writes = {
    "articles": {"insert", "title", "summary", "authors", "comment_count"},
    "revisions": {"insert", "state", "submitted_at", "publish_refused", "public_note"},
    "check_waivers": {"insert"},
    "revision_authors": {"insert"},
    "comments": {"insert", "root_id"},
    "program_labels": {"insert"},
    "events": {"insert"},
    "jobs": {"insert"},
    "versions": {"insert", "value"},
    "kept_answers": {"insert", "delete"},
}
NOTHING: Writes = {}
SAFE = {"GET", "HEAD", "OPTIONS"}
TRIED = re.compile(r"[A-Za-z0-9/._-]{1,120}")  # other addresses are not repeated in the journal: anybody may read it


@blueprint.get("/openapi.json")
def description() -> ResponseReturnValue:
    settings = current_settings()

    def make() -> Response:
        return jsonify(openapi.describe(OPERATIONS, site_name=settings.site_name, site_url=settings.site_url))

    return answer_of_version("", make)


@blueprint.before_app_request
def refuse_programs_elsewhere() -> None:
    """A token opens the operations of the API and nothing else, whatever cookie comes along with it."""
    is_elsewhere = not request.path.startswith("/api/")
    if is_elsewhere and request.method not in SAFE and bearer.is_of_program():
        raise NotAllowed("Programs read, propose and comment through the JSON API. This is for people to do.")


@blueprint.after_app_request
def note_program(response: Response) -> Response:
    """Note what a program did with its token: when it was used, and that it tried what it may not. Once the answer is
    made: a write before it would delay it, and be part of the operation's own.
    """
    if not bearer.is_of_program():
        return response
    try:
        if request.method not in SAFE and _is_refusal(response):
            _note_refused(response.status_code)
        token_id = bearer.token_to_mark()
        if token_id is not None:
            with writing(db.session):
                token_changes.mark_used(token_id, at=clock.now())
    except (Busy, NotSignedIn, Invalid):
        log.warning("what a program did could not be noted")
    return response


def _is_refusal(response: Response) -> bool:
    """Of an operation, that it is not allowed; anywhere else, whatever was answered: there is nothing for a program."""
    if request.blueprint == blueprint.name:
        return response.status_code == 403
    return 400 <= response.status_code < 500 and response.status_code != 429


def _note_refused(status: int) -> None:
    path = request.path if TRIED.fullmatch(request.path) else "an address of other characters"
    caller = bearer.caller_of_request()
    if caller is not None:
        log.warning("a program was refused", extra={"token_id": caller.token.id, "tried": path, "status": status})
        with writing(db.session):
            token_changes.note_refused(actor=caller.user, tried=f"{request.method} {path}", status=status)


def _view(operation: Operation) -> Callable[..., Response]:
    def view(**parts: Any) -> Response:
        caller = _admit(operation)
        if operation.body is not None:
            parts["body"] = read_json()
        return _response(_run(operation, caller, parts), is_personal=caller is not None)

    view.__name__ = operation.name
    view.__doc__ = operation.about
    return view


def _run(operation: Operation, caller: Caller | None, parts: dict[str, Any]) -> Answer:
    if caller is None:
        return operation.run(caller=None, **parts)
    with confined(NOTHING if operation.method == "GET" else PROGRAM_WRITES):
        return operation.run(caller=caller, **parts)


def _admit(operation: Operation) -> Caller | None:
    """Who asks, where they may. Raises `NotSignedIn`, `NotAllowed` or `TooMany`."""
    caller = bearer.caller_of_request()
    if caller is not None:
        rate_limits.count(rate_limits.rates(current_settings().token_rates), "token", str(caller.token.id))
        caller.require(operation.scope)
    elif not operation.is_public:
        raise NotSignedIn(f"Bring a token with the scope {operation.scope}, as `Authorization: Bearer TOKEN`.")
    return caller


def _response(answer: Answer, *, is_personal: bool) -> Response:
    content = answer.content
    text = content.model_dump_json() if isinstance(content, BaseModel) else json.dumps(content)
    response = Response(text, answer.status, content_type="application/json")
    response.headers["Cache-Control"] = "private, no-store" if is_personal else "no-cache"
    response.vary.add("Authorization")
    if answer.hash:
        response.set_etag(answer.hash)
        response.make_conditional(request)
    if answer.location:
        response.headers["Location"] = answer.location
    return response


for _operation in OPERATIONS:
    # Cookies never tell who asks here, so a form on another site has nothing to send: CSRF needs no token of its own.
    blueprint.add_url_rule(
        _operation.path, _operation.name, csrf.exempt(_view(_operation)), methods=[_operation.method]
    )
