"""Processes under measurement: the site and the yardsticks, started as `make run` starts the site."""

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.machine import cpu_seconds, memory_mb, tree_of

ROOT = Path(__file__).parents[1]
WORKERS = 2
SITE = "app:create_app"
YARDSTICKS = "bench.yardsticks:create_app"
ADDRESS = {"HINDSIGHT_SITE_URL": "http://127.0.0.1"}  # kept pages belong to it, whatever the port


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_command(port: int, factory: str = SITE) -> list[str]:
    """The server's command line with all its options, read from `make run` itself: the two cannot drift apart."""
    asked = ["make", "--no-print-directory", "-n", "run", "HOST=127.0.0.1", f"PORT={port}", f"WORKERS={WORKERS}"]
    plain = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS")}
    shown = subprocess.run(asked, cwd=ROOT, env=plain, capture_output=True, text=True, check=True).stdout
    line = next((line for line in shown.replace("\\\n", " ").splitlines() if line.rstrip().endswith(SITE)), "")
    if not line:
        sys.exit("`make -n run` shows no command that ends in app:create_app, so the bench cannot start the site")
    return ["env", *shlex.split(line.replace("exec ", "", 1))[:-1], factory]


class Served:
    """A server of `WORKERS` processes, from start to end. `started_in` is the time to its first answer, in seconds."""

    def __init__(self, *, factory: str, environment: dict[str, str], probe: str, port: int = 0) -> None:
        self.port = port or free_port()
        self._factory, self._probe = factory, probe
        self._environment = {**environment, **ADDRESS}
        self.started_in = 0.0

    def __enter__(self) -> Self:
        begun = time.perf_counter()
        self.process = subprocess.Popen(
            run_command(self.port, self._factory), cwd=ROOT, env=self._environment, start_new_session=True
        )
        pause = threading.Event()
        while self.process.poll() is None and time.perf_counter() - begun < 60:
            if self._answers():
                self.started_in = time.perf_counter() - begun
                return self
            pause.wait(0.005)
        self._end()
        sys.exit(f"{self._factory} did not answer {self._probe} within a minute")

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._end()

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
            line.sendall(f"GET {self._probe} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            return line.recv(64).startswith(b"HTTP/1.1 200")
        return False

    def _end(self) -> None:
        """Ask it to end, and end what is left of its own process group."""
        if self.process.poll() is None:
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=40)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=5)

    @property
    def workers(self) -> list[int]:
        """The processes that answer requests: children of the first one that are large enough to hold the site."""
        children = [pid for pid in tree_of(self.process.pid)[1:] if _parent(pid) == self.process.pid]
        return sorted(children, key=lambda pid: -memory_mb(pid)[0])[:WORKERS]

    def cpu_seconds(self) -> float:
        """Processor time of all its processes until now."""
        return cpu_seconds(tree_of(self.process.pid))

    @property
    def others(self) -> list[int]:
        """Every other process of the server: the first one, and children of workers."""
        return [pid for pid in tree_of(self.process.pid) if pid not in self.workers]


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
