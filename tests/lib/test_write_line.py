"""The line of writers: turns in order, one at a time over all processes, and nobody waits for ever."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from blog.errors import Busy
from blog.lib.write_line import WriteLine

ROOT = Path(__file__).parents[2]
LONG_SECONDS = 60.0
HOLD = """
import sys, time
from pathlib import Path
from blog.lib.write_line import WriteLine
with WriteLine(Path(sys.argv[1])).turn(until=time.monotonic() + 60):
    print("mine", flush=True)
    sys.stdin.read()
"""
COUNT = """
import sys, threading
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from blog.lib.database import prepare_engine, writing
engine = create_engine("sqlite:///" + sys.argv[1])
prepare_engine(engine)
failed = []
def count():
    for _ in range(30):
        try:
            with Session(engine) as session, writing(session):
                seen = session.scalar(text("SELECT number FROM counted"))
                session.execute(text("UPDATE counted SET number = :next"), {"next": seen + 1})
        except Exception as error:
            failed.append(error)
threads = [threading.Thread(target=count) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit(f"{failed}" if failed else 0)
"""


def soon() -> float:
    return time.monotonic() + LONG_SECONDS


def wait_for(is_so: Callable[[], bool]) -> None:
    end, pause = soon(), threading.Event()
    while not is_so():
        assert time.monotonic() < end
        pause.wait(0.002)


@pytest.fixture
def line(tmp_path: Path) -> WriteLine:
    return WriteLine(tmp_path / "line")


def test_writers_of_several_processes_lose_no_write_and_none_fails(tmp_path: Path) -> None:
    from sqlalchemy import create_engine, text

    path = tmp_path / "counted.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counted (number INTEGER)"))
        connection.execute(text("INSERT INTO counted VALUES (0)"))
    processes = [
        subprocess.Popen([sys.executable, "-c", COUNT, str(path)], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=LONG_SECONDS)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT number FROM counted")) == 2 * 3 * 30
    engine.dispose()


def test_threads_have_their_turns_in_the_order_they_came(line: WriteLine) -> None:
    had: list[int] = []

    def wait(number: int) -> None:
        with line.turn(until=soon()):
            had.append(number)

    threads = [threading.Thread(target=wait, args=(number,)) for number in range(5)]
    with line.turn(until=soon()):
        for number, thread in enumerate(threads, 1):
            thread.start()
            wait_for(lambda number=number: line.waiting == number)
        assert had == []
    for thread in threads:
        thread.join(LONG_SECONDS)
    assert had == [0, 1, 2, 3, 4] and line.waiting == 0


def test_a_process_with_many_writers_does_not_keep_another_waiting(line: WriteLine, tmp_path: Path) -> None:
    other = WriteLine(tmp_path / "line")  # a lock on a file belongs to who opened it: this is as good as a process
    had: list[str] = []

    def write(its: WriteLine, name: str) -> None:
        with its.turn(until=soon()):
            had.append(name)

    threads = [threading.Thread(target=write, args=(line, "one of many")) for _ in range(4)]
    alone = threading.Thread(target=write, args=(other, "alone"))
    with line.turn(until=soon()):
        for thread in threads:
            thread.start()
        wait_for(lambda: line.waiting == len(threads))
        alone.start()
        step = os.open(tmp_path / "line-next", os.O_RDWR)
        wait_for(lambda: not is_free(step))
        os.close(step)
    for thread in [*threads, alone]:
        thread.join(LONG_SECONDS)
    assert had == ["alone", *["one of many"] * 4]


def is_free(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(file, fcntl.LOCK_UN)
    return True


def test_who_waited_too_long_is_told_so_and_leaves_the_line(line: WriteLine) -> None:
    def fail() -> None:
        with pytest.raises(Busy), line.turn(until=time.monotonic() + 0.01):
            raise AssertionError("it was not its turn")
        refused.append(True)

    refused: list[bool] = []
    with line.turn(until=soon()):
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join(LONG_SECONDS)
        assert refused == [True] and line.waiting == 0
    with line.turn(until=soon()):
        pass


def test_a_turn_of_another_process_is_waited_for_no_longer_than_said(line: WriteLine, tmp_path: Path) -> None:
    other = os.open(tmp_path / "line", os.O_RDWR | os.O_CREAT)
    fcntl.flock(other, fcntl.LOCK_EX)  # a lock on the file belongs to who opened it, in this process or another
    with pytest.raises(Busy), line.turn(until=time.monotonic() + 0.01):
        raise AssertionError("it was not its turn")
    os.close(other)
    with line.turn(until=soon()):
        pass


def test_a_killed_process_leaves_its_turn_to_the_next(line: WriteLine, tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "line")], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout and holder.stdout.readline() == b"mine\n"
        with pytest.raises(Busy), line.turn(until=time.monotonic() + 0.01):
            raise AssertionError("it was not its turn")
        holder.send_signal(signal.SIGKILL)
        holder.wait(LONG_SECONDS)
    with line.turn(until=soon()):
        pass


def test_an_error_ends_a_turn(line: WriteLine) -> None:
    with pytest.raises(ValueError, match="broken"), line.turn(until=soon()):
        raise ValueError("broken")
    with line.turn(until=time.monotonic() + 0.01):
        pass


def test_a_forked_process_stands_in_no_line(line: WriteLine) -> None:
    with line.turn(until=soon()):
        line.forget()  # what a fork calls in the child, which has a copy of a line that is taken
        assert line.waiting == 0 and line._enter(time.monotonic())


def test_where_no_file_can_be_made_the_database_decides(tmp_path: Path) -> None:
    with WriteLine(tmp_path / "missing" / "line").turn(until=soon()):
        pass
