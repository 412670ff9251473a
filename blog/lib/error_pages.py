"""The one mapping from errors to answers: a page for people, a problem document (RFC 9457) for programs."""

import logging
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from blog.errors import Busy, Fault, HindsightError, Invalid, Moved, NoRoom, NotSignedIn, TooMany
from blog.lib.rate_limits import seconds_to_wait

log = logging.getLogger(__name__)

KEPT_HEADERS = {"allow", "retry-after", "www-authenticate"}
BUSY_SECONDS = 5  # as long as a request waits for the database
FULL_SECONDS = 600  # somebody has to make room
OLD_FORM = "Go back, load the page again and send it once more. What you typed is still in the form."
FOREIGN_HOST = "This site does not answer to the name that was asked for."
FAULT = "The fault is ours. It was logged under the request id below."
BARE_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Something went wrong</title><h1>Something went wrong</h1>"
    f"<p>{FAULT}</p><p>If you report this, name the request <code>{{request_id}}</code>.</p></html>"
)
SENTENCES = {
    404: "There is nothing at this address. It may have moved, or never been.",
    405: "This address does not take this kind of request.",
    413: "What was sent is larger than this site accepts. Nothing was saved.",
    429: "That were many requests in a short time. Please wait a moment and try again.",
    500: FAULT,
}


def init_app(app: Flask) -> None:
    app.register_error_handler(HindsightError, refusal)
    app.register_error_handler(Moved, _moved)
    app.register_error_handler(CSRFError, lambda _: answer(400, "This form is too old", OLD_FORM))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(Exception, _unexpected)


def wants_json() -> bool:
    """Whether an error should be a problem document: for the JSON API always, for pages never."""
    return request.path.startswith("/api/")


def refusal(error: HindsightError) -> Response:
    """The answer to an error that a rule raised."""
    faults = [_told(fault) for fault in error.faults] if isinstance(error, Invalid) else []
    response = answer(error.status, error.title, error.message, faults=faults)
    response.headers.update(wait_headers(error))
    if isinstance(error, NotSignedIn):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _told(fault: Fault) -> dict[str, str]:
    told = {"path": fault.path, "reason": fault.reason}
    return told | ({"fingerprint": fault.fingerprint} if fault.fingerprint else {})


def _moved(error: Moved) -> Response:
    """On to the same page of the present address. Sent again where it was sent: a form keeps what was typed into it.

    Nobody may keep it without asking again (`web` says so of every answer): an old address may be taken back.
    """
    code = 301 if request.method in {"GET", "HEAD"} else 308
    response = answer(code, error.title, error.message)
    parts = {**(request.view_args or {}), "slug": error.slug}
    query = request.query_string.decode("ascii", "ignore")
    response.headers["Location"] = url_for(str(request.endpoint), **parts) + (f"?{query}" if query else "")
    return response


def wait_headers(error: HindsightError) -> dict[str, str]:
    """When to try again, where that helps."""
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.retry_after_seconds)}
    seconds = {Busy: BUSY_SECONDS, NoRoom: FULL_SECONDS}.get(type(error))
    return {"Retry-After": str(seconds)} if seconds else {}


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None or 300 <= status < 400:
        return error.get_response()  # type: ignore[return-value]
    if status >= 500:
        log.error("a view ended with %s", status, exc_info=error)
    sentence = SENTENCES.get(status, error.description or "")
    response = answer(status, error.name, FOREIGN_HOST if isinstance(error, SecurityError) else sentence)
    for name, value in error.get_headers():
        if name.lower() in KEPT_HEADERS:
            response.headers[name] = value
    if status == 429:
        response.headers.setdefault("Retry-After", str(seconds_to_wait()))
    return response


def _database_error(error: OperationalError) -> Response:
    log.error("the database did not answer", exc_info=error)
    return refusal(Busy())


def _unexpected(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return answer(500, "Something went wrong", SENTENCES[500])


def answer(status: int, title: str, detail: str, *, faults: list[dict[str, str]] | None = None) -> Response:
    """A page or a problem document that says what went wrong, and nothing of how the site is made."""
    if wants_json():
        response = jsonify(_problem(status, title, detail, faults or []))
        response.content_type = "application/problem+json"
    else:
        response = make_response(_page(status=status, title=title, detail=detail, faults=faults or []))
    response.status_code = status
    return response


def _page(**shown: Any) -> str:
    try:
        return render_template("errors/error.html", **shown)
    except Exception:  # what broke the page may be what its frame needs, too
        log.exception("the error page could not be made")
        return BARE_PAGE.format(request_id=g.get("request_id", ""))


def _problem(status: int, title: str, detail: str, faults: list[dict[str, str]]) -> dict[str, Any]:
    problem: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    problem |= {"instance": request.path, "request_id": g.get("request_id", "")}
    return problem | ({"faults": faults} if faults else {})
