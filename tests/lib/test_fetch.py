"""The door to other hosts (safety line 34): what it never opens to, in every spelling, and what it takes as an answer.

No test reaches the network: names are resolved by a fake, and what is really connected to is a server of this test on
loopback, let in by a rule that only the test has.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from ipaddress import IPv6Address, ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.lib import fetch as fetching
from blog.lib.fetch import Door, NoSuchHost, Refused, Unreachable, fetch
from blog.lib.public_addresses import is_public

PUBLIC = "93.184.216.34"
NOT_PUBLIC = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.255.254",
    "169.254.169.254", "169.254.0.1", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1",
    "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:93.184.216.34", "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::5db8:d822", "64:ff9b:1::1", "100::1", "fc00::1", "fdff::1",
    "fd00:ec2::254", "fe80::1", "fe80::1%1", "febf::1", "fec0::1", "ff02::1", "ff0e::1", "2001::1",
    "2001:0:4136:e378::1",
    "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "2002:5db8:d822::1",
    "3ffe::1", "3fff::1", "5f00::1", "4000::1", "2606:4700::5efe:7f00:1", "2606:4700::200:5efe:a00:1",
]  # fmt: skip
LOOPBACK_SPELLINGS = [
    "http://127.0.0.1/", "http://127.1/", "http://127.0.1/", "http://2130706433/", "http://0x7f000001/",
    "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://017700000001/", "http://0/", "http://0.0.0.0/",
    "http://localhost/", "http://LOCALHOST/", "http://localhost./", "http://[::1]/", "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::]/", "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://127.0.0.1./", "https://127.0.0.1/",
    "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://１２７.０.０.１/",
]  # fmt: skip


def resolving(*numbers: str) -> Callable[[str, int], list[str]]:
    return lambda host, port: list(numbers)


class NoSocket:
    """Stands where a socket would be made, and counts."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, family: int) -> socket.socket:
        self.made += 1
        raise AssertionError("a connection was begun")


