"""/api/v1: ties every operation to its address, and does what all of them need: token, scope, limits, body, answer."""

import json
import logging
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from blog.accounts import bearer, token_changes
from blog.accounts.bearer import Caller
from blog.articles import api as articles
from blog.comments import api as comments
from blog.errors import Busy, NotSignedIn
from blog.extensions import csrf, db
from blog.lib import clock, openapi, rate_limits
from blog.lib.conditional import answer_of_version
from blog.lib.database import writing
from blog.lib.json_api import PREFIX, Answer, Operation, read_json
from blog.search import api as search
from blog.settings import current_settings

log = logging.getLogger(__name__)
blueprint = Blueprint("api", __name__, url_prefix=PREFIX)

OPERATIONS: tuple[Operation, ...] = (*articles.OPERATIONS, *comments.OPERATIONS, *search.OPERATIONS)


@blueprint.get("/openapi.json")
def description() -> ResponseReturnValue:
    settings = current_settings()

    def make() -> Response:
        return jsonify(openapi.describe(OPERATIONS, site_name=settings.site_name, site_url=settings.site_url))

    return answer_of_version("", make)


@blueprint.after_request
def note_use(response: Response) -> Response:
    """Once the answer is made: a write before it would delay it, and be part of the operation's own."""
    token_id = bearer.token_to_mark()
    if token_id is not None:
        try:
            with writing(db.session):
                token_changes.mark_used(token_id, at=clock.now())
        except Busy:
            log.warning("the use of a token could not be noted; the next request tries again")
    return response


def _view(operation: Operation) -> Callable[..., Response]:
    def view(**parts: Any) -> Response:
        caller = _admit(operation)
        if operation.body is not None:
            parts["body"] = read_json()
        return _response(operation.run(caller=caller, **parts), is_personal=caller is not None)

    view.__name__ = operation.name
    view.__doc__ = operation.about
    return view


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
    if answer.location:
        response.headers["Location"] = answer.location
    return response


for _operation in OPERATIONS:
    # Cookies never tell who asks here, so a form on another site has nothing to send: CSRF needs no token of its own.
    blueprint.add_url_rule(
        _operation.path, _operation.name, csrf.exempt(_view(_operation)), methods=[_operation.method]
    )
