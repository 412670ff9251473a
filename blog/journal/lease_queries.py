"""Reads of leases."""

from sqlalchemy import select

from blog.extensions import db
from blog.journal.models import Lease


def leases() -> list[Lease]:
    """Every lease, held or run out."""
    return list(db.session.scalars(select(Lease)))
