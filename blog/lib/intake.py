"""What a request may bring in: its size, its number of fields, its encoding. Looked at before any view sees it."""

from collections.abc import Callable
from io import BytesIO
from typing import IO, Any, TypeVar
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Request, abort, current_app, request

from blog.lib.whole_forms import WholeFormParser

MAX_FIELDS = 200  # of an ordinary form
MAX_FIELDS_LARGE = 20_000  # an editor's form has a field for every cell of every row
MAX_ADDRESS = 4 * 1024  # bytes of path and query together
MAX_HEADERS = 16 * 1024  # bytes of all names and values
MAX_HEADER_LINES = 100
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
OWN = "hindsight.own"  # marks a request that the site makes of itself; no header can
FOREIGN = "This form was sent from another site."
NOT_UTF8 = "This request is not valid UTF-8 text, so what was meant cannot be known."
HOLDS_NUL = "This request holds a NUL character. Remove it and send it again."
View = TypeVar("View", bound=Callable[..., Any])


class HeldRequest(Request):
    """A request whose files stay in memory, where its body is already: a full /tmp refuses nothing, and nothing of
    what somebody sends is left there.
    """

    form_data_parser_class = WholeFormParser

    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        return BytesIO()


def is_own() -> bool:
    """Whether nobody sent this request: it stands in no log and counts against no limit."""
    return OWN in request.environ


def large_form(view: View) -> View:
    """Let this view take a form as large as a request may be (a whole write-up), instead of 200 fields and 300 kB."""
    view.large_form = True  # type: ignore[attr-defined]
    return view


def takes_picture(view: View) -> View:
    """Let this view take one file, as large as MAX_IMAGE_BYTES allows."""
    view.takes_picture = True  # type: ignore[attr-defined]
    return view


def check() -> None:
    """Refuse what no view should have to deal with: 400, 403, 413, 414, 415 or 431."""
    _refuse_many_headers()
    if len(request.environ.get("PATH_INFO", "")) + len(request.query_string) > MAX_ADDRESS:
        abort(414, "This address is longer than any of this site.")
    _refuse_bad_text(request.environ.get("PATH_INFO", "").encode("latin-1", "replace"))
    _refuse_bad_text(request.query_string, is_quoted=True)
    if request.content_encoding:
        abort(415, "A compressed request body is not accepted.")
    if getattr(current_app.view_functions.get(request.endpoint or ""), "takes_picture", False):
        request.max_content_length = current_app.config["MAX_PICTURE_LENGTH"]
    if (request.content_length or 0) > (request.max_content_length or 0):
        abort(413)
    if request.method not in SAFE_METHODS:
        _refuse_foreign_write()
        _check_form()


def _refuse_many_headers() -> None:
    lines = [(name, value) for name, value in request.environ.items() if name.startswith("HTTP_")]
    size = sum(len(name) + len(value) for name, value in lines)
    if len(lines) > MAX_HEADER_LINES or size > MAX_HEADERS:
        abort(431, "This request has more headers than browsers send. Remove the cookies of this site and try again.")


def _refuse_foreign_write() -> None:
    """The second wall beside the CSRF token: a browser says where a request comes from; only our pages may write."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            abort(403, FOREIGN)
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(403, FOREIGN)


def _check_form() -> None:
    is_large = getattr(current_app.view_functions.get(request.endpoint or ""), "large_form", False)
    most = MAX_FIELDS_LARGE if is_large else MAX_FIELDS
    if is_large:
        request.max_form_memory_size = current_app.config["MAX_CONTENT_LENGTH"]
        request.max_form_parts = MAX_FIELDS_LARGE
    if request.mimetype == "application/x-www-form-urlencoded":
        if (request.content_length or 0) > (request.max_form_memory_size or 0):
            abort(413)
        body = request.get_data(cache=True)  # the parser, which comes later, would guess where this refuses
        if body.count(b"&") >= most:  # pairs, not names: one name may be sent a hundred thousand times
            abort(413)
        _refuse_bad_text(body, is_quoted=True)
    elif request.mimetype == "multipart/form-data":
        body = request.get_data(cache=True)
        if sum(len(values) for _, values in request.form.lists()) > most:
            abort(413)
        if not request.files:
            _refuse_bad_text(body)


def _refuse_bad_text(raw: bytes, *, is_quoted: bool = False) -> None:
    if is_quoted and b"%" in raw:
        raw = unquote_to_bytes(raw)
    if b"\0" in raw:
        abort(400, HOLDS_NUL)
    if not raw.isascii():
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            abort(400, NOT_UTF8)
