"""What stops the start of a site, each in one line; and the signals that end it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from blog.lib import stopping
from blog.lib.stopping import ONE_STOP_SECONDS, Stopping


@pytest.fixture
def served(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of a server over the data of `app`; the database file."""
    assert app
    monkeypatch.setenv("HINDSIGHT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("FLASK_RUN_FROM_CLI", raising=False)
    return tmp_path / "data" / "hindsight.sqlite3"


def refusal() -> str:
    with pytest.raises(SystemExit) as ended:
        create_app()
    message = str(ended.value)
    assert "\n" not in message
    return message


def test_a_database_of_a_newer_program_stops_the_start(served: Path) -> None:
    with closing(sqlite3.connect(served)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '99'")
    assert "made by a newer version" in refusal()


def test_a_migration_that_is_missing_stops_the_start_and_is_named(served: Path) -> None:
    with closing(sqlite3.connect(served)) as connection, connection:
        connection.execute("DELETE FROM alembic_version")
    assert "flask --app app db upgrade" in refusal()


def test_a_file_that_is_no_database_stops_the_start(served: Path) -> None:
    for left in served.parent.glob("hindsight.sqlite3*"):
        left.unlink()
    served.write_bytes(b"not a database at all" * 100)
    assert "file is not a database" in refusal()


def test_a_data_folder_that_cannot_be_one_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("HINDSIGHT_DATA_DIR", str(tmp_path / "file" / "below"))
    assert "HINDSIGHT_DATA_DIR" in refusal()


def test_a_folder_or_a_database_that_cannot_be_written_stops_the_start(
    served: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, _mode: Path(path) != served)
    assert f"{served} cannot be written" in refusal()
    monkeypatch.setattr("os.access", lambda path, _mode: Path(path) != served.parent)
    assert "HINDSIGHT_DATA_DIR" in refusal()


def test_bringing_up_to_date_what_is_newer_ends_with_a_sentence(app: Flask, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "data" / "hindsight.sqlite3")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '99'")
    with app.app_context():
        result = app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert (result.exit_code, result.output) == (
        1,
        "Error: The database was made by a newer version of this program.\n",
    )


def test_the_first_signal_begins_the_end_and_a_second_one_is_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(stopping.os, "_exit", lambda status: said.append(f"exit {status}"))
    watched = Stopping(begin=lambda: said.append("begin"), finish=lambda: said.append("finish"))
    assert not watched.has_begun
    watched.note_signal(100.0)
    assert (said, watched.has_begun) == (["begin"], True)
    watched.note_signal(100.0 + ONE_STOP_SECONDS / 2)  # systemd and the server both tell the process
    assert said == ["begin"]
    watched.note_signal(100.0 + ONE_STOP_SECONDS * 2)
    assert said == ["begin", "finish", "exit 0"]
