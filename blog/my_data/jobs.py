"""After an erasure: what copies names is made anew, so that nothing of them is left in it within minutes."""

import logging
import sqlite3
from collections.abc import Sequence

from blog.errors import Busy
from blog.extensions import db
from blog.journal.reactions import FORGET
from blog.journal.worker import ClaimedJob, Handler, prolong
from blog.lib.database import empty_write_ahead, writing
from blog.lib.kept_pages import empty_shelf
from blog.search import changes, document_queries
from blog.search.engine import IndexUnavailable
from blog.search.engines import current_engine
from blog.settings import current_settings

log = logging.getLogger(__name__)


def forget(jobs: Sequence[ClaimedJob]) -> None:
    """Build the search index anew, once for all these people: the engine keeps what it deletes until it merges. Then
    empty the shelf of kept pages. Raises `Busy` where either is in use, and is tried again.
    """
    waiting, job_ids = document_queries.index_jobs(), [job.id for job in jobs]

    def end_chunk(_size: int) -> None:
        db.session.rollback()
        prolong(FORGET, job_ids)

    try:
        changes.rebuild(current_engine(), end_chunk)
        empty_shelf(current_settings().data_dir / "pages.sqlite3")
        empty_write_ahead(db.session)
    except (IndexUnavailable, sqlite3.OperationalError) as error:
        raise Busy(str(error)) from error
    with writing(db.session):
        changes.settle(waiting)
    log.info("the search index and the kept pages were made anew after %s erasure(s)", len(jobs))


HANDLERS = {FORGET: Handler(forget, batch=50, exclusive=True)}
