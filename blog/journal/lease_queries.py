"""Reads of leases."""

from sqlalchemy import select

from blog.extensions import db
from blog.journal.models import Lease


def leases() -> list[tuple[str, str]]:
    """(name, holder) of every lease, held or run out."""
    return [(row.name, row.holder) for row in db.session.execute(select(Lease.name, Lease.holder))]
