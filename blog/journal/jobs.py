"""Chores of the journal: what the worker looks after without any event."""

import time

from sqlalchemy import text

from blog.extensions import db
from blog.journal import head_changes, lease_changes, lease_queries, once_changes, once_queries
from blog.lib import clock, processes
from blog.lib.database import writing
from blog.settings import current_settings

HOUR = 3_600.0  # seconds
ANALYSED_ROWS = 400  # of each index: what SQLite's manual advises
# Of an index of few rows that has none just now (`WHERE state = 'held'`) it notes nothing, and the planner takes it for
# the dearer one: such an index is told of with one row (https://sqlite.org/fileformat2.html, section 2.6.3).
_NOTE_EMPTY = text(
    "INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT tbl_name, name, '1 1' FROM sqlite_master WHERE type = 'index'"
    " AND sql LIKE '% WHERE %' AND name NOT IN (SELECT idx FROM sqlite_stat1 WHERE idx IS NOT NULL)"
)
_gathered_at: float | None = None


def gather_statistics() -> None:
    """Have the planner know the tables, once an hour: without it a state that most rows have looks like a find. It
    reads a bounded part of each index, so it is quick whatever the size of the site.
    """
    global _gathered_at  # noqa: PLW0603  # of this process, whichever worker does it
    if db.engine.dialect.name != "sqlite" or (_gathered_at is not None and time.monotonic() - _gathered_at < HOUR):
        return
    _gathered_at = time.monotonic()
    with writing(db.session):
        db.session.execute(text(f"PRAGMA analysis_limit = {ANALYSED_ROWS}"))
        db.session.execute(text("ANALYZE"))
        db.session.execute(_NOTE_EMPTY)


def forget_answers() -> None:
    """Remove kept answers after a day; takes no write lock when there are none."""
    if once_queries.is_any_older(clock.now() - once_changes.KEPT):
        with writing(db.session):
            once_changes.forget_old()


def tell_head() -> None:
    """Tell the head of the journal to a file and to the log, once a day."""
    head_changes.tell_head(current_settings().data_dir)


def release_dead() -> None:
    """Take over at once what a killed worker of this machine held; other machines wait until it runs out."""
    dead = [(name, holder) for name, holder in lease_queries.leases() if processes.is_gone(holder)]
    if dead:
        with writing(db.session):
            for name, holder in dead:
                lease_changes.release(name, holder=holder)
