"""Chores of the journal: what the worker looks after without any event."""

from blog.extensions import db
from blog.journal import lease_changes, lease_queries, once_changes, once_queries
from blog.lib import clock, processes
from blog.lib.database import writing


def forget_answers() -> None:
    """Remove kept answers after a day; takes no write lock when there are none."""
    if once_queries.is_any_older(clock.now() - once_changes.KEPT):
        with writing(db.session):
            once_changes.forget_old()


def release_dead() -> None:
    """Take over at once what a killed worker of this machine held; other machines wait until it runs out."""
    dead = [lease for lease in lease_queries.leases() if processes.is_gone(lease.holder)]
    if dead:
        with writing(db.session):
            for lease in dead:
                lease_changes.release(lease)
