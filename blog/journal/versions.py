"""Versions of what pages are made from: they move on with each event, and one small query compares them."""

import secrets
from collections import deque
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from flask import g, has_request_context
from sqlalchemy import Engine, bindparam, select

from blog.extensions import db
from blog.journal.models import Version
from blog.journal.reactions import SITE, VERSIONS
from blog.lib.database import insert_for
from blog.lib.ready import Ready
from blog.lib.wal_index import WalIndex

MOST_NAMES = 6  # that one page is made from; the query always has this many places, so that it is prepared once
MOST_KNOWN = 5_000  # sets of versions remembered as current until the next commit
IDLE_CONNECTIONS = 8  # kept open; more are open only while more threads ask at the same moment

Versions = tuple[tuple[str, int], ...]  # (name, value) pairs; a name without a row has the value 0

_WANTED = select(Version.name, Version.value).where(
    Version.name.in_([bindparam(f"name_{place}") for place in range(MOST_NAMES)])
)
_READ = Ready(_WANTED)


def move_on(kind: str, happened: Sequence[tuple[int, dict[str, Any]]]) -> None:
    """Give every version that events of this kind touch another value, in the open transaction."""
    patterns = VERSIONS.get(kind, ())
    names = {pattern.format(subject=subject_id, **data) for subject_id, data in happened for pattern in patterns}
    if names:
        _give_values(sorted(names))


def move_names(names: Iterable[str]) -> None:
    """Have pages that are made from these things made anew: what was changed shows on more than the event names."""
    if wanted := sorted(set(names)):
        _give_values(wanted)


def move_site() -> None:
    """Have every page made anew: for what was changed without an event, such as projections, or rows by hand."""
    _give_values([SITE])


def read_versions(names: Sequence[str]) -> Versions:
    """The versions of these names as the open transaction sees them. At most `MOST_NAMES` names."""
    found = dict(_READ.all(db.session, **_parameters(names)))
    versions = tuple((name, found.get(name, 0)) for name in names)
    if has_request_context():
        g.versions = dict(versions)
    return versions


def version_of(name: str) -> int:
    """One version; in a request that read it already, the same."""
    known: dict[str, int] = g.get("versions", {}) if has_request_context() else {}
    return known[name] if name in known else read_versions([name])[0][1]


class VersionCheck:
    """The same question outside of Flask, as cheap as it can be asked: connections of its own, no transaction, and no
    question at all while nothing was committed since the last one (decision 0031).

    Made before a server forks, asked only after it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: deque[Any] = deque()
        compiled = _WANTED.compile(engine)
        self._sql = str(compiled)
        self._places = compiled.positiontup  # None where the driver takes names
        self._index: WalIndex | None = None
        self._known: tuple[bytes | None, set[Versions]] = (None, set())  # what is current in this state of the database

    def are_current(self, versions: Versions) -> bool:
        """Whether nothing moved on. Raises what the driver raises."""
        state = self._state()
        known_in, known = self._known
        if state is not None and state == known_in and versions in known:
            return True
        is_current = self._ask(versions)
        if is_current and state is not None:  # read before asking: what is committed meanwhile has another state
            if state != known_in or len(known) >= MOST_KNOWN:
                self._known = state, {versions}
            else:
                known.add(versions)
        return is_current

    def _state(self) -> bytes | None:
        if self._engine.dialect.name != "sqlite":
            return None
        if self._index is None:
            self._index = WalIndex(self._connection(), str(self._engine.url.database))
        return self._index.state()

    def _ask(self, versions: Versions) -> bool:
        parameters = _parameters([name for name, _ in versions])
        given = [parameters[place] for place in self._places] if self._places is not None else parameters
        connection = self._connection()
        cursor = connection.cursor()
        found = dict(cursor.execute(self._sql, given).fetchall())
        cursor.close()
        if len(self._idle) < IDLE_CONNECTIONS:
            self._idle.append(connection)
        else:
            connection.close()  # with its last reference it would only wait, in a cycle, to be found
        return all(found.get(name, 0) == value for name, value in versions)

    def _connection(self) -> Any:
        """The driver's own connection, outside the pool, with no transaction open between two questions."""
        try:
            return self._idle.pop()
        except IndexError:
            pooled = self._engine.raw_connection()
        pooled.detach()
        connection: Any = pooled.dbapi_connection
        if self._engine.dialect.name != "sqlite":  # there it begins none, as `prepare_engine` opens it
            connection.autocommit = True
        return connection


def _give_values(names: Sequence[str]) -> None:
    rows = [{"name": name, "value": secrets.randbits(62)} for name in names]
    _upsert(db.session.connection().dialect.name).run(db.session, *rows)


def _parameters(names: Sequence[str]) -> dict[str, str]:
    if len(names) > MOST_NAMES:
        raise ValueError(f"a page is made from {MOST_NAMES} things at most")
    padded = [*names, *[""] * (MOST_NAMES - len(names))]
    return {f"name_{place}": name for place, name in enumerate(padded)}


@cache  # every change runs it while all other writers wait
def _upsert(dialect: str) -> Ready:
    made = insert_for(dialect, Version)
    updating = made.on_conflict_do_update(index_elements=[Version.name], set_={"value": made.excluded.value})
    return Ready(updating, columns=("name", "value"))
