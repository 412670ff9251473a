"""The short way of reading: a WSGI wrapper that answers from kept pages, before Flask looks at the request.

It decides nothing about who may see what. It repeats an answer that Flask gave to the same request, of the same person
where somebody is signed in, as long as none of the versions moved on that the answer was made from. Whatever it does
not know goes to Flask, and Flask says of its answer (`Keeping`) whether and for whom it may be kept.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from flask import has_request_context, request

from blog.lib import clock, intake
from blog.lib.kept_pages import KeptPage, Key, PageMemory, PageShelf, Versions, best_encoding
from blog.lib.logs import new_request_id

KEEPING = "hindsight.keeping"  # where a request carries its `Keeping`
ONE_TIME = "once"  # the value that is another one in every answer
MOST_READERS = 5_000
USER_AGENT_LENGTH = 200
# What the wrapper cannot weigh: the answer may differ by it.
PASSED_ON = ("HTTP_AUTHORIZATION", "HTTP_CONTENT_ENCODING", "HTTP_RANGE", "HTTP_TRANSFER_ENCODING")
OF_A_TEXT = {"content-type", "last-modified"}
OF_ONE_ANSWER = {"x-request-id", "content-length", "content-encoding", "date"}

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Reader:
    """A signed-in person as Flask knew them: `values` are what stands for them on pages, escaped. It holds for the same
    cookie in the same browser until `until`, and while `versions` stay.
    """

    id: int
    audience: str  # people of one audience are shown the same, but for `values` and what is their own
    values: Mapping[str, str]
    versions: Versions
    until: datetime


@dataclass
class Keeping:
    """What Flask says of an answer on its way out. Nothing is kept unless `versions` is set."""

    versions: Versions | None = None
    etag: str = ""
    day: Any = None
    owners: frozenset[int] = frozenset()
    reader: Reader | None = None
    mark: str = ""  # stands before and after the names of values in the text; nobody outside can know it
    values: dict[str, str] = field(default_factory=dict)  # what to put in this answer
    is_for_once: bool = False


def answer_once() -> None:
    """Say that the answer being made shows something that stands in for a while, so it is not kept."""
    keeping = request.environ.get(KEEPING) if has_request_context() else None
    if keeping is not None:
        keeping.is_for_once = True


class ReadPath:
    """Wraps the application. `site_url` is the address the site is known by; `are_current` compares versions;
    `is_free` counts a request against the limits of its address and says whether it is within them; `note` is told
    (environ, request id, outcome, seconds) of every answer given here; `count` is told `hit`, `not_modified`, or `miss`
    for a page that was made and kept; `new_key` makes the value of `ONE_TIME`.
    """

    def __init__(
        self,
        application: Application,
        *,
        cookie_name: str,
        shelf: PageShelf,
        site_url: str,
        are_current: Callable[[Versions], bool],
        is_free: Callable[[Environ], bool],
        note: Callable[[Environ, str, str, float], None],
        count: Callable[[str], None],
        new_key: Callable[[], str],
    ) -> None:
        self._application = application
        self._new_key = new_key
        self._cookie = cookie_name
        self._site_url = site_url
        self._host = urlsplit(site_url).netloc
        self._shelf = shelf
        self._are_current = are_current
        self._is_free = is_free
        self._note = note
        self._count = count
        self._memory = PageMemory()
        self._readers: OrderedDict[bytes, Reader] = OrderedDict()
        self._lock = Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not _is_plain_read(environ):
            return self._application(environ, start_response)
        began = time.perf_counter()
        cookie = environ.get("HTTP_COOKIE", "")
        who = _fingerprint(cookie, environ.get("HTTP_USER_AGENT", "")) if self._cookie in cookie else None
        reader = self._reader(who) if who else None
        if who is None or reader is not None:
            page = self._page(_address(environ), reader)
            if page is not None and self._is_free(environ):
                return self._answer(page, reader, environ, start_response, began)
        return self._ask(environ, start_response, who)

    def _reader(self, who: bytes) -> Reader | None:
        with self._lock:
            reader = self._readers.get(who)
        return reader if reader is not None and clock.now() < reader.until else None

    def _page(self, address: Key, reader: Reader | None) -> KeptPage | None:
        """The kept page of this address for this reader (None: nobody signed in), if it is what Flask would say now."""
        try:
            return self._page_for_all(address) if reader is None else self._page_of(address, reader)
        except Exception:  # whatever the database driver raises: Flask has the words for it
            return None

    def _page_for_all(self, address: Key) -> KeptPage | None:
        page = self._memory.get(("", *address))
        if page is not None and self._is_current(page):
            return page
        page = self._shelf.get(address) if self._is_for_shelf(address) else None  # another process may have made it
        if page is None or not self._is_current(page):
            return None
        self._memory.put(("", *address), page)
        return page

    def _page_of(self, address: Key, reader: Reader) -> KeptPage | None:
        page = self._memory.get((reader.audience, *address))
        if page is None or reader.id in page.owners:
            page = self._memory.get((f"{reader.audience} {reader.id}", *address))
        return page if page is not None and self._is_current(page, reader) else None

    def _is_current(self, page: KeptPage, reader: Reader | None = None) -> bool:
        if page.day is not None and page.day != clock.now().date():
            return False
        return self._are_current(page.versions + (reader.versions if reader else ()))

    def make_ahead(self, path: str) -> str:
        """Have the page of this path on the shelf before anybody asks for it. Returns `current`, `made`, or `not kept`
        for one that Flask makes for each reader. Raises what the database raises.
        """
        from werkzeug.test import create_environ  # here: processes that serve need none of it

        environ = {**create_environ(path, base_url=self._site_url), intake.OWN: True, "HTTP_ACCEPT_ENCODING": "br"}
        address = _address(environ)
        page = self._shelf.get(address)
        if page is not None and self._is_current(page):
            return "current"
        Context().run(self._ask, environ, lambda *_: None, None)  # sees nothing of what is open here
        page = self._shelf.get(address)
        return "made" if page is not None and self._is_current(page) else "not kept"

    def _answer(
        self, page: KeptPage, reader: Reader | None, environ: Environ, start_response: StartResponse, began: float
    ) -> Iterable[bytes]:
        request_id = new_request_id()
        headers = [*page.headers, ("X-Request-Id", request_id)]
        values = {**reader.values, ONE_TIME: self._new_key()} if reader else {}
        body = _send(page, values, headers, environ, start_response)
        self._tell(environ, request_id, "not_modified" if _is_held(page, environ) else "hit", began)
        return body

    def _tell(self, environ: Environ, request_id: str, outcome: str, began: float) -> None:
        self._note(environ, request_id, outcome, time.perf_counter() - began)
        self._count(outcome)

    def _ask(self, environ: Environ, start_response: StartResponse, who: bytes | None) -> Iterable[bytes]:
        """Let Flask answer, and keep what may be kept."""
        if environ["REQUEST_METHOD"] == "HEAD":  # its answer has no text
            return self._application(environ, start_response)
        keeping = environ[KEEPING] = Keeping(mark=f"\x02{secrets.token_hex(8)}\x03")
        given: list[Any] = []
        body = self._application(environ, lambda *answer: given.append(answer))
        status, headers = given[-1][:2]
        if keeping.versions is None or not status.startswith("200"):
            start_response(*given[-1])
            return body
        text = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        kept = [(name, value) for name, value in headers if name.lower() not in OF_ONE_ANSWER]
        mark = keeping.mark.encode()
        page = KeptPage(
            kept, tuple(text.split(mark)), keeping.versions, keeping.etag, keeping.day, owners=keeping.owners
        )
        if not keeping.is_for_once and not any(name.lower() == "set-cookie" for name, _ in headers):
            self._keep(page, keeping, environ, who)
        own = [(name, value) for name, value in headers if name.lower() == "x-request-id"]
        return _send(page, keeping.values, kept + own, environ, start_response)

    def _keep(self, page: KeptPage, keeping: Keeping, environ: Environ, who: bytes | None) -> None:
        address, reader, is_asked_for = _address(environ), keeping.reader, intake.OWN not in environ
        if is_asked_for:
            self._count("miss")
        if who is None and reader is None and _is_for_all(page):
            if is_asked_for:
                self._memory.put(("", *address), page)
            if self._is_for_shelf(address):
                self._shelf.put(address, page)
        elif who is not None and reader is not None:
            audience = f"{reader.audience} {reader.id}" if reader.id in page.owners else reader.audience
            self._memory.put((audience, *address), page)
            self._know(who, reader)

    def _know(self, who: bytes, reader: Reader) -> None:
        now = clock.now()
        with self._lock:
            self._readers.pop(who, None)
            self._readers[who] = reader
            while self._readers and (
                len(self._readers) > MOST_READERS or next(iter(self._readers.values())).until <= now
            ):
                self._readers.popitem(last=False)

    def _is_for_shelf(self, address: Key) -> bool:
        """Pages with a query, or under another name of the site, are many and asked for seldom: they stay in memory."""
        return address[1] == self._host and not address[4] and not address[5]


def _is_plain_read(environ: Environ) -> bool:
    return (
        environ["REQUEST_METHOD"] in ("GET", "HEAD")
        and environ.get("CONTENT_LENGTH", "") in ("", "0")
        and not any(name in environ for name in PASSED_ON)
        and ("HTTP_IF_MODIFIED_SINCE" not in environ or "HTTP_IF_NONE_MATCH" in environ)
    )


def _address(environ: Environ) -> Key:
    """All of a request that an answer may be made from, beside who asks."""
    return (
        environ["wsgi.url_scheme"],
        environ.get("HTTP_HOST", ""),
        environ.get("SCRIPT_NAME", ""),
        "/" + environ.get("PATH_INFO", "").lstrip("/"),  # as Flask reads it: many slashes would be many pages
        environ.get("QUERY_STRING", ""),
        environ.get("HTTP_X_REQUESTED_WITH", ""),
    )


def _is_for_all(page: KeptPage) -> bool:
    """Whether nothing on it or about it is of one browser: a session without a person may still hold something."""
    return len(page.pieces) == 1 and not any(
        name.lower() == "cache-control" and "private" in value for name, value in page.headers
    )


def _fingerprint(cookie: str, user_agent: str) -> bytes:
    """What a browser brings, in a few bytes: cookies may be long, and many."""
    return blake2b(f"{cookie}\0{user_agent[:USER_AGENT_LENGTH]}".encode("utf-8", "replace"), digest_size=24).digest()


def _is_held(page: KeptPage, environ: Environ) -> bool:
    held = environ.get("HTTP_IF_NONE_MATCH", "")
    return bool(held and page.etag) and (page.etag in held or held.strip() == "*")


def _send(
    page: KeptPage,
    values: Mapping[str, str],
    headers: list[tuple[str, str]],
    environ: Environ,
    start_response: StartResponse,
) -> Iterable[bytes]:
    if _is_held(page, environ):
        start_response("304 NOT MODIFIED", [pair for pair in headers if pair[0].lower() not in OF_A_TEXT])
        return []
    encoding = best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""), page.encodings)
    body = page.body(encoding, {name.encode(): value.encode() for name, value in values.items()})
    if encoding:
        headers.append(("Content-Encoding", encoding))
    headers.append(("Content-Length", str(len(body))))
    start_response("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
