"""Chores of the journal: what the worker looks after without any event."""

from blog.extensions import db
from blog.journal import once_changes, once_queries
from blog.lib import clock
from blog.lib.database import writing


def forget_answers() -> None:
    """Remove kept answers after a day; takes no write lock when there are none."""
    if once_queries.is_any_older(clock.now() - once_changes.KEPT):
        with writing(db.session):
            once_changes.forget_old()
