"""Who gets in: so many requests at once, so many that wait a moment, and 503 at once for the rest.

`Admission` stands between the server and Flask. It reads the body first, so that a slow sender holds none of the places
inside, and hands the server the whole answer, so that a slow reader holds none either (decision 0011).
"""

import json
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

from blog.lib import metrics
from blog.lib.addresses import network_of
from blog.lib.connections import watch
from blog.lib.logs import new_request_id, note_refused
from blog.lib.static_files import YEAR_SECONDS
from blog.lib.web import CSP

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

AT_ONCE = 8  # one core runs one Python thread at a time; the others wait for disk, database or the renderer
READS_WAITING = 32  # more would wait longer than READ_SECONDS
READ_SECONDS = 1.5  # so that an accepted page is answered within two
WRITES_WAITING = 128  # somebody's words are in each, so they are turned away last and late
WRITE_SECONDS = 4.0
FOR_WRITES = 1  # of the places inside: readers, however many, cannot shut out who has something to say
BODIES = 176  # slow senders at once; the server has more threads than these and the above together
SHARE = 11  # one network may send at most the 11th part of them
RETRY_SECONDS = 5
READS = {"GET", "HEAD", "OPTIONS"}
ALWAYS = {"/healthz"}  # a site that is busy is not ill; restarting it would make it worse
PAGE = "<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><h1>{title}</h1><p>{detail}</p></html>"
BUSY = ("503 Service Unavailable", "The site is busy", "Nothing was lost. Go back and try again in a few seconds.")
TOO_MANY = ("429 Too Many Requests", "Too many requests", "Your address asked too often. Please wait a moment.")
CUT = ("400 Bad Request", "The request was cut off", "Not all of it arrived, so nothing was done. Send it again.")


@dataclass
class Line:
    """Those who wait, at the most `most` for `seconds` each; an event is set when its turn has come."""

    most: int
    seconds: float
    turns: deque[threading.Event] = field(default_factory=deque)


class Gate:
    """`at_once` may be inside; more may wait, reads and writes in lines of their own. A read goes before any write that
    waits, but never into the last places, which are for writes.
    """

    def __init__(self, *, at_once: int, reads: Line, writes: Line) -> None:
        self._free, self._reads, self._writes = at_once, reads, writes
        self._for_writes = FOR_WRITES if at_once > 2 * FOR_WRITES else 0
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._reads.turns) + len(self._writes.turns)

    def enter(self, *, is_read: bool) -> bool:
        """True once inside; False at once when too many wait, or after the wait. Who is inside calls `leave`."""
        line, turn = self._reads if is_read else self._writes, threading.Event()
        with self._lock:
            if self._free > (self._for_writes if is_read else 0):
                self._free -= 1
                return True
            if len(line.turns) >= line.most:
                return False
            line.turns.append(turn)
        turn.wait(line.seconds)
        with self._lock:
            if not turn.is_set():
                line.turns.remove(turn)
            return turn.is_set()

    def leave(self) -> None:
        """Give the place to who waits longest, reads first."""
        with self._lock:
            self._free += 1
            line = self._reads if self._reads.turns and self._free > self._for_writes else self._writes
            if line.turns:
                self._free -= 1
                line.turns.popleft().set()


