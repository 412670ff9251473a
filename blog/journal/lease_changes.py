"""Writes of leases."""

from sqlalchemy import delete, update

from blog.extensions import db
from blog.journal.models import Job, Lease


def release(name: str, *, holder: str) -> None:
    """Give back what a worker held that has ended: its lease, and the jobs it had claimed under it. Nothing where
    another worker took the lease meanwhile.
    """
    gone = db.session.execute(delete(Lease).where(Lease.name == name, Lease.holder == holder).returning(Lease.name))
    if gone.first() is not None:
        db.session.execute(update(Job).where(Job.kind == name).values(locked_until=None))
