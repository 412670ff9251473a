"""What every answer shares: request ids, security headers, error pages, static files, safe redirects."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, Response, g, request, session
from werkzeug.routing import IntegerConverter, Map

from blog.lib import error_pages, intake, logs, rate_limits, static_files
from blog.lib.intake import large_form
from blog.lib.row_numbers import MAX_ROW_NUMBER
from blog.lib.static_files import YEAR_SECONDS

__all__ = ["CSP", "init_app", "large_form", "local_path"]

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; report-uri /csp-report"
)
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,32}")
MAX_PATH = 2_000


def init_app(app: Flask, *, is_https: bool) -> None:
    """Give the application its log lines, headers, request ids, limits, error pages and static addresses.

    Comes before every extension: its checks run first, and its headers are added last, to whatever was answered.
    """
    app.url_map.converters["int"] = RowNumber
    app.request_class = intake.HeldRequest
    logs.init_app(app)
    app.before_request(_name_request)
    rate_limits.init_app(app)
    app.before_request(intake.check)
    app.after_request(_headers(is_https))
    error_pages.init_app(app)
    app.extensions["hindsight_static"] = static_files.init_app(app)


class RowNumber(IntegerConverter):
    """`<int:...>` in an address: a number that a database can hold; a larger one is no address at all (404)."""

    regex = "[0-9]+"  # the plain digits only: each number has one address

    def __init__(self, url_map: Map, *, min: int = 0, max: int = MAX_ROW_NUMBER) -> None:
        super().__init__(url_map, min=min, max=max)


def _name_request() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else logs.new_request_id()


def _headers(is_https: bool) -> Callable[[Response], Response]:
    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CSP)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["X-Request-Id"] = g.get("request_id", "")
        if is_https:
            headers["Strict-Transport-Security"] = f"max-age={YEAR_SECONDS}; includeSubDomains"
        if response.cache_control.public:  # the same for everybody: a browser keeps it whoever signs in or out
            session.accessed = session.modified
            return response
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "private, no-store" if session else "no-cache"
        response.vary.add("Cookie")
        return response

    return add


def local_path(target: str | None, *, default: str) -> str:
    """`target` if it is a path on this site, else `default`: where a redirect after sign-in may lead."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or len(target) > MAX_PATH:
        return default
    if any(ord(character) < 0x21 or character == "\\" for character in target):
        return default
    return target if not urlsplit(target).netloc else default
