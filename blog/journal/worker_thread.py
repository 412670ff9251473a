"""The worker of a web process: a thread that is started with it, also after a fork, and ended with it."""

import os
import threading

from blog.journal.worker import Worker

FINISH_SECONDS = 10.0  # for the jobs under way when the site stops; a batch of the index takes one or two


class WorkerThread:
    """Keeps one worker thread alive in this process, also after the server forked it."""

    def __init__(self, worker: Worker) -> None:
        self._made_from = worker
        self._worker: Worker | None = None
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._lock = threading.Lock()

    def ensure_running(self) -> None:
        """Start the thread unless this process already has it; cheap enough to ask at every request."""
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                made_from = self._made_from
                self._worker = Worker(made_from.app, made_from.handlers, made_from.chores)
                self._thread = threading.Thread(target=self._worker.run_forever, name="hindsight-worker", daemon=True)
                self._thread.start()

    def problem(self) -> str | None:
        """Why nothing is done in the background by this process; None when it is, or when it never should."""
        if self._pid != os.getpid() or self._thread is None or self._thread.is_alive():
            return None
        return "the worker thread has ended; restart the site"

    def stop_soon(self) -> None:
        """Take no more jobs. Returns at once."""
        if self._worker is not None and self._pid == os.getpid():
            self._worker.stopping.set()

    def finish(self, *, timeout_seconds: float = FINISH_SECONDS) -> None:
        """Wait for the jobs under way; what takes longer is given back, and done again after the next start."""
        self.stop_soon()
        if self._worker is None or self._thread is None or self._pid != os.getpid():
            return
        self._thread.join(timeout_seconds)
        if self._thread.is_alive():
            self._worker.give_back()
