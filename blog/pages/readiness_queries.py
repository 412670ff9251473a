"""Whether the site can serve, part by part: what monitors ask every few seconds, so it is cheap and kept for one."""

import logging
import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from blog.extensions import db
from blog.journal.queries import oldest_due_at, queue_counts
from blog.journal.reactions import INDEX
from blog.lib import clock
from blog.lib.start_checks import schema_problem
from blog.pages import queries
from blog.settings import current_settings

log = logging.getLogger(__name__)

KEEP_SECONDS = 1.0  # where requests are limited: these are not counted, so anybody may ask as often as they like
WRITE_WAIT_MS = 500  # longer, and somebody else writes all the time
LATE_SECONDS = 300  # a job that waits longer has nobody to do it
LOW_BYTES = 200 * 1024 * 1024  # SQLite needs room for its log, a rebuild of the index for a second one
VITAL = ("serving", "database", "schema")  # without these no page can be shown; without the others some can

Check = Callable[[], str | None]


@dataclass(frozen=True)
class Readiness:
    """`checks` says `ok` or what is wrong, by the name of each part; `figures` are counts, never names or texts."""

    checks: Mapping[str, str]
    figures: Mapping[str, float] = field(default_factory=dict)

    @property
    def can_serve(self) -> bool:
        return all(self.checks.get(name, "ok") == "ok" for name in VITAL)

    @property
    def status(self) -> str:
        if not self.can_serve:
            return "not ready"
        return "ready" if all(outcome == "ok" for outcome in self.checks.values()) else "degraded"


class Looker:
    """Looks at most once in `KEEP_SECONDS`, whoever asks."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: Readiness | None = None
        self._at = 0.0

    def readiness(self) -> Readiness:
        keep_seconds = KEEP_SECONDS if current_app.config["RATELIMIT_ENABLED"] else 0.0
        with self._lock:
            if self._found is None or time.monotonic() - self._at >= keep_seconds:
                self._found, self._at = look(), time.monotonic()
            return self._found


def look() -> Readiness:
    """Every part, from what all others need to what can be done without for a while."""
    own: dict[str, Check] = {"serving": _serving, "database": _database, "schema": schema_problem}
    checks: dict[str, str] = {}
    for name, check in own.items():
        checks[name] = _outcome(name, check)
        if name != "serving" and checks[name] != "ok":
            return Readiness(checks)  # the others would say the same
    figures = site_figures()
    parts: Mapping[str, Check] = current_app.extensions["hindsight_checks"]
    more: dict[str, Check] = {
        "writing": _writing,
        "jobs": lambda: _jobs(figures),
        "disk": lambda: _disk(figures),
        **parts,
    }
    return Readiness(checks | {name: _outcome(name, check) for name, check in more.items()}, figures)


def site_figures() -> dict[str, float]:
    """What is true of the whole site, whichever process is asked. Ages in seconds, 0 when nothing waits."""
    counts = queue_counts()
    return {
        "jobs_waiting": counts["waiting"],
        "jobs_given_up": counts["failed"],
        "queue_age_seconds": _age(None),
        "index_lag_seconds": _age(INDEX),
        "disk_free_bytes": shutil.disk_usage(current_settings().data_dir).free,
    }


def _age(kind: str | None) -> float:
    since = oldest_due_at(kind)
    return max(0.0, round((clock.now() - since).total_seconds(), 1)) if since else 0.0


def _outcome(name: str, check: Check) -> str:
    try:
        return check() or "ok"
    except Exception:  # what went wrong goes to the log: a probe is answered to anybody
        log.exception("the check of %s failed", name)
        return "cannot be checked; the log says why"


def _serving() -> str | None:
    stopping = current_app.extensions.get("hindsight_stopping")
    return "the site is being stopped" if stopping is not None and stopping.has_begun else None


def _database() -> str | None:
    return None if queries.is_database_reachable() else "does not answer"


def _writing() -> str | None:
    """Take the right to write and give it back: nothing is written, so the disk has no work."""
    if db.engine.dialect.name != "sqlite":
        return None
    connection = db.engine.raw_connection()
    try:
        connection.execute(f"PRAGMA busy_timeout = {WRITE_WAIT_MS}")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except (sqlite3.OperationalError, SQLAlchemyError) as error:
        log.warning("the database cannot be written: %s", error)
        return f"the database could not be written within {WRITE_WAIT_MS / 1000:g} s"
    finally:
        connection.invalidate()  # its waiting time is not the usual one
        connection.close()
    return None


def _jobs(figures: Mapping[str, float]) -> str | None:
    if current_settings().worker != "off" and figures["queue_age_seconds"] > LATE_SECONDS:
        return "jobs wait for too long; is a worker running?"
    if figures["jobs_given_up"]:
        return "jobs were given up; an admin finds them under Jobs"
    return None


def _disk(figures: Mapping[str, float]) -> str | None:
    return "little space is left for the data" if figures["disk_free_bytes"] < LOW_BYTES else None
