"""Statements that are made ready once and run by the driver itself, in the open transaction of a session.

SQLAlchemy takes about ten times as long over a small statement as SQLite. Here it writes the words and says how values
are stored and read, once for each kind of database; what every comment and every signed-in request asks runs so.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

Model = TypeVar("Model")
Process = Callable[[Any], Any] | None


class Ready:
    """A statement whose values are given by the names of its parameters; an INSERT names its `columns`, and takes all
    of them: defaults of the program are not filled in. Lists of values (`IN`) do not fit. What is pending in the
    session is not written first. Raises what SQLAlchemy raises.
    """

    def __init__(self, statement: Executable, *, columns: Iterable[str] = ()) -> None:
        self._statement, self._columns = statement, tuple(columns)
        self._forms: dict[str, _Form] = {}

    def all(self, session: Session, **values: Any) -> list[Any]:
        """The rows, as named tuples."""
        connection = session.connection()
        form = self._form(connection)
        return form.read(run_words(connection, form.words, form.given(values)).fetchall())

    def first(self, session: Session, **values: Any) -> Any:
        """The first row, or None. The statement gives one row at most, or a LIMIT says so."""
        found = self.all(session, **values)
        return found[0] if found else None

    def run(self, session: Session, *rows: Mapping[str, Any]) -> None:
        """Once for each of these mappings of values."""
        connection = session.connection()
        form = self._form(connection)
        for row in rows:
            run_words(connection, form.words, form.given(row))

    def _form(self, connection: Connection) -> "_Form":
        dialect = connection.dialect
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = _Form(self._statement, self._columns, dialect)
        return form


class _Form:
    """A statement in the words of one kind of database."""

    def __init__(self, statement: Any, columns: Sequence[str], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(columns) or None)
        self.words = str(compiled)
        self._places: Sequence[str] | None = compiled.positiontup  # None where the driver takes names
        names = dict.fromkeys(self._places if self._places is not None else compiled.binds)
        binds = {name: compiled.binds[name] for name in names}
        stored = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
        self._fixed = {
            name: bind.value if stored[name] is None else stored[name](bind.value)
            for name, bind in binds.items()
            if not bind.required
        }
        self._stored: dict[str, Process] = {name: stored[name] for name in names if name not in self._fixed}
        shown = statement.exported_columns
        self._make = _maker(shown.keys())
        read = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in shown]
        self._read = [(place, process) for place, process in enumerate(read) if process is not None]

    def given(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them."""
        stored = {
            name: values[name] if process is None else process(values[name]) for name, process in self._stored.items()
        }
        stored |= self._fixed
        return stored if self._places is None else [stored[name] for name in self._places]

    def read(self, found: list[Any]) -> list[Any]:
        if not self._read:
            return [self._make(row) for row in found]
        rows = []
        for row in found:
            values = list(row)
            for place, process in self._read:
                values[place] = process(values[place])
            rows.append(self._make(values))
        return rows


def run_words(connection: Connection, words: str, given: Any = ()) -> Any:
    """Have the driver run a statement as it is; its cursor."""
    driver: Any = connection.dialect.dbapi
    cursor = connection.connection.cursor()
    try:
        cursor.execute(words, given)
    except driver.Error as error:  # as SQLAlchemy raises it; what was given stays out of the log
        told = DBAPIError.instance(words, None, error, driver.Error, hide_parameters=True, dialect=connection.dialect)
        raise told from error
    return cursor


def _maker(names: Iterable[str]) -> Callable[[Iterable[Any]], Any]:
    row: Any = namedtuple("Row", list(names))  # type: ignore[misc]  # only the database knows them
    make: Callable[[Iterable[Any]], Any] = row._make
    return make


def as_loaded(session: Session, row: Model) -> Model:
    """An object that holds what was just read of its row, as a part of the session: the one that the session has of
    this row, with what it did not know yet, or this one. What is not given is read when somebody asks for it.
    """
    known: Model | None = session.identity_map.get(identity_key(instance=row))
    if known is None:
        make_transient_to_detached(row)
        session.add(row)
        return row
    return renew(known, {name: value for name, value in vars(row).items() if name not in vars(known)})


def renew(known: Model, values: Mapping[str, Any]) -> Model:
    """The same object with what was just read of its row."""
    for name, value in values.items():
        set_committed_value(known, name, value)
    return known
