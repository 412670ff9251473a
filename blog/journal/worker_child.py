"""The worker process: runs the jobs of the site, and ends when the web process that started it does.

Run by `worker_process` as `python -m blog.journal.worker_child app:create_worker`.
"""

import os
import signal
import sys
import threading

from werkzeug.utils import import_string

from blog.journal.worker import Worker
from blog.journal.worker_thread import FINISH_SECONDS

NICENESS = 5  # requests come first


def main(factory: str, *, end: int = 0) -> None:
    """Run the worker that `factory` makes until the descriptor `end` is closed at its other end, or SIGTERM comes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the site, which ends this process
    os.nice(NICENESS)
    worker: Worker = import_string(factory)()
    signal.signal(signal.SIGTERM, lambda *_: worker.stopping.set())
    threading.Thread(target=_end_with_site, args=(worker, end), name="hindsight-end", daemon=True).start()
    worker.run_forever()


def _end_with_site(worker: Worker, end: int) -> None:
    while os.read(end, 1):
        pass
    worker.stopping.set()
    threading.Event().wait(FINISH_SECONDS)
    worker.give_back()  # what takes longer is done again after the next start
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
