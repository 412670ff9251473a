"""Raw HTTP/1.1: requests made once, answers read whole, so that every load generator sends and checks the same."""

import gzip
import json
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import brotli

AGENT = "bench"
BROWSER = {"Accept-Encoding": "gzip, deflate, br"}  # as every browser asks
MARK = "@" * 10  # becomes the number of the request, so that no two texts are alike


@dataclass(frozen=True)
class Answer:
    """One answer as it came: `size` is all of it on the wire, head and body."""

    status: int
    headers: dict[str, str]
    cookies: tuple[str, ...]
    body: bytes
    size: int

    @property
    def text(self) -> str:
        coding = self.headers.get("content-encoding", "")
        plain = {"br": brotli.decompress, "gzip": gzip.decompress}.get(coding, bytes)(self.body)
        return bytes(plain).decode()


@dataclass(frozen=True)
class Expected:
    """What a right answer looks like: its status, strings in its text, and the least length of that text."""

    status: int = 200
    holds: tuple[str, ...] = ()
    least: int = 0

    def check(self, answer: Answer, what: str) -> None:
        """End the run when the answer is another one: a fast error page is no figure."""
        text = answer.text
        missing = [one for one in self.holds if one not in text]
        if answer.status != self.status or missing or len(text) < self.least:
            told = f"status {answer.status}, {len(text)} characters, without {missing}" if missing else ""
            sys.exit(f"{what}: {told or f'status {answer.status}, {len(text)} characters'}\n{text[:2000]}")


@dataclass(frozen=True)
class Load:
    """A kind of request under load: raw requests in the order they are sent, and what answers them."""

    name: str
    requests: tuple[bytes, ...]
    expected: Expected = field(default_factory=Expected)


def get(path: str, **headers: str) -> bytes:
    return _raw("GET", path, {**BROWSER, **{name.replace("_", "-"): value for name, value in headers.items()}})


def post_form(path: str, fields: Mapping[str, str], **headers: str) -> bytes:
    body = urlencode(fields, safe="@").encode()
    return _raw("POST", path, {"Content-Type": "application/x-www-form-urlencoded", **headers}, body)


def post_json(path: str, value: Mapping[str, object]) -> bytes:
    return _raw("POST", path, {"Content-Type": "application/json"}, json.dumps(value).encode())


def _raw(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    whole = {"Host": "127.0.0.1", "User-Agent": AGENT, "Accept": "*/*", **headers}
    if body:
        whole["Content-Length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in whole.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def ask(port: int, request: bytes) -> Answer:
    """Send one request on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        return exchange(line, request)


def exchange(line: socket.socket, request: bytes) -> Answer:
    """Send one request on an open connection and read its answer whole."""
    line.sendall(request.replace(MARK.encode(), b"%010d" % 0))
    got = bytearray()
    while not _is_whole(got):
        part = line.recv(1 << 16)
        if not part:
            break  # an answer without a length ends with its connection
        got += part
    return parsed(bytes(got))


def _is_whole(got: bytearray) -> bool:
    whole = whole_size(got)
    return len(got) >= whole if whole is not None else _is_chunked(bytes(got)) and got.endswith(b"\r\n0\r\n\r\n")


def _is_chunked(got: bytes) -> bool:
    return b"\r\ntransfer-encoding: chunked" in got.partition(b"\r\n\r\n")[0].lower()


def whole_size(got: bytearray | bytes) -> int | None:
    """How long the answer is that begins so; None while its head is not whole or names no length."""
    end = got.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(got[:end]).lower()
    if head[9:12] in (b"304", b"204"):
        return end + 4
    at = head.find(b"\r\ncontent-length:")
    return None if at < 0 else end + 4 + int(head[at + 17 :].split(b"\r\n", 1)[0])


def parsed(got: bytes) -> Answer:
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    cookies = tuple(value for name, value in pairs if name == "set-cookie")
    whole = b"".join(_chunks(body)) if _is_chunked(got) else body
    return Answer(int(first.split()[1]), dict(pairs), cookies, whole, len(got))


def _chunks(body: bytes) -> Iterator[bytes]:
    """What is in an answer that tells its length piece by piece (RFC 9112, 7.1)."""
    while body:
        line, _, rest = body.partition(b"\r\n")
        size = int(line.split(b";")[0], 16)
        yield rest[:size]
        body = rest[size + 2 :] if size else b""
