"""Work after an event: telling those who follow it, some at a time."""

from collections.abc import Sequence

from blog.extensions import db
from blog.journal.changes import add_jobs_later
from blog.journal.reactions import TELL
from blog.journal.worker import ClaimedJob, Handler
from blog.lib import clock
from blog.lib.database import end_reading, writing
from blog.notifications import notice_changes
from blog.notifications.audience_queries import audience_of, quiet_events
from blog.notifications.event_queries import event as event_numbered

AT_ONCE = 200


def tell(jobs: Sequence[ClaimedJob]) -> None:
    """Tell of each event whoever is to hear of it and was not told yet, so a job that is run twice tells once. Where
    nobody is, which is so for most, nothing is written.
    """
    quiet = quiet_events([job.event_id for job in jobs])
    for job in jobs:
        if job.event_id in quiet:
            continue
        event = event_numbered(job.event_id)
        if event is None or not audience_of(event).tellings:
            continue
        with writing(db.session):
            event = event_numbered(job.event_id)
            assert event is not None  # the journal loses nothing
            audience = audience_of(event)
            notice_changes.tell(event, audience)
            if not audience.is_whole:
                _go_on(job)
    end_reading(db.session)


def _go_on(job: ClaimedJob) -> None:
    """With those who are left."""
    add_jobs_later(
        TELL, event_id=job.event_id, subject_type=job.subject_type, subject_ids=[job.subject_id], run_at=clock.now()
    )


# Of its own thread: when hundreds comment at once, the search comes first.
HANDLERS = {TELL: Handler(tell, batch=AT_ONCE, slow=True)}
