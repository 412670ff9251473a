"""Graceful stop with the real server: what was accepted is finished, nothing new is taken, nothing is held any more.

The number of processes and the metrics that they share are tried on the same server, which is started once.
"""

import contextlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from app import create_app
from bench.crash_site import ROOT, Site, environment_of, server_options
from blog.extensions import db
from tests.factories.articles import make_published

PATIENCE_SECONDS = 60.0
TOKEN = "a token that nobody guesses"
SENT = 24


@pytest.fixture
def folder(template_database: Path, tmp_path: Path) -> Path:
    """A site with one write-up."""
    folder = tmp_path / "site"
    folder.mkdir()
    shutil.copyfile(template_database, folder / "hindsight.sqlite3")
    publish(folder)
    return folder


def publish(folder: Path) -> None:
    """One more write-up, as another process writes it; its jobs wait for a worker."""
    app = create_app({"data_dir": folder, "worker": "off"})
    make_published(app)
    with app.app_context():
        db.engine.dispose()


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition, looked at often."""
    end, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        pause.wait(0.05)


def rows(folder: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "hindsight.sqlite3")) as connection:
        return connection.execute(statement).fetchall()


def numbers(site: Site) -> str:
    with closing(site.connect()) as connection:
        head = f"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close"
        connection.sendall(f"{head}\r\n\r\n".encode())
        return connection.makefile("rb").read().decode()


def value(text: str, name: str) -> float:
    return sum(float(found) for found in re.findall(rf"^{name}(?:{{[^}}]*}})? ([0-9.e+]+)$", text, re.MULTILINE))


def under_way(site: Site, head: str, body: bytes) -> socket.socket:
    """A request whose body the application has begun to read: it asked for it (100 Continue)."""
    connection = site.connect()
    connection.sendall(
        f"POST {head}\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode()
    )
    assert connection.recv(1_000).startswith(b"HTTP/1.1 100")
    return connection


def answer(connection: socket.socket) -> int:
    with closing(connection):
        connection.settimeout(PATIENCE_SECONDS)
        return int(connection.makefile("rb").readline().split()[1])


def is_refused(site: Site) -> bool:
    with contextlib.suppress(OSError), closing(site.connect()):
        return False
    return True


def registration(site: Site) -> tuple[str, bytes]:
    """Head and body of a form that makes an account."""
    _, headers, page = site.get("/account/register")
    token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    cookie = next(value for name, value in headers.items() if name.lower() == "set-cookie").split(";")[0]
    fields = {
        "csrf_token": token[1].decode(),
        "name": "Late Guest",
        "email": "late@people.example",
        "password": "a lamp beside nine rivers",
    }
    head = f"/account/register HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nCookie: {cookie}"
    return head, urlencode(fields).encode()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    with closing(sqlite3.connect(folder / "hindsight.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_stop_finishes_what_was_accepted_and_lets_go_of_the_rest(folder: Path) -> None:
    with Site(folder, workers=2, METRICS_TOKEN=TOKEN, LOG_LEVEL="info") as site:
        until(lambda: rows(folder, "SELECT count(*) FROM jobs") == [(0,)])
        while rows(folder, "SELECT name FROM leases") == []:  # a rebuild may do the work of a job without its lease
            publish(folder)
            until(lambda: rows(folder, "SELECT count(*) FROM jobs") == [(0,)])
        _both_processes_count_together(site)
        assert rows(folder, "SELECT name FROM leases") != []
        head, form = registration(site)
        report = b'{"csp-report": {}}'
        half_sent = under_way(site, "/csp-report HTTP/1.1", report)
        half_sent.sendall(report[:5])
        writing = under_way(site, head, form)
        with locked(folder):
            writing.sendall(form)
            site.process.send_signal(signal.SIGTERM)
            until(lambda: is_refused(site))
        half_sent.sendall(report[5:])
        assert answer(half_sent) == 204
        status = answer(writing)
        assert status in (303, 503)  # 503 only where the machine needed five seconds for all this
        assert site.process.wait(PATIENCE_SECONDS) == 0
    left = folder / "hindsight.sqlite3-wal"  # looked at before anybody opens the database
    assert not left.exists() or left.stat().st_size == 0, "the file of the database is whole by itself"
    made = rows(folder, "SELECT name FROM users WHERE name = 'Late Guest'")
    assert (status == 303) == bool(made), "what was acknowledged is stored, and nothing else"
    assert rows(folder, "SELECT name FROM leases") == []
    assert rows(folder, "SELECT id FROM jobs WHERE locked_until IS NOT NULL") == []
    assert rows(folder, "PRAGMA integrity_check") == [("ok",)]


def _both_processes_count_together(site: Site) -> None:
    """Whichever process is asked tells the numbers of both, and of the one that runs the jobs."""
    until(lambda: len(re.findall(r"^hindsight_process_memory_bytes{", numbers(site), re.MULTILINE)) == 3)
    before = value(numbers(site), "hindsight_requests_total")
    for _ in range(SENT):
        assert site.get("/healthz")[0] == 200
    assert min(value(numbers(site), "hindsight_requests_total") for _ in range(8)) - before >= SENT
    text = numbers(site)
    assert value(text, "hindsight_requests_in_progress") == 1  # the one that asks
    assert value(text, "hindsight_index_lag_seconds") == 0


def test_a_server_does_not_start_on_a_database_of_a_newer_program(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "hindsight.sqlite3")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '99'")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    ended = subprocess.run(
        [sys.executable, "serve.py", "--host", "127.0.0.1", "--port", port, *server_options()],
        cwd=ROOT, env=environment_of(folder), capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    lines = [line for line in ended.stderr.splitlines() if line and not line.startswith("[ERROR]")]
    assert lines == ["The database does not fit: it was made by a newer version of this program"]
