"""The worker of a served site: one process for all web processes, which ends with the one that started it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blog.journal import worker_process
from blog.journal.worker_process import WorkerProcess

PATIENCE_SECONDS = 60.0
# The `site` of these tests: its worker notes that it began, and works until it is told to end.
SITE = """
import os, pathlib, threading

class Worker:
    def __init__(self):
        self.stopping = threading.Event()

    def run_forever(self):
        here = pathlib.Path(__file__).parent
        (here / "began").write_text(f"{os.getpid()} {os.nice(0)} {os.environ['HINDSIGHT_WORKER']}")
        self.stopping.wait()
        (here / "ended").touch()
"""
WEB = """
import sys, pathlib
from blog.journal.worker_process import WorkerProcess

folder = pathlib.Path(sys.argv[1])
WorkerProcess("a_site:Worker", root=folder, folder=folder).ensure_running()
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a_site.py").write_text(SITE)
    return tmp_path


@pytest.fixture
def runs(folder: Path) -> Iterator[WorkerProcess]:
    runs = WorkerProcess("a_site:Worker", root=folder, folder=folder)
    yield runs
    runs.finish()


def until(condition: Callable[[], object]) -> None:
    end, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        pause.wait(0.02)


def began(folder: Path) -> int:
    """The number of the worker process, once it works."""
    note = folder / "began"
    until(lambda: note.exists() and note.read_text().endswith("off"))
    number = int(note.read_text().split()[0])
    note.unlink()
    return number


def is_there(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_is_started_beside_the_site_and_ends_in_order_with_it(folder: Path, runs: WorkerProcess) -> None:
    runs.ensure_running()
    number = began(folder)
    assert number != os.getpid() and is_there(number)
    assert runs.problem() is None
    runs.stop_soon()
    runs.finish()
    assert (folder / "ended").exists()
    assert not is_there(number)


def test_one_that_was_killed_is_started_again(folder: Path, runs: WorkerProcess) -> None:
    runs.ensure_running()
    first = began(folder)
    os.kill(first, signal.SIGKILL)
    assert began(folder) != first
    assert runs.problem() is None


def test_one_that_cannot_start_is_told_and_tried_again_with_growing_pauses(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker_process, "LOOK_SECONDS", 0.01)
    (folder / "a_site.py").write_text("raise SystemExit(3)")
    runs = WorkerProcess("a_site:Worker", root=folder, folder=folder)
    runs.ensure_running()
    until(lambda: "again in 1 s" in caplog.text)
    assert "ended with status 3; it is started again in 0 s" in caplog.text
    assert "does not start" in (runs.problem() or "")
    runs.finish()


def test_of_two_web_processes_one_has_it_and_the_other_takes_over_when_that_dies(
    folder: Path, runs: WorkerProcess
) -> None:
    with subprocess.Popen([sys.executable, "-c", WEB, str(folder)], stdin=subprocess.PIPE) as other:
        first = began(folder)
        runs.ensure_running()
        assert not runs.look()
        other.kill()
    until((folder / "ended").exists)  # although nobody told it to
    assert began(folder) != first
    assert runs.look()
