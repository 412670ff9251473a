"""A site for tests of endurance: data of its own, served as `make run` serves it, on a free port of this machine."""

import http.client
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import urlencode

ROOT = Path(__file__).parents[1]
EMAIL, PASSWORD = "crash@people.example", "a lamp beside nine rivers"
START_SECONDS = 60.0


def server_options(workers: int = 1) -> list[str]:
    """The options of the server in the Makefile's `run`, but for the address."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    line = re.search(r"exec \$\(BIN\)/python serve\.py (.*)", text)
    assert line is not None
    words = shlex.split(re.sub(r"--(host|port|workers) \S+", "", line[1]))
    return ["--workers", str(workers), *words]


def environment_of(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a command over the data in `folder`; settings without their prefix."""
    chosen = {"DATA_DIR": str(folder), "RATE_LIMITS": "off", "LINK_CHECKS": "off", "LOG_LEVEL": "error", **settings}
    return {**os.environ, **{f"HINDSIGHT_{name}": value for name, value in chosen.items()}}


def flask(folder: Path, *words: str, typed: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the site to its end."""
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *words],
        cwd=ROOT, env=environment_of(folder, **settings), input=typed, text=True, capture_output=True,
        check=True, timeout=300,
    )  # fmt: skip


class Site:
    """Serves the data in `folder` until the end of the `with` block."""

    def __init__(self, folder: Path, *, workers: int = 1, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.folder, self.workers, self.settings = folder, workers, settings

    def __enter__(self) -> "Site":
        address = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "serve.py", "--host", "127.0.0.1", "--port", str(self.port),
             *server_options(self.workers)],
            cwd=ROOT, env=environment_of(self.folder, SITE_URL=address, **self.settings), start_new_session=True,
        )  # fmt: skip
        self.wait_until_ready()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def is_running(self) -> bool:
        return self.process.poll() is None

    def wait_until_ready(self) -> None:
        """Until the site answers. Ends the program when it does not."""
        end, pause = time.monotonic() + START_SECONDS, threading.Event()
        while time.monotonic() < end and self.is_running():
            try:
                if self.get("/healthz")[0] == 200:
                    return
            except OSError:
                pause.wait(0.05)
        raise AssertionError("the site did not start")

    def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of a page, over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def connect(self) -> socket.socket:
        """A bare connection, for what no library would send."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


class Person:
    """Somebody signed in, over one kept connection that is made anew where it ended."""

    def __init__(self, site: Site) -> None:
        self.site, self.cookie, self.token = site, "", ""
        self._sign_in()

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
        """Status, headers and text of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=60)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            body = urlencode({**form, "csrf_token": self.token}) if form is not None else None
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie" and "hindsight=" in value:
                    self.cookie = value.split(";")[0]
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            connection.close()

    def _sign_in(self) -> None:
        self._read_token("/account/login")
        status, _, _ = self.ask("POST", "/account/login", {"email": EMAIL, "password": PASSWORD})
        if status not in {302, 303}:
            raise AssertionError(f"signing in answered {status}")
        self._read_token("/account/settings")

    def _read_token(self, path: str) -> None:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.ask("GET", path)[2])
        assert found is not None
        self.token = found[1]


def prepare(folder: Path) -> None:
    """Make the site in `folder`: schema, demo data, one member."""
    flask(folder, "db", "upgrade")
    flask(folder, "seed")
    flask(folder, "users", "create", "Crash", EMAIL, "--role", "member", "--password-stdin", typed=PASSWORD)
    flask(folder, "worker", "--once")
