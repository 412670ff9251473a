"""The one door to other hosts: what the program asks of the web goes through here, and nowhere else does it connect.

Only http and https on the usual ports; a name is resolved once, every address that it has must be a public one, and the
connection goes to the address that was checked. Redirects are answers, not orders; no cookies, no passwords, no proxies
from the environment; five seconds in all and 256 KiB. Never call it in a request.
"""

import io
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from urllib.parse import SplitResult, quote, urlsplit

from blog.errors import HindsightError
from blog.lib.public_addresses import Address, is_public

SECONDS = 5.0  # for everything together: name, connection, answer
MAX_BYTES = 256 * 1024  # of head and body, as they come
MAX_ADDRESS = 2_000
PORTS = {"http": 80, "https": 443}
TRIES = 2  # addresses of one host that are tried


class Refused(HindsightError):
    """The address is none that this door opens to; nothing was sent."""

    status = 400
    title = "This address is not looked at"


class NoSuchHost(HindsightError):
    """Its name has no address."""

    status = 502
    title = "There is no such host"


class Unreachable(HindsightError):
    """The name was not answered, nothing could be connected to, or what came was no answer in time."""

    status = 502
    title = "It could not be reached"


@dataclass(frozen=True)
class Answer:
    """What came back. `body` is as sent, at most `MAX_BYTES`; `is_whole` says whether that was all of it."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_whole: bool


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host. Raises `NoSuchHost` where its name has none, `Unreachable` where nobody could say."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
            raise NoSuchHost(f"the name {host} has no address") from error
        raise Unreachable(f"the name {host} could not be looked up") from error
    except (UnicodeError, ValueError, OSError) as error:
        raise Refused("this is no name of a host") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Door:
    """Where it opens to, and by what it goes. Everything but the defaults is for tests."""

    ports: dict[str, frozenset[int]] = field(
        default_factory=lambda: {scheme: frozenset(PORTS.values()) for scheme in PORTS}
    )
    allows: Callable[[Address], bool] = is_public
    resolve: Callable[[str, int], Sequence[str]] = resolve
    open_socket: Callable[[int], socket.socket] = lambda family: socket.socket(family, socket.SOCK_STREAM)
    seconds: float = SECONDS


THE_DOOR = Door()


def fetch(address: str, *, agent: str = "Hindsight", door: Door = THE_DOOR, max_bytes: int = MAX_BYTES) -> Answer:
    """Ask for one address. Raises `Refused`, `NoSuchHost` or `Unreachable`, each with a reason in words."""
    parts, host, port = _checked(address, door)
    deadline = time.monotonic() + door.seconds
    numbers = _require_public(_resolved(host, port, door, deadline), door)
    connection = _connected(numbers, port, door, deadline)
    try:
        with connection:
            wire = _over_tls(connection, host, deadline) if parts.scheme == "https" else connection
            with wire:
                wire.settimeout(_left(deadline))
                wire.sendall(_request(parts, host, port, agent))
                return _answer(wire, deadline, max_bytes)
    except ssl.SSLError as error:
        raise Unreachable(f"no safe connection: {error.reason or 'TLS failed'}") from error
    except TimeoutError as error:
        raise Unreachable(f"no answer within {door.seconds:g} seconds") from error
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable("the connection ended without an answer that can be read") from error


def _checked(address: str, door: Door) -> tuple[SplitResult, str, int]:
    """The parts of an address, its host as the name system takes it, and its port."""
    if len(address) > MAX_ADDRESS or any(ord(sign) <= 0x20 or ord(sign) == 0x7F or sign == "\\" for sign in address):
        raise Refused("the address is too long, or holds blanks or control characters")
    try:
        parts = urlsplit(address)
        port = PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError as error:  # UnicodeError is one
        raise Refused("this is no address that can be read") from error
    if parts.scheme not in PORTS:
        raise Refused("only addresses of http and https are looked at")
    if "@" in parts.netloc:
        raise Refused("an address with a name or password in it is not looked at")
    if not host or port not in door.ports[parts.scheme]:
        raise Refused("the address names no host, or a port that is not looked at")
    return parts, host, port


def _resolved(host: str, port: int, door: Door, deadline: float) -> Sequence[str]:
    """The addresses of the host, asked for once. A thread waits for them: the system's resolver knows no time limit."""
    answers: queue.SimpleQueue[Sequence[str] | HindsightError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(door.resolve(host, port))
        except HindsightError as error:
            answers.put(error)

    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        answer = answers.get(timeout=_left(deadline))
    except queue.Empty:
        raise Unreachable(f"the name {host} was not found in time") from None
    if isinstance(answer, HindsightError):
        raise answer
    return answer


def _require_public(numbers: Sequence[str], door: Door) -> list[Address]:
    """The addresses, all of them public: a host that has others too is not to be trusted with the choice."""
    try:
        found = [ipaddress.ip_address(number) for number in numbers]
    except ValueError as error:
        raise Refused("the host has an address that cannot be read") from error
    if not found:
        raise NoSuchHost("the name has no address")
    if not all(door.allows(one) for one in found):
        raise Refused("the host is not on the public internet")
    return found


def _connected(numbers: Sequence[Address], port: int, door: Door, deadline: float) -> socket.socket:
    """A connection to one of the addresses that were checked, by number: no name is looked up again."""
    for number in numbers[:TRIES]:
        connection = door.open_socket(socket.AF_INET if number.version == 4 else socket.AF_INET6)
        try:
            connection.settimeout(_left(deadline))
            connection.connect((str(number), port))
        except OSError:
            connection.close()
        else:
            return connection
    raise Unreachable("nothing could be connected to")


def _over_tls(connection: socket.socket, host: str, deadline: float) -> ssl.SSLSocket:
    connection.settimeout(_left(deadline))
    return ssl.create_default_context().wrap_socket(connection, server_hostname=host)


def _request(parts: SplitResult, host: str, port: int, agent: str) -> bytes:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
        f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""
    )
    shown = f"[{host}]" if ":" in host else host
    named = shown if port == PORTS[parts.scheme] else f"{shown}:{port}"
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {named}",
        f"User-Agent: {''.join(sign for sign in agent if sign.isprintable() and sign.isascii())}",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _answer(wire: socket.socket, deadline: float, max_bytes: int) -> Answer:
    paced = _Paced(wire, deadline, MAX_BYTES)
    response = HTTPResponse(paced, method="GET")  # type: ignore[arg-type]
    response.begin()
    if paced.left == 0:  # cut off, and taken for whole
        raise HTTPException("the head is longer than all that is read")
    headers = {name.lower(): value for name, value in response.getheaders()}
    try:
        body = response.read(max_bytes) if max_bytes else b""
        is_whole = len(body) < max_bytes and paced.left > 0
    except (HTTPException, OSError, ValueError):  # the head is an answer, whatever became of the rest
        body, is_whole = b"", False
    return Answer(response.status, headers, body, is_whole)


class _Paced(io.RawIOBase):
    """The connection as a file that ends at the deadline and after so many bytes."""

    def __init__(self, wire: socket.socket, deadline: float, most: int) -> None:
        self._wire, self._deadline, self.left = wire, deadline, most

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self.left == 0:
            return 0  # asked for none, a socket would give all it has
        self._wire.settimeout(_left(self._deadline))
        count = self._wire.recv_into(buffer, min(len(buffer), self.left))
        self.left -= count
        return count


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
