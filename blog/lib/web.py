"""What every answer shares: request ids, security headers, error pages, hashed static addresses, safe redirects."""

import hashlib
import logging
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    g,
    jsonify,
    make_response,
    render_template,
    request,
    send_from_directory,
    session,
    url_for,
)
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from blog.errors import Busy, HindsightError, Invalid, TooMany

log = logging.getLogger(__name__)

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
YEAR_SECONDS = 31_536_000
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,32}")
MAX_FIELDS = 200  # of an ordinary form
MAX_FIELDS_LARGE = 20_000  # an editor's form has a field for every cell of every row
View = TypeVar("View", bound=Callable[..., Any])
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def init_app(app: Flask, *, is_https: bool) -> None:
    """Give the application its headers, request ids, error pages and static addresses."""
    app.before_request(_begin)
    app.after_request(_headers(is_https))
    _map_errors(app)
    _serve_static(app)


def large_form(view: View) -> View:
    """Let this view take a form as large as a request may be (a whole write-up), instead of 200 fields and 300 kB."""
    view.large_form = True  # type: ignore[attr-defined]
    return view


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    _refuse_foreign_writes()
    if request.content_encoding:
        abort(415, "A compressed request body is not accepted.")
    _bound_form()


def _bound_form() -> None:
    if request.method in SAFE_METHODS:
        return
    view = current_app.view_functions.get(request.endpoint or "")
    is_large = getattr(view, "large_form", False)
    if is_large:
        request.max_form_memory_size = current_app.config["MAX_CONTENT_LENGTH"]
        request.max_form_parts = MAX_FIELDS_LARGE
    if len(request.form) > (MAX_FIELDS_LARGE if is_large else MAX_FIELDS):
        abort(413)


def _refuse_foreign_writes() -> None:
    """The second wall beside the CSRF token: a browser says where a request comes from; only our pages may write."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            abort(403, "This form was sent from another site.")
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(403, "This form was sent from another site.")


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
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "private, no-store" if session else "no-cache"
        response.vary.add("Cookie")
        return response

    return add


def wants_json() -> bool:
    """Whether an error should be a problem document: the JSON API always, other pages when asked for JSON only."""
    return request.path.startswith("/api/")


def _map_errors(app: Flask) -> None:
    app.register_error_handler(HindsightError, _refusal)
    app.register_error_handler(CSRFError, lambda error: _answer(400, "This form is too old", _csrf_reason(error)))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, lambda _: _refusal(Busy()))
    app.register_error_handler(Exception, _unexpected)


def _csrf_reason(_error: CSRFError) -> str:
    return "Go back, load the page again and send it once more. What you typed is still in the form."


def _refusal(error: HindsightError) -> Response:
    faults = (
        [{"path": fault.path, "reason": fault.reason} for fault in error.faults] if isinstance(error, Invalid) else []
    )
    response = _answer(error.status, error.title, error.message, faults=faults)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, Busy):
        response.headers["Retry-After"] = "5"
    return response


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return error.get_response()  # type: ignore[return-value]
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()  # type: ignore[return-value]
    response = _answer(status, error.name, _sentence(status, error.description or ""))
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


def _sentence(status: int, description: str) -> str:
    return {
        404: "There is nothing at this address. It may have moved, or never been.",
        405: "This address does not take this kind of request.",
        413: "What was sent is larger than this site accepts. Nothing was saved.",
        429: "That were many requests in a short time. Please wait a moment and try again.",
        500: "The fault is ours. It was logged under the request id below.",
    }.get(status, description)


def _unexpected(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return _answer(500, "Something went wrong", _sentence(500, ""))


def _answer(status: int, title: str, detail: str, *, faults: list[dict[str, str]] | None = None) -> Response:
    if wants_json():
        problem: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        problem |= {"instance": request.path, "request_id": g.get("request_id", "")}
        if faults:
            problem["faults"] = faults
        response = jsonify(problem)
        response.content_type = "application/problem+json"
    else:
        page = render_template("errors/error.html", status=status, title=title, detail=detail, faults=faults or [])
        response = make_response(page)
    response.status_code = status
    return response


def local_path(target: str | None, *, default: str) -> str:
    """`target` if it is a path on this site, else `default`: where a redirect after sign-in may lead."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or len(target) > 2_000:
        return default
    if any(ord(character) < 0x21 or character == "\\" for character in target):
        return default
    return target if not urlsplit(target).netloc else default


def _serve_static(app: Flask) -> None:
    """Static files stand under a hash of them all (`/static/3f2a.../css/app.css`), so they are kept for a year, and
    relative imports between scripts keep working. All stylesheets are joined into one `site.css`, app.css first.
    """
    folder = Path(app.root_path) / "static"
    tree, styles = hashlib.sha256(), []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            tree.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    sheets = sorted((folder / "css").glob("*.css"), key=lambda path: (path.name != "app.css", path.name))
    styles = [sheet.read_text(encoding="utf-8") for sheet in sheets]
    version, stylesheet = tree.hexdigest()[:12], "\n".join(styles)

    def static(version: str, filename: str) -> Response:
        if filename == "site.css":
            response = make_response(stylesheet)
            response.content_type = "text/css; charset=utf-8"
        else:
            response = send_from_directory(folder, filename)
        response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
        return response

    app.add_url_rule("/static/<version>/<path:filename>", "static", static, methods=["GET"])
    app.jinja_env.globals["static_url"] = lambda name: url_for("static", version=version, filename=name)
