"""Chores of working copies: what was discarded is not kept for ever."""

from blog.editor import working_copy_changes, working_copy_queries
from blog.extensions import db
from blog.lib import clock
from blog.lib.database import writing


def forget_discarded() -> None:
    """Remove what was discarded 30 days ago; takes no write lock when there is none."""
    if working_copy_queries.is_any_discarded_before(clock.now() - working_copy_changes.KEPT_DISCARDED):
        with writing(db.session):
            working_copy_changes.forget_old()
