"""The worker of a served site: one process for all web processes, kept alive by whichever of them holds the lock."""

import fcntl
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

from blog.journal.worker_thread import FINISH_SECONDS
from blog.lib.processes import give_back_memory

log = logging.getLogger(__name__)

LOCK = "worker.lock"  # in the data folder; the system frees it when its holder dies
LOOK_SECONDS = 0.5  # between two looks: so soon another web process takes over, and first answers come before all this
STEADY_SECONDS = 60.0  # a process that ran for so long did not fail at its start
ALARMING = 2  # failures without a steady run: one that was killed is started again at once, and that is that
LONGEST_PAUSE_SECONDS = 60.0  # between two starts, when none lives for long
TRIM_SECONDS = 60.0  # between two times that memory is given back
GRACE_SECONDS = 2.0  # for a process that ends itself after FINISH_SECONDS


class WorkerProcess:
    """Keeps one process alive that runs `factory`'s worker (`app:create_worker`, found in `root`). To be made in every
    web process, also one that is forked later; `folder` is the data folder that they share.
    """

    def __init__(self, factory: str, *, root: Path, folder: Path) -> None:
        self._factory, self._root, self._folder = factory, root, folder
        self._pid = 0
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._stopping = threading.Event()
        self._held: IO[bytes] | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._failures = 0
        self._started_at = self._start_at = 0.0

    def ensure_running(self) -> None:
        """Watch over it unless this process already does; cheap enough to ask at every request."""
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid != os.getpid():
                self._begin()
                self._pid = os.getpid()
                threading.Thread(target=self._watch, name="hindsight-worker", daemon=True).start()

    def problem(self) -> str | None:
        """Why nothing is done in the background; None when it is, or when another process looks after it."""
        if self._pid != os.getpid() or self._failures < ALARMING:
            return None
        return "the worker process does not start, or not for long; the log says why"

    def stop_soon(self) -> None:
        """Have it take no more jobs. Returns at once."""
        if self._pid == os.getpid():
            self._stopping.set()
            with self._lock:
                if self._child and self._child.stdin:
                    self._child.stdin.close()

    def finish(self, *, timeout_seconds: float = FINISH_SECONDS + GRACE_SECONDS) -> None:
        """Wait until it has ended; it gives back what it cannot finish."""
        self.stop_soon()
        if self._pid != os.getpid():
            return
        if self._child is not None:
            try:
                self._child.wait(timeout_seconds)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        if self._held is not None:
            self._held.close()

    def _watch(self) -> None:
        trim_at = time.monotonic() + TRIM_SECONDS
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                self.look()
            except OSError as error:
                self._note_failure(f"cannot be started: {error}")
            if time.monotonic() >= trim_at:
                trim_at = time.monotonic() + TRIM_SECONDS
                give_back_memory()

    def look(self) -> bool:
        """Whether this web process has the lock, or could take it. If so it starts the worker where it does not run."""
        self._held = self._held or take_lock(self._folder)
        if self._held is None:
            return False
        with self._lock:
            child = self._child
            if child is None:
                if time.monotonic() >= self._start_at and not self._stopping.is_set():
                    self._start()
            elif (status := child.poll()) is not None:
                child.communicate()  # closes the pipe
                self._child = None
                self._note_failure(f"ended with status {status}")
            elif time.monotonic() - self._started_at >= STEADY_SECONDS:
                self._failures = 0
        return True

    def _note_failure(self, what: str) -> None:
        pause = min(2.0**self._failures - 1, LONGEST_PAUSE_SECONDS)
        self._failures += 1
        self._start_at = time.monotonic() + pause
        log.warning("the worker process %s; it is started again in %.0f s", what, pause)

    def _start(self) -> None:
        paths = [str(self._root), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._started_at = time.monotonic()
        self._child = subprocess.Popen(  # noqa: S603  # our own module, under our own Python
            [sys.executable, "-m", "blog.journal.worker_child", self._factory],
            stdin=subprocess.PIPE,  # its end tells the process that this one has ended
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "HINDSIGHT_WORKER": "off"},
        )


def take_lock(folder: Path) -> IO[bytes] | None:
    """The open file that holds the lock of this site's worker; None where another process has it."""
    file = (folder / LOCK).open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
