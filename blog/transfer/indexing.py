"""After an import: everything that came in is made searchable before the command ends, where the index can be had."""

import time
from collections.abc import Callable

from flask import current_app

from blog.extensions import db
from blog.journal.queries import is_held_elsewhere, queue_counts
from blog.journal.reactions import INDEX
from blog.journal.worker import Worker

PATIENCE_SECONDS = 10.0  # how long nothing may move while another process holds the index
PAUSE_SECONDS = 0.25


def waiting_jobs() -> int:
    """How many background jobs wait now."""
    waiting = queue_counts()["waiting"]
    db.session.rollback()  # a count holds no snapshot
    return waiting


def _others_work(worker: Worker) -> bool:
    held = is_held_elsewhere(INDEX, name=worker.name)
    db.session.rollback()
    return held


def index_now(advance: Callable[[int], object]) -> int:
    """Run the waiting jobs, together with a site that runs beside; `advance` is told how many went each time.

    Returns how many still wait: the index could not be had, and they are tried again by the site's worker.
    """
    worker: Worker = current_app.extensions["hindsight_worker"]
    last, moved_at = waiting_jobs(), time.monotonic()
    while last:
        done = worker.run_once()
        left = waiting_jobs()
        if left < last:
            advance(last - left)
            last, moved_at = left, time.monotonic()
        elif not done and not _others_work(worker):
            return left  # what is left failed, and waits for its next try
        elif time.monotonic() - moved_at > PATIENCE_SECONDS:
            return left
        else:
            time.sleep(PAUSE_SECONDS)
    return 0
