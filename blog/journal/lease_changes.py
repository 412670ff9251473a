"""Writes of leases."""

from sqlalchemy import delete, update

from blog.extensions import db
from blog.journal.models import Job, Lease


def release(lease: Lease) -> None:
    """Give back what a worker held that has ended: its lease, and the jobs it had claimed under it."""
    mine = (Lease.name == lease.name, Lease.holder == lease.holder)
    db.session.execute(delete(Lease).where(*mine))
    db.session.execute(update(Job).where(Job.kind == lease.name).values(locked_until=None))
