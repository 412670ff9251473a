"""The site under measurement: granian on a free port of this machine, one member signed in."""

import http.client
import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import urlencode

EMAIL, PASSWORD = "bench@people.example", "a lamp beside nine rivers"


def rss_mb(pid: int) -> float:
    """Resident memory of a process in MB, from /proc."""
    match = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(match[1]) / 1024 if match else 0.0


class Server:
    """Starts the site, asks it over one kept connection, and ends it."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.root = root
        self.environment = {**environment, "HINDSIGHT_SITE_URL": f"http://127.0.0.1:{self.port}"}
        self.cookie = ""
        self.tag = ""

    def __enter__(self) -> "Server":
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", "users", "create", "Bench", EMAIL, "--role", "member",
             "--password-stdin"],
            cwd=self.root, env=self.environment, input=PASSWORD, text=True, check=False, capture_output=True,
        )  # fmt: skip
        self.process = subprocess.Popen(
            [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--factory", "--host", "127.0.0.1",
             "--port", str(self.port), "--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "error",
             "app:create_app"],
            cwd=self.root, env=self.environment,
        )  # fmt: skip
        self._wait()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.connection.close()
        self.process.terminate()
        self.process.wait(timeout=30)

    def _wait(self) -> None:
        end, pause = time.monotonic() + 60, threading.Event()
        while time.monotonic() < end and self.process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                pause.wait(0.05)
        sys.exit("the server did not start")

    @property
    def worker_pid(self) -> int:
        """The process that answers: the newest child of the server's main process."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return max((int(pid) for pid in children), key=rss_mb, default=os.getpid())

    def get(self, path: str) -> tuple[int, bytes]:
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def sample_slugs(self) -> list[str]:
        """Slugs from pages all over the list."""
        found: list[str] = []
        for page in (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144):
            found += re.findall(rb'href="/postmortems/([a-z0-9-]+)"', self.get(f"/postmortems/?page={page}")[1])
        tag = re.search(rb'href="/tags/([a-z0-9-]+)"', self.get("/postmortems/")[1])
        self.tag = tag[1].decode() if tag else ""
        return sorted({slug.decode() for slug in found})

    def sample_words(self) -> list[str]:
        """Words of three summaries, the short ones left out."""
        text = b" ".join(re.findall(rb"<p[^>]*>([^<]{20,})</p>", self.get("/postmortems/?page=2")[1])).decode()
        return sorted({word.lower() for word in re.findall(r"[A-Za-z]{5,}", text)})[:60] or ["outage"]

    def post_comment(self, slug: str, text: str) -> None:
        """As a member would: sign in once, then the form of the page with its CSRF token."""
        if not self.cookie:
            form = self._form("/account/login")
            self._post("/account/login", {"csrf_token": form, "email": EMAIL, "password": PASSWORD})
        token = self._form(f"/postmortems/{slug}")
        status = self._post(f"/postmortems/{slug}/comments", {"csrf_token": token, "text": text})
        if status not in (302, 303):
            sys.exit(f"the comment was answered with {status}")

    def _form(self, path: str) -> str:
        self.connection.request("GET", path, headers={"Cookie": self.cookie})
        answer = self.connection.getresponse()
        body = answer.read().decode()
        self._keep(answer)
        match = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', body)
        return match[1] if match else ""

    def _post(self, path: str, fields: dict[str, str]) -> int:
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", path, urlencode(fields), headers)
        answer = self.connection.getresponse()
        answer.read()
        self._keep(answer)
        return answer.status

    def _keep(self, answer: http.client.HTTPResponse) -> None:
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self.cookie = value.split(";")[0]
