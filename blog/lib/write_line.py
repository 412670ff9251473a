"""The line of our own writers: they take turns instead of racing for SQLite's one write lock.

SQLite looks for its turn at growing intervals of up to 0.1 s, so that under load a few wait for seconds while others
pass them. Here the threads of a process stand in line, first come first served, and the first of each process waits for
locks on files, which end with the process that holds them: the processes take turns. Writers that know nothing of the
line (`sqlite3`, a backup) are waited for by SQLite's own timeout, as ever.
"""

import contextlib
import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakSet

from blog.errors import Busy

FIRST_PAUSE_SECONDS = 0.0002  # a transaction takes about a millisecond
LONGEST_PAUSE_SECONDS = 0.005


class WriteLine:
    """Who may write next, among the threads of this process and of others that name the same file."""

    def __init__(self, path: Path) -> None:
        self._path, self._step = path, path.with_name(f"{path.name}-next")
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._is_taken = False
        _lines.add(self)

    @property
    def waiting(self) -> int:
        """How many threads of this process wait now."""
        return len(self._waiting)

    @contextmanager
    def turn(self, *, until: float) -> Iterator[None]:
        """Wait for a turn, at most until then on the monotonic clock, and have it for the length of the block.

        Raises `Busy` when it does not come.
        """
        if not self._enter(until):
            raise Busy
        try:
            with self._file_locked(until):
                yield
        finally:
            self._leave()

    def forget(self) -> None:
        """After a fork: nobody of this process stands in line."""
        self._mutex, self._waiting, self._is_taken = threading.Lock(), deque(), False

    def _enter(self, until: float) -> bool:
        with self._mutex:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=max(until - time.monotonic(), 0)):
            return True
        with self._mutex, contextlib.suppress(ValueError):
            self._waiting.remove(mine)
            return False
        return True  # it was called up at the last moment

    def _leave(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False

    @contextmanager
    def _file_locked(self, until: float) -> Iterator[None]:
        """Two locks: who has the step is next, whatever the threads of the process that writes now would like."""
        with contextlib.ExitStack() as files:
            try:  # opened each time: the folder may have been restored from a backup meanwhile
                step, turn = (files.enter_context(_opened(path)) for path in (self._step, self._path))
            except OSError:  # a full disk: what SQLite says about it is worth more
                yield
                return
            _lock(step, until)
            _lock(turn, until)
            fcntl.flock(step, fcntl.LOCK_UN)
            yield


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield file
    finally:
        os.close(file)  # gives its lock back, too


def _lock(file: int, until: float) -> None:
    began = time.monotonic()
    while not _locked(file):
        waited = time.monotonic() - began
        pause = min(FIRST_PAUSE_SECONDS + waited / 8, LONGEST_PAUSE_SECONDS)
        if began + waited + pause > until:
            raise Busy
        time.sleep(pause)


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _forget_all() -> None:
    for line in _lines:
        line.forget()


_lines: WeakSet[WriteLine] = WeakSet()
os.register_at_fork(after_in_child=_forget_all)
