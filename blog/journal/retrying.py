"""Giving jobs that were given up another five tries, once an admin has looked at what stood in their way."""

from typing import Any

from blog import policy
from blog.errors import Conflict, NotAllowed
from blog.journal import queries
from blog.journal.changes import record
from blog.journal.models import Job
from blog.lib import clock

MANY = 1_000  # at once; each leaves an event


def try_again(*, actor: Any, job_id: int) -> None:
    """Make one job due now. Raises `NotAllowed`, and `Conflict` where it waits again already, or is done."""
    _require_admin(actor)
    job = queries.failed_job(job_id)
    if job is None:
        raise Conflict("This job was tried again already, or is done.")
    _make_due(actor, job)


def try_all_again(*, actor: Any) -> int:
    """Make every job that was given up due now, up to `MANY`; returns how many. Raises `NotAllowed`."""
    _require_admin(actor)
    jobs = queries.failed_jobs(limit=MANY)
    for job in jobs:
        _make_due(actor, job)
    return len(jobs)


def _require_admin(actor: Any) -> None:
    if not policy.can_administer(actor):
        raise NotAllowed("Only admins look after jobs.")


def _make_due(actor: Any, job: Job) -> None:
    record("job.retried", subject=job, actor=actor, data={"kind": job.kind, "attempts": job.attempts})
    job.failed_at, job.locked_until, job.attempts, job.run_at = None, None, 0, clock.now()
