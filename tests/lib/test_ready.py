"""Statements that the driver runs: values as the columns store them, errors as SQLAlchemy raises them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import JSON, bindparam, create_engine, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from blog.lib.database import UTCDateTime, prepare_engine
from blog.lib.ready import Ready, as_loaded, renew
from tests.statements import heard


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_open: Mapped[bool]


COLUMNS = ("name", "at", "data", "is_open")
AT = datetime(2026, 5, 3, 12, 30, tzinfo=timezone(timedelta(hours=2)))
INSERT = Ready(insert(Note).returning(Note.id), columns=COLUMNS)
BY_NAME = Ready(select(*Note.__table__.columns).where(Note.name == bindparam("name")).limit(1))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    engine = create_engine(f"sqlite:///{tmp_path / 'some.sqlite3'}")
    prepare_engine(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as made:
        yield made
    engine.dispose()


def added(session: Session, name: str) -> int:
    number: int = INSERT.first(session, name=name, at=AT, data={"a": [1]}, is_open=True).id
    return number


def test_values_are_stored_and_read_as_the_columns_say(session: Session) -> None:
    number = added(session, "one")
    stored = session.get_one(Note, number)
    read = BY_NAME.first(session, name="one")
    assert read == (number, "one", AT, {"a": [1]}, True)
    assert (stored.at, stored.data, stored.is_open) == read[2:]
    assert read.at.tzinfo == UTC and type(read.is_open) is bool


def test_what_is_not_there_is_none_and_no_rows_are_an_empty_list(session: Session) -> None:
    assert BY_NAME.first(session, name="nobody") is None
    assert BY_NAME.all(session, name="nobody") == []


def test_a_change_runs_once_for_each_mapping(session: Session) -> None:
    added(session, "one"), added(session, "two")
    closing = Ready(update(Note).where(Note.name == bindparam("which")).values(is_open=bindparam("open")))
    closing.run(session, {"which": "one", "open": False}, {"which": "two", "open": False})
    assert BY_NAME.first(session, name="one").is_open is BY_NAME.first(session, name="two").is_open is False
    session.rollback()
    assert BY_NAME.first(session, name="one") is None, "it is part of the transaction"


def test_errors_are_those_of_sqlalchemy_without_the_values(session: Session) -> None:
    added(session, "the secret")
    with pytest.raises(IntegrityError) as caught:
        added(session, "the secret")
    assert "the secret" not in str(caught.value)
    session.rollback()
    session.connection().exec_driver_sql("DROP TABLE notes")
    with pytest.raises(OperationalError, match="no such table"):
        BY_NAME.first(session, name="one")


def test_what_a_statement_asks_for_must_be_given(session: Session) -> None:
    with pytest.raises(KeyError):
        BY_NAME.all(session)
    with pytest.raises(ValueError, match="zone"):
        INSERT.first(session, name="one", at=datetime(2026, 1, 1), data={}, is_open=True)  # noqa: DTZ001


def test_an_object_made_from_a_row_is_that_of_the_session(session: Session) -> None:
    number = added(session, "one")
    made = as_loaded(session, Note(id=number, name="one"))
    assert session.get(Note, number) is made and not session.dirty and not session.new
    assert made.data == {"a": [1]}, "what was not given is read"
    made.name = "three"
    assert as_loaded(session, Note(id=number, name="one")) is made
    assert made.name == "three", "what somebody changes is not lost"
    session.flush()
    assert BY_NAME.first(session, name="three").id == number, "its changes are written"


def test_an_object_that_was_forgotten_is_renewed_without_a_question(session: Session) -> None:
    with heard(session.get_bind()) as statements:  # type: ignore[arg-type]
        made = as_loaded(session, Note(id=added(session, "one"), name="one"))
        session.expire_all()
        asked = len(statements)
        assert renew(made, {"name": "two"}).name == "two" and len(statements) == asked
        assert made.data == {"a": [1]} and len(statements) == asked + 1


def test_a_driver_that_takes_names_is_given_names() -> None:
    form = BY_NAME._form(SimpleNamespace(dialect=postgresql.dialect(paramstyle="named")))  # type: ignore[arg-type]
    assert ":name" in form.words
    assert form.given({"name": "one"})["name"] == "one"
