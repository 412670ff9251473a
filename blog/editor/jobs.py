"""Work that has its hour: what was approved goes live when its time has come."""

import logging
from collections.abc import Sequence

from blog.accounts.queries import person
from blog.editor import review_queries, scheduling
from blog.extensions import db
from blog.journal.reactions import PUBLISH
from blog.journal.worker import ClaimedJob, Handler
from blog.lib.database import writing

log = logging.getLogger(__name__)


def publish(jobs: Sequence[ClaimedJob]) -> None:
    """Publish what has its hour; what may not go live any more is refused, in the journal and in the log."""
    for job in jobs:
        with writing(db.session):
            revision = review_queries.revision_with_hour(job.subject_id)
            if revision is None:
                continue
            actor = person(revision.publish_by_id) if revision.publish_by_id else None
            refused = scheduling.publish_due(actor=actor, revision=revision, article=revision.article)
        if refused:
            log.error("revision %s was not published at its time: %s", job.subject_id, refused)


HANDLERS = {PUBLISH: Handler(publish, punctual=True)}
