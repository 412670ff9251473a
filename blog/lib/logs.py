"""Logs: one JSON object a line on standard error, with the request id that error pages show; one line a request."""

import logging
import random
import sys
import time
from typing import Any

from flask import Flask, Response, g, has_request_context, request
from pythonjsonlogger.json import JsonFormatter

from blog.lib.intake import is_own

log = logging.getLogger("hindsight.requests")

MAX_PATH = 500  # characters of an address that are logged; the longest of ours has about 150


def new_request_id() -> str:
    """Sixteen digits that tell requests apart. No secret, so no question to the system, which costs a busy process more
    than it seems (decision 0031).
    """
    return f"{random.getrandbits(64):016x}"


class WithRequest(logging.Filter):
    """Gives every record the id of the request it belongs to; outside a request it is empty."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = g.get("request_id", "") if has_request_context() else ""
        return True


def formatter() -> JsonFormatter:
    """Times are UTC; JSON escapes what a value holds, so no text from outside can begin a line of its own."""
    made = JsonFormatter(
        "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
        datefmt="%Y-%m-%dT%H:%M:%SZ",
        rename_fields={"asctime": "at", "levelname": "level"},
    )
    made.converter = time.gmtime
    return made


def start(level: str) -> None:
    """Log as JSON from now on. Safe to repeat: a process has one such handler however many applications it makes."""
    root = logging.getLogger()
    if not any(isinstance(handler.formatter, JsonFormatter) for handler in root.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(formatter())
        handler.addFilter(WithRequest())
        root.addHandler(handler)
        logging.getLogger("alembic").setLevel(logging.WARNING)
    root.setLevel(level.upper())


def init_app(app: Flask) -> None:
    """One line for every request. Register this first: what is registered first sees the answer last."""
    app.before_request(_start_clock)
    app.after_request(_note)


def _start_clock() -> None:
    g.started_at = time.perf_counter()


def _note(response: Response) -> Response:
    if log.isEnabledFor(logging.INFO) and not is_own():
        log.info("request", extra=_facts(response))
    return response


def note_kept(environ: dict[str, Any], request_id: str, outcome: str, seconds: float) -> None:
    """The same line for an answer that Flask knows nothing of: a kept page, or 304 to whoever holds it."""
    status = 304 if outcome == "not_modified" else 200
    _note_early(environ, request_id, status=status, ms=round(seconds * 1_000, 1), kept=True)


def note_refused(environ: dict[str, Any], request_id: str, status: int) -> None:
    """The same line for a request that was turned away before Flask saw it."""
    _note_early(environ, request_id, status=status)


def _note_early(environ: dict[str, Any], request_id: str, **facts: Any) -> None:
    if log.isEnabledFor(logging.INFO):
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")[:MAX_PATH]
        log.info("request", extra={"request_id": request_id, "method": method, "path": path, **facts})


def _facts(response: Response) -> dict[str, Any]:
    """What happened, without what was typed: of a query string only the names of its values are kept."""
    started_at = g.get("started_at")
    facts: dict[str, Any] = {
        "method": request.method,
        "path": request.path[:MAX_PATH],
        "status": response.status_code,
        "ms": round((time.perf_counter() - started_at) * 1_000, 1) if started_at is not None else None,
        "user_id": _user_id(),
    }
    if request.query_string:
        facts["query"] = " ".join(dict.fromkeys(request.args))[:MAX_PATH]
    return facts


def _user_id() -> int | None:
    """Whom the request turned out to come from, where anybody asked: logging never costs a query."""
    known = g.get("user_id")  # the token of a program
    return known if known is not None else getattr(g.get("_login_user"), "id", None)  # kept there by Flask-Login