class Admission:
    """The wrapper. `max_body` is in bytes: what says that it is larger is left for Flask to refuse, unread. `wait_of`
    says for how many seconds the address of a request is to wait since it asked too often; 0 for most. `larger` are
    paths that take a larger body, with how large: such a one counts as many as it has times `max_body`.
    """

    def __init__(
        self,
        wsgi_app: "WSGIApplication",
        *,
        max_body: int,
        is_https: bool = False,
        at_once: int = AT_ONCE,
        reads: Line | None = None,
        writes: Line | None = None,
        bodies: int = BODIES,
        wait_of: "Callable[[WSGIEnvironment], int]" = lambda _: 0,
        larger: Mapping[str, int] | None = None,
    ) -> None:
        self._app, self._max_body, self._is_https = wsgi_app, max_body, is_https
        self.gate = Gate(
            at_once=at_once,
            reads=reads or Line(READS_WAITING, READ_SECONDS),
            writes=writes or Line(WRITES_WAITING, WRITE_SECONDS),
        )
        self._larger = larger or {}
        self._places = bodies
        self._senders: Counter[str] = Counter()
        self._share = max(1, bodies // SHARE)
        self._wait_of = wait_of
        self._lock = threading.Lock()
        self.turned_away = 0  # for the metrics; a lost count under races does no harm

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        watch.ensure_running()
        if seconds := self._wait_of(environ):
            return self._refuse(environ, start_response, TOO_MANY, seconds)
        if _has_body(environ):
            network, places = network_of(environ.get("REMOTE_ADDR", "")), self._places_for(environ)
            if not self._begin_body(network, places):
                return self._refuse(environ, start_response, BUSY)
            try:
                is_whole = self._take_body(environ)
            finally:
                self._end_body(network, places)
            if not is_whole:
                return self._refuse(environ, start_response, CUT)
        if environ.get("PATH_INFO") in ALWAYS:
            return _whole(self._app(environ, start_response))
        if not self.gate.enter(is_read=environ["REQUEST_METHOD"] in READS):
            return self._refuse(environ, start_response, BUSY)
        try:
            return _whole(self._app(environ, start_response))
        finally:
            self.gate.leave()

    def _most(self, environ: "WSGIEnvironment") -> int:
        return self._larger.get(environ.get("PATH_INFO", ""), self._max_body)

    def _places_for(self, environ: "WSGIEnvironment") -> int:
        """One, or more for a body that may be larger than others; never more than one network has."""
        length, most = _length(environ), self._most(environ)
        expected = most if length is None else length
        return 1 if expected > most else max(1, min(-(-expected // self._max_body), self._share))

    def _begin_body(self, network: str, places: int = 1) -> bool:
        with self._lock:
            if self._senders[network] + places > self._share or places > self._places:
                return False
            self._places -= places
            self._senders[network] += places
            return True

    def _end_body(self, network: str, places: int = 1) -> None:
        with self._lock:
            self._places += places
            self._senders[network] -= places
            if not self._senders[network]:
                del self._senders[network]

    def _take_body(self, environ: "WSGIEnvironment") -> bool:
        """Read the body into memory; False when the sender stopped before its end."""
        length, most = _length(environ), self._most(environ)
        if length is not None and length > most:
            return True
        body = environ["wsgi.input"].read(most + 1 if length is None else length)
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return length is None or len(body) == length

    def _refuse(
        self,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
        words: tuple[str, str, str],
        seconds: int = RETRY_SECONDS,
    ) -> list[bytes]:
        if words is BUSY:
            self.turned_away += 1
            metrics.count_turned_away()
        status, title, detail = words
        request_id = new_request_id()
        note_refused(environ, request_id, int(status[:3]))
        if environ.get("PATH_INFO", "").startswith("/api/"):
            problem = {"type": "about:blank", "title": title, "status": int(status[:3]), "detail": detail}
            kind, text = "application/problem+json", json.dumps(problem)
        else:
            kind, text = "text/html; charset=utf-8", PAGE.format(title=title, detail=detail)
        body = text.encode()
        headers = [
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", CSP),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("X-Request-Id", request_id),
        ]
        if words is not CUT:
            headers.append(("Retry-After", str(seconds)))
        if self._is_https:
            headers.append(("Strict-Transport-Security", f"max-age={YEAR_SECONDS}; includeSubDomains"))
        start_response(status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _length(environ: "WSGIEnvironment") -> int | None:
    """How long the body is said to be; None where it is not said."""
    announced = environ.get("CONTENT_LENGTH") or ""
    return int(announced) if announced.isascii() and announced.isdigit() else None


def _has_body(environ: "WSGIEnvironment") -> bool:
    return environ.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in environ


def _whole(answer: Iterable[bytes]) -> list[bytes]:
    """The answer in memory, and closed: the server sends it without a thread of ours, however slowly it is read."""
    try:
        return list(answer)
    finally:
        close: Callable[[], Any] | None = getattr(answer, "close", None)
        if close is not None:
            close()
