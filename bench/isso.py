"""Isso, the peer for posting: from PyPI in an environment of its own, two gunicorn workers, its SQLite as it comes."""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.asking import MARK, Expected, Load, ask, post_json
from bench.serving import WORKERS, free_port

THREADS = 100
SETTINGS = """
[general]
dbpath = {folder}/comments.db
host = http://127.0.0.1:{port}/
[moderation]
enabled = false
[guard]
enabled = false
"""


@dataclass(frozen=True)
class Isso:
    """A running Isso and what it stored."""

    port: int
    database: Path
    version: str

    def count(self) -> int:
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as connection:
            return int(connection.execute("SELECT count(*) FROM comments").fetchone()[0])

    def load(self, text: str, people: int) -> Load:
        """Comments by so many people below `THREADS` pages; the threads are there already."""
        chance = random.Random(11)
        requests = [self.request(chance.randrange(THREADS), number % people, text) for number in range(400)]
        return Load("Isso", tuple(requests), Expected(status=201))

    def make_threads(self) -> None:
        for page in range(THREADS):
            answer = ask(self.port, self.request(page, 0, "The first comment here."))
            if answer.status != 201:
                sys.exit(f"Isso refused a comment: {answer.status}\n{answer.text[:500]}")

    @staticmethod
    def request(page: int, person: int, text: str) -> bytes:
        sent = {
            "text": text,
            "title": f"Page {page}",
            "author": f"Person {person}",
            "email": f"p{person}@people.example",
        }
        return post_json(f"/new?uri=%2Fpage-{page}", sent)


@contextlib.contextmanager
def running(keep: Path, folder: Path) -> Iterator[Isso]:
    """Start Isso with an empty database in `folder`, and end it."""
    binary = _installed(keep)
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    (folder / "isso.cfg").write_text(SETTINGS.format(folder=folder, port=port))
    process = subprocess.Popen(
        [str(binary / "gunicorn"), "--workers", str(WORKERS), "--bind", f"127.0.0.1:{port}", "isso.run"],
        env={**os.environ, "ISSO_SETTINGS": str(folder / "isso.cfg")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        isso = Isso(port, folder / "comments.db", _version(binary))
        _wait(process, isso)
        isso.make_threads()
        yield isso
    finally:
        process.terminate()
        process.wait(timeout=30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _installed(keep: Path) -> Path:
    """The folder of its programs; the first call installs them."""
    home = keep / "isso-venv"
    if not (home / "bin" / "gunicorn").exists():
        print("installing Isso, once", file=sys.stderr)
        venv.create(home, with_pip=True, clear=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "isso", "gunicorn"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return home / "bin"


def _version(binary: Path) -> str:
    asked = [str(binary / "python"), "-c", "from importlib.metadata import version as v; print(v('isso'))"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def _wait(process: subprocess.Popen[bytes], isso: Isso) -> None:
    end, pause = time.monotonic() + 30, threading.Event()
    probe = isso.request(0, 0, f"Is it up? {MARK}")
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError):
            if ask(isso.port, probe).status == 201:
                return
        pause.wait(0.05)
    sys.exit("Isso did not start")
