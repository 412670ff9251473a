"""`serve.py` reads the program once for all processes of the server, and opens nothing of it there."""

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from bench.crash_site import ROOT

PATIENCE_SECONDS = 60
PROGRAM = """
import os
from pathlib import Path

notes = Path(__file__).with_name("notes")


def note(what):
    with notes.open("a") as file:
        file.write(f"{what} {os.getpid()}\\n")


def create_app():
    note("made")
    return lambda environ, start: start("200 OK", []) and [b""]


note("read")
"""


def test_the_program_is_read_once_and_made_in_each_process(tmp_path: Path) -> None:
    (tmp_path / "counted.py").write_text(PROGRAM)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "serve.py", "--interface", "wsgi", "--factory", "--workers", "2", "--port", port,
         "--log-level", "error", "counted:create_app"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    try:
        notes = _notes_once_there(tmp_path / "notes", count=3)
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)
    assert [what for what, _ in notes] == ["read", "made", "made"]
    assert len({process for _, process in notes}) == 3
    assert notes[0][1] == str(server.pid)


def _notes_once_there(path: Path, *, count: int) -> list[list[str]]:
    end, pause, lines = time.monotonic() + PATIENCE_SECONDS, threading.Event(), list[str]()
    while len(lines) < count and time.monotonic() < end:
        pause.wait(0.05)
        lines = path.read_text().splitlines() if path.exists() else []
    return [line.split() for line in lines]