@pytest.mark.parametrize("number", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_never_connected_to(number: str) -> None:
    sockets = NoSocket()
    assert not is_public(ip_address(number))
    with pytest.raises(Refused):
        fetch("http://somewhere.example/", door=Door(resolve=resolving(number), open_socket=sockets))
    with pytest.raises(Refused):
        fetch("http://both.example/", door=Door(resolve=resolving(PUBLIC, number), open_socket=sockets))
    assert sockets.made == 0


@pytest.mark.parametrize("number", [PUBLIC, "1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"])
def test_a_public_address_is(number: str) -> None:
    assert is_public(ip_address(number))


@given(st.ip_addresses(v=4))
def test_no_address_counts_as_public_that_python_calls_private(address: Any) -> None:
    assert not (is_public(address) and (not address.is_global or address.is_multicast))


@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_no_ipv4_address_gets_in_inside_an_ipv6_one(number: int) -> None:
    for prefix in ("::ffff:0:0", "::", "64:ff9b::", "64:ff9b:1::"):
        assert not is_public(IPv6Address(int(ip_address(prefix)) + number))
    assert not is_public(IPv6Address((0x2002 << 112) + (number << 80)))


@pytest.fixture
def canary() -> Iterator[list[int]]:
    """Listens on this machine, on both families; what it holds is who came."""
    came: list[int] = []
    listeners = []
    for family, number in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            listener = socket.create_server((number, 0), family=family)
        except OSError:
            continue  # a machine without IPv6
        listener.settimeout(0.05)
        listeners.append(listener)
    came.extend(-listener.getsockname()[1] for listener in listeners)
    yield came
    for listener in listeners:
        with pytest.raises(TimeoutError):
            listener.accept()
        listener.close()


@pytest.mark.parametrize("address", LOOPBACK_SPELLINGS)
def test_line_34_no_spelling_of_this_machine_is_reached(address: str, canary: list[int]) -> None:
    ports = frozenset(-number for number in canary)
    for port in ports:
        head, slash, _ = address.rpartition("/")
        door = Door(ports={"http": ports, "https": ports}, seconds=1.0)  # only the port is let through
        with pytest.raises((Refused, NoSuchHost, Unreachable)):
            fetch(f"{head}:{port}{slash}", door=door)


@pytest.mark.parametrize(
    "address",
    [
        "", "example.org", "//example.org/", "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/",
        "data:text/plain,x", "javascript:1", "http:///path", "http://", "http://user@example.org/",
        "http://user:password@example.org/", "http://a@b@example.org/", "http://example.org:22/", "http://example.org:0/",
        "http://example.org:8080/", "http://example.org:99999/", "http://example.org:x/", "http://[::1/", "http://[zz]/",
        "http://exa mple.org/", "http://example.org/\r\nX: y", "http://example.org/\x00", "http://example.org\\@evil/",
        "http://a..b/", f"http://{'a' * 64}.org/", f"http://example.org/{'x' * 2_000}", "http://example.org\t/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_refused_before_any_name_is_looked_up(address: str) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise AssertionError(f"{host} was looked up")

    with pytest.raises(Refused):
        fetch(address, door=Door(resolve=resolve, open_socket=NoSocket()))


def test_a_name_is_looked_up_once_and_the_checked_address_is_connected_to() -> None:
    asked, connected = [], []

    class Socket(socket.socket):
        def connect(self, address: Any) -> None:
            connected.append(address)
            raise ConnectionRefusedError

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC] if len(asked) == 1 else ["127.0.0.1"]  # what a hostile name server does

    door = Door(resolve=resolve, open_socket=lambda family: Socket(family, socket.SOCK_STREAM))
    with pytest.raises(Unreachable):
        fetch("http://rebinding.example/", door=door)
    assert asked == ["rebinding.example"]
    assert connected == [(PUBLIC, 80)]


def test_a_name_without_an_address_differs_from_one_that_nobody_could_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, error in ((socket.EAI_NONAME, NoSuchHost), (socket.EAI_AGAIN, Unreachable)):
        told = socket.gaierror(number, "told by the system")

        def fail(*args: Any, told: Exception = told, **more: Any) -> Any:
            raise told

        monkeypatch.setattr(socket, "getaddrinfo", fail)
        with pytest.raises(error):
            fetch("http://nowhere.example/", door=Door(open_socket=NoSocket()))


def test_a_name_server_that_never_answers_is_not_waited_for() -> None:
    asleep = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        asleep.wait(30)
        return [PUBLIC]

    try:
        with pytest.raises(Unreachable, match="in time"):
            fetch("http://slow.example/", door=Door(resolve=resolve, open_socket=NoSocket(), seconds=0.2))
    finally:
        asleep.set()


@contextmanager
def serving(answer: Callable[[socket.socket], None]) -> Iterator[tuple[Door, list[bytes]]]:
    """A server of one connection, the door that lets it in, and what it was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(10)
                asked.append(connection.recv(65_536))
                with suppress(OSError):  # who asked went away, as they should
                    answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        ports = {"http": frozenset({listener.getsockname()[1]}), "https": frozenset[int]()}
        yield Door(ports=ports, allows=lambda _: True, resolve=resolving("127.0.0.1"), seconds=2.0), asked
        thread.join(10)


def ask(door: Door, path: str = "/", **more: Any) -> fetching.Answer:
    return fetch(f"http://site.example:{next(iter(door.ports['http']))}{path}", door=door, **more)


def sending(text: str) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(text.encode())


def test_an_answer_is_taken_as_it_comes() -> None:
    with serving(sending("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\nX-Y: z\r\n\r\nsorry")) as (door, asked):
        answer = ask(door, "/a b?q=ü#part".replace(" ", "%20"), agent="Hindsight\r\nX: y")
    assert (answer.status, answer.body, answer.headers["x-y"], answer.is_whole) == (404, b"sorry", "z", True)
    head = asked[0].decode()
    assert head.startswith("GET /a%20b?q=%C3%BC HTTP/1.1\r\nHost: site.example:")
    assert "User-Agent: HindsightX: y\r\n" in head
    for never in ("Cookie", "Authorization", "Referer", "\r\nX: y"):
        assert never not in head


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_told_and_never_followed(status: int, canary: list[int]) -> None:
    to = f"http://127.0.0.1:{-canary[0]}/"
    with serving(sending(f"HTTP/1.1 {status} Go\r\nLocation: {to}\r\nSet-Cookie: a=b\r\n\r\n")) as (door, _):
        answer = ask(door)
    assert (answer.status, answer.headers["location"]) == (status, to)


def test_no_more_is_read_than_the_limit() -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65_536)

    with serving(flood) as (door, _):
        answer = ask(door)
    assert answer.status == 200
    assert len(answer.body) <= fetching.MAX_BYTES
    assert not answer.is_whole


def test_a_head_that_never_ends_is_no_answer() -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-Long: " + b"y" * 60_000 + b"\r\n")

    taken = []

    class Counting(socket.socket):
        def recv_into(self, *arguments: Any) -> int:
            taken.append(super().recv_into(*arguments))
            return taken[-1]

    with serving(flood) as (door, _), pytest.raises(Unreachable):
        ask(replace(door, open_socket=lambda family: Counting(family, socket.SOCK_STREAM)))
    assert 0 < sum(taken) <= fetching.MAX_BYTES


def test_who_answers_a_byte_at_a_time_is_cut_off_at_the_limit_of_all_together() -> None:
    gone = threading.Event()

    def drip(connection: socket.socket) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000:
            connection.sendall(bytes([letter]))
            if gone.wait(0.05):
                return

    with serving(drip) as (door, _):
        quick = replace(door, seconds=0.4)
        began = time.monotonic()
        with pytest.raises(Unreachable, match="within"):
            ask(quick)
        assert time.monotonic() - began < 10  # the drip alone would take fifty
        gone.set()


@pytest.mark.parametrize(
    "text", ["", "\r\n\r\n", "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n"]
)
def test_what_is_no_answer_of_the_web_is_told_as_such(text: str) -> None:
    with serving(sending(text)) as (door, _), pytest.raises(Unreachable):
        ask(door)


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch, canary: list[int]) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{-canary[0]}")
    with serving(sending("HTTP/1.1 204 None\r\n\r\n")) as (door, _):
        assert ask(door).status == 204


def test_only_the_door_connects_to_anything() -> None:
    from tests.architecture.test_imports import modules, name_of
    from tests.architecture.test_laws import calls_in  # the same reading of calls that the laws use

    callers = {
        name_of(path)
        for path in modules()
        for name, _ in calls_in(path)
        if name.endswith(("urlopen", "create_connection", "HTTPConnection", "HTTPSConnection", "socket.socket"))
    }
    assert callers == {"blog.lib.fetch", "blog.lib.connections"}  # the second looks at connections that others made
