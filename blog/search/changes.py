"""Keeping the index in step with the database. The index can be thrown away: whatever breaks is built anew."""

from collections.abc import Sequence

from sqlalchemy import delete

from blog.extensions import db
from blog.journal.models import Job
from blog.search import document_queries
from blog.search.document_queries import Progress
from blog.search.engine import SearchEngine

MANY = 500  # parameters of one statement


def bring_up_to_date(
    engine: SearchEngine, *, article_ids: Sequence[int], comment_ids: Sequence[int], event_id: int
) -> None:
    """Make the index say what these rows say now, in one commit. Raises `IndexUnavailable`."""
    operations = document_queries.operations_for(article_ids, comment_ids)
    engine.apply(operations, max(event_id, engine.mark()))


def rebuild(engine: SearchEngine, after_chunk: Progress = lambda _: None) -> int:
    """Build a whole new index beside the present one and switch to it. Returns its number of documents.

    Raises `IndexUnavailable`, also when somebody else rebuilds. `after_chunk` may end the transaction.
    """
    mark = document_queries.newest_indexed_event()
    return engine.rebuild(document_queries.all_documents(after_chunk), mark)


def settle(job_ids: Sequence[int]) -> None:
    """Take away jobs that stood before a rebuild began: it did their work, also that of those given up."""
    for start in range(0, len(job_ids), MANY):
        db.session.execute(delete(Job).where(Job.id.in_(job_ids[start : start + MANY])))
