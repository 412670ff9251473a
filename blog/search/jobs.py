"""Work after an event: what was published, said, hidden or retired is found, or no longer found, a moment later."""

import logging
from collections.abc import Sequence

from blog.errors import Busy
from blog.extensions import db
from blog.journal.reactions import INDEX
from blog.journal.worker import ClaimedJob, Handler, prolong
from blog.lib import clock
from blog.lib.database import writing
from blog.search import changes, document_queries
from blog.search.engine import IndexUnavailable
from blog.search.engines import current_engine, current_engines

log = logging.getLogger(__name__)

MANY_WAITING = 1_000  # jobs; below it a rebuild is never worth its while
REBUILD_IS_FASTER = 2  # times as many documents a second as batches reach
NIGHT = range(2, 4)  # hours, UTC
MIN_DELETED = 1_000  # documents; less is not worth the work


def index(jobs: Sequence[ClaimedJob]) -> None:
    """Bring what the jobs name up to date. Without a usable index, or when most of it is due, all is built anew.

    Raises `Busy` where the index cannot be had now: it is nobody's fault, and tried again until it works.
    """
    ids: dict[str, list[int]] = {"article": [], "comment": []}
    for job in jobs:
        ids[job.subject_type].append(job.subject_id)
    articles, comments = (list(dict.fromkeys(some)) for some in ids.values())
    newest, job_ids = max(job.event_id for job in jobs), [job.id for job in jobs]
    try:
        if _is_rebuild_better():
            rebuild(lambda _: prolong(INDEX, job_ids))
        else:
            engine = current_engine()
            changes.bring_up_to_date(engine, article_ids=articles, comment_ids=comments, event_id=newest)
    except IndexUnavailable as error:
        _heal(error, lambda _: prolong(INDEX, job_ids))


def rebuild(after_chunk: document_queries.Progress = lambda _: None) -> int:
    """Build the index anew, and forget the jobs that it makes needless. Returns the number of documents.

    `after_chunk` is told how many were read each time. Raises `IndexUnavailable`.
    """
    waiting = document_queries.index_jobs()

    def end_chunk(size: int) -> None:
        db.session.rollback()  # a long read would keep the database from tidying up behind its writers
        after_chunk(size)

    documents = changes.rebuild(current_engine(), end_chunk)
    with writing(db.session):
        changes.settle(waiting)
    log.info("the search index was rebuilt with %s document(s)", documents)
    return documents


def ensure_index() -> None:
    """Build the index where there is none that can be used: a new site, a restored backup, another version, damage."""
    engines = current_engines()
    try:
        engines.get().mark()
        if engines.is_doubted and not (status := engines.get().check(deep=True)).openable:
            raise IndexUnavailable("; ".join(status.problems))
    except IndexUnavailable as error:
        _heal(error, lambda _: None)
    engines.trust()


def tidy_index() -> None:
    """At night, build an index anew in which much was replaced or deleted: the engine itself never frees that room."""
    if clock.now().hour not in NIGHT:
        return
    status = current_engine().check()
    if status.deleted > MIN_DELETED and status.deleted * 5 > status.documents + status.deleted:
        log.info("a fifth of the search index is deleted documents; it is rebuilt")
        rebuild()


def is_readable() -> str | None:
    """What `/readyz` says of the index; None when it can be read."""
    try:
        current_engine().mark()
    except IndexUnavailable as error:
        if current_engine().check().locked or document_queries.count_documents() == (0, 0):
            return None  # it is built now, and titles are searched meanwhile; a site without a write-up needs none yet
        log.warning("the search index cannot be read: %s", error)
        return "the index cannot be read; it is rebuilt within a minute, or by `flask --app app search rebuild`"
    return None


def _heal(error: IndexUnavailable, after_chunk: document_queries.Progress) -> None:
    status = current_engine().check()
    if status.locked or (status.openable and current_engine().check(deep=True).openable):
        raise Busy(str(error)) from error  # somebody else writes, or the disk refuses: the index itself is whole
    log.warning("%s It is rebuilt now.", error)
    try:
        rebuild(after_chunk)
    except IndexUnavailable as still:
        raise Busy(str(still)) from still


def _is_rebuild_better() -> bool:
    """Whether so much waits that building everything anew takes less time, as after a large import."""
    waiting, _ = document_queries.index_job_counts()
    if waiting < MANY_WAITING:
        return False
    return waiting * REBUILD_IS_FASTER > sum(document_queries.count_documents())


HANDLERS = {INDEX: Handler(index, batch=500, exclusive=True)}  # 50 at a time take four times as long: each one merges
