"""Work after an event: keeping the action items in step with the write-ups."""

from collections.abc import Sequence

from blog.extensions import db
from blog.followups.projections import project_actions
from blog.journal.reactions import PROJECT_ACTIONS
from blog.journal.worker import ClaimedJob, Handler
from blog.lib.database import writing


def project(jobs: Sequence[ClaimedJob]) -> None:
    """Project every write-up that the jobs name, once each."""
    article_ids = dict.fromkeys(job.subject_id for job in jobs)
    with writing(db.session):
        for article_id in article_ids:
            project_actions(article_id)


HANDLERS = {PROJECT_ACTIONS: Handler(project, batch=50)}
