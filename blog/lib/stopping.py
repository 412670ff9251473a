"""The end of a serving process: told of the first signal at once, so that what takes time can begin to end.

The server itself stops to accept connections and lets requests finish. What it does not know is ours: the worker.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.util import Finalize

log = logging.getLogger(__name__)

ENDING_SIGNALS = {signal.SIGTERM, signal.SIGINT}
ONE_STOP_SECONDS = 1.0  # systemd signals every process and the server its workers: twice at once is once


class Stopping:
    """Watches for signals beside whoever handles them. `begin` runs at the first one, in a thread of its own; `finish`
    when the process ends, also where the server made it with `multiprocessing`, which skips `atexit`. A second signal
    ends the process at once.
    """

    def __init__(self, *, begin: Callable[[], object], finish: Callable[[], object]) -> None:
        self.has_begun = False
        self._begin, self._finish = begin, finish
        self._first_at = 0.0

    def watch(self) -> None:
        """Begin to watch. To be called once, in the main thread of a process that serves."""
        self._reading, writing = os.pipe()
        os.set_blocking(writing, False)
        before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        threading.Thread(target=self._run, args=(before,), name="hindsight-stopping", daemon=True).start()
        Finalize(None, self._finish, exitpriority=100)

    def _run(self, before: int) -> None:
        while number := os.read(self._reading, 1):
            if before >= 0:
                os.write(before, number)  # the server had a pipe of its own
            if number[0] in ENDING_SIGNALS:
                self.note_signal(time.monotonic())

    def note_signal(self, at: float) -> None:
        """A signal that ends came at this time of the monotonic clock, in seconds."""
        if not self.has_begun:
            self.has_begun, self._first_at = True, at
            log.info("the site stops: requests that are under way are finished")
            self._begin()
        elif at - self._first_at > ONE_STOP_SECONDS:
            log.warning("a second signal: the site ends now")
            self._finish()
            os._exit(0)
