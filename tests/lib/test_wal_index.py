"""The header of SQLite's wal-index: other bytes after every commit of any process, or no answer."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from blog.lib import wal_index
from blog.lib.wal_index import HEADER, WalIndex


def opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some data.sqlite3"


@pytest.fixture
def writer(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(opened(path)) as connection:
        connection.execute("CREATE TABLE noted (words TEXT)")
        yield connection


def in_another_process(program: str, path: Path) -> None:
    subprocess.run([sys.executable, "-c", program, str(path)], check=True, timeout=60)


def test_the_state_stays_while_nothing_is_committed(path: Path, writer: sqlite3.Connection) -> None:
    index = WalIndex(opened(path), str(path))
    before = index.state()
    writer.execute("SELECT * FROM noted").fetchall()
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO noted VALUES ('taken back')")
    during = index.state()
    writer.execute("ROLLBACK")
    assert before is not None
    assert {before, during, index.state()} == {before}


def test_every_commit_of_this_and_of_another_process_gives_another_state(
    path: Path, writer: sqlite3.Connection
) -> None:
    index = WalIndex(opened(path), str(path))
    states = [index.state()]
    for number in range(3):
        writer.execute("INSERT INTO noted VALUES (?)", (number,))
        states.append(index.state())
    program = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('DELETE FROM noted'); c.commit()"
    in_another_process(program, path)
    states.append(index.state())
    assert None not in states
    assert len(set(states)) == 5


@pytest.mark.parametrize("mode", ["PASSIVE", "RESTART", "TRUNCATE"])
def test_a_log_that_is_begun_anew_never_comes_to_an_earlier_state(
    path: Path, writer: sqlite3.Connection, mode: str
) -> None:
    index, seen = WalIndex(opened(path), str(path)), set()
    for number in range(20):
        writer.execute("INSERT INTO noted VALUES (?)", (number,))
        seen.add(index.state())
        assert writer.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()[0] == 0
    assert None not in seen
    assert len(seen) == 20


def test_a_header_that_is_half_written_is_no_answer(path: Path, writer: sqlite3.Connection) -> None:
    index = WalIndex(opened(path), str(path))
    before = index.state()
    tear = f"import sys; f = open(sys.argv[1] + '-shm', 'r+b'); f.seek({HEADER + 8}); f.write(bytes(4)); f.close()"
    in_another_process(tear, path)  # as a process leaves it that is killed between the two copies
    assert index.state() is None
    assert writer.execute("SELECT count(*) FROM noted").fetchone() == (0,)  # SQLite makes it anew from the log
    after = index.state()
    writer.execute("INSERT INTO noted VALUES ('more')")
    assert after is not None
    assert index.state() not in {None, before, after}


def test_a_log_that_nothing_was_written_to_is_no_answer(path: Path) -> None:
    opened(path).close()
    index = WalIndex(opened(path), str(path))
    assert index.state() is None
    with closing(opened(path)) as writer:
        writer.execute("CREATE TABLE noted (words TEXT)")
    assert index.state() is not None


def test_a_database_without_a_log_or_on_a_system_that_tells_nothing_is_no_answer(
    tmp_path: Path, path: Path, writer: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = sqlite3.connect(tmp_path / "plain.sqlite3")
    assert WalIndex(plain, str(tmp_path / "plain.sqlite3")).state() is None
    assert WalIndex(sqlite3.connect(":memory:"), ":memory:").state() is None
    monkeypatch.setattr(wal_index, "MAPS", tmp_path / "nothing")
    assert WalIndex(opened(path), str(path)).state() is None


def test_a_file_of_the_same_name_elsewhere_is_another_database(
    tmp_path: Path, path: Path, writer: sqlite3.Connection
) -> None:
    (tmp_path / "other").mkdir()
    other = opened(tmp_path / "other" / path.name)
    other.execute("CREATE TABLE noted (words TEXT)")
    index = WalIndex(opened(path), str(path))
    before = index.state()
    other.execute("INSERT INTO noted VALUES ('elsewhere')")
    assert index.state() == before
    writer.execute("INSERT INTO noted VALUES ('here')")
    assert index.state() != before
