"""Slow, half-open, oversized and malformed requests on real sockets: whoever comes next is answered as ever."""

import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.crash_site import Site
from blog.lib.connections import cut_late

NEIGHBOUR_SECONDS = 2.0  # what safety.md allows; without slow clients it takes a few milliseconds
POST = b"POST /account/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module")
def site(template_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("slow")
    shutil.copyfile(template_database, folder / "hindsight.sqlite3")
    with Site(folder, WORKER="off") as site:
        site.get("/account/login")
        yield site


def sent(site: Site, data: bytes) -> socket.socket:
    connection = site.connect()
    connection.sendall(data)
    return connection


def neighbour(site: Site) -> float:
    begun = time.perf_counter()
    assert site.get("/account/login")[0] == 200
    return time.perf_counter() - begun


def test_two_hundred_slow_clients_keep_nobody_waiting(site: Site) -> None:
    slow = [sent(site, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ") for _ in range(60)]
    slow += [sent(site, POST + b"Content-Length: 5000\r\n\r\nemail=") for _ in range(60)]
    slow += [sent(site, POST + b"Transfer-Encoding: chunked\r\n\r\n400\r\nemail=") for _ in range(20)]
    slow += [sent(site, b"GET /account/register HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") for _ in range(40)]
    slow += [site.connect() for _ in range(20)]  # nothing is ever sent
    assert max(neighbour(site) for _ in range(10)) < NEIGHBOUR_SECONDS
    for connection in slow:
        connection.close()
    assert neighbour(site) < NEIGHBOUR_SECONDS


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(100)) + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"x" * 17_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"x" * 4_096 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nBad Name: x\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", 400),
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (POST + b"Content-Length: 2000000\r\n\r\n" + b"x" * 1_000, 413),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (POST + b"Transfer-Encoding: gzip, chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", 415),
    ],
)  # fmt: skip
def test_oversized_and_malformed_requests_are_refused(site: Site, data: bytes, status: int) -> None:
    connection = sent(site, data)
    line = connection.makefile("rb").readline()
    connection.close()
    assert line.startswith(b"HTTP/1."), line
    assert int(line.split()[1]) == status


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(99)) + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"x" * 16_000 + b"\r\n\r\n",
    ],
)
def test_headers_within_the_limits_are_read(site: Site, data: bytes) -> None:
    connection = sent(site, data)
    assert connection.makefile("rb").readline().split()[1] == b"200"
    connection.close()


def test_an_upload_that_stops_half_way_writes_nothing(site: Site) -> None:
    connection = sent(site, POST + b"Content-Length: 500\r\n\r\nemail=mia")
    connection.shutdown(socket.SHUT_WR)
    line = connection.makefile("rb").readline()
    connection.close()
    assert line == b"" or line.split()[1] == b"400"
    assert neighbour(site) < NEIGHBOUR_SECONDS


def test_a_connection_on_which_nothing_happens_is_cut() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        accepted.sendall(b"x")
        assert client.recv(1) == b"x"
        assert cut_late(seconds=3_600) == 0
        client.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.recv(1)
        client.setblocking(True)
        client.settimeout(30)
        assert cut_late(seconds=-1) == 1
        assert client.recv(1) == b""
        accepted.close()


def test_what_this_process_asks_of_others_is_never_cut() -> None:
    """Only accepted connections are: one to a mail server or a database has a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as elsewhere, socket.socket() as ours:
        ours.connect(elsewhere.getsockname())
        other, _ = elsewhere.accept()
        cut_late(seconds=-1)  # cuts `other`, which was accepted here
        ours.settimeout(30)
        assert ours.recv(1) == b""
        ours.sendall(b"x")  # our own end was left open
        other.close()
