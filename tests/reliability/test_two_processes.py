"""Two web processes and a worker of its own over one site: sessions, limits, index and write lock are shared."""

import contextlib
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.crash_site import EMAIL, PASSWORD, ROOT, Person, Site, environment_of, flask
from tests.reliability.test_stop import publish, rows, until

COMMENTS = 12  # as many as the limit below lets through
SLUG_OF = "SELECT slug FROM articles WHERE state = 'published' LIMIT 1"
HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def folder(template_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with one write-up and one member."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copyfile(template_database, folder / "hindsight.sqlite3")
    publish(folder)
    flask(folder, "users", "create", "Crash", EMAIL, "--role", "member", "--password-stdin", typed=PASSWORD)
    return folder


@pytest.fixture(scope="module")
def sites(folder: Path) -> Iterator[tuple[Site, Site]]:
    limits = {
        "RATE_LIMITS": "on",
        "REQUEST_RATES": "5000/minute",
        "SEARCH_RATES": "500/second",
        "COMMENT_RATES": f"{COMMENTS}/day",
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "worker"], cwd=ROOT, env=environment_of(folder)
    )
    try:
        with Site(folder, **limits) as first, Site(folder, **limits) as second:
            yield first, second
    finally:
        worker.terminate()
        worker.wait(timeout=60)


@contextlib.contextmanager
def held_by_another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, str(folder / "hindsight.sqlite3")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        try:
            yield holder
        finally:
            holder.kill()


def at(person: Person, site: Site) -> Person:
    """The same browser, asking the other process."""
    other = object.__new__(Person)
    other.site, other.cookie, other.token = site, person.cookie, person.token
    return other


def test_two_processes_and_a_worker_share_everything(folder: Path, sites: tuple[Site, Site]) -> None:
    first = Person(sites[0])
    second = at(first, sites[1])
    assert "Crash" in second.ask("GET", "/account/settings")[2], "a session of one is known to the other"
    slug = str(rows(folder, SLUG_OF)[0][0])
    for number in range(COMMENTS):
        by = (first, second)[number % 2]
        status, _, _ = by.ask("POST", f"/postmortems/{slug}/comments", {"text": f"The word lantern{number} is here."})
        assert status == 303
        other = (second, first)[number % 2]
        assert f"lantern{number}" in other.ask("GET", f"/postmortems/{slug}")[2], "never a stale page"
    for by in (first, second):
        status, _, _ = by.ask("POST", f"/postmortems/{slug}/comments", {"text": "One more."})
        assert status == 429, "the limit is one for both"
    until(lambda: rows(folder, "SELECT count(*) FROM jobs") == [(0,)])
    for number in range(COMMENTS):
        for by in (first, second):
            hits = by.ask("GET", f"/search?q=lantern{number}")[2]
            assert len(re.findall('class="search-hit"', hits)) == 1, "each job was run, and none left two documents"
    assert len(rows(folder, "SELECT name FROM leases WHERE name = 'search.index'")) <= 1
    flask(folder, "users", "create", "Second", "second@people.example", "--role", "member", "--password-stdin",
          typed=PASSWORD)  # fmt: skip
    with closing(sqlite3.connect(folder / "hindsight.sqlite3", timeout=20)) as connection, connection:
        connection.execute("UPDATE users SET disabled_at = '2026-01-01 00:00:00.000000' WHERE name = 'Crash'")
    for by in (first, second):
        assert by.ask("GET", "/account/settings")[0] in (302, 303, 401), "what changed for one is seen by both at once"
    with closing(sqlite3.connect(folder / "hindsight.sqlite3", timeout=20)) as connection, connection:
        connection.execute("UPDATE users SET disabled_at = NULL WHERE name = 'Crash'")


def test_signing_out_of_one_signs_out_of_both(sites: tuple[Site, Site]) -> None:
    first = Person(sites[0])
    second = at(first, sites[1])
    assert first.ask("POST", "/account/logout", {})[0] == 303
    assert second.ask("GET", "/account/settings")[0] in (302, 303)


def test_a_lock_of_three_seconds_is_waited_for(template_database: Path, tmp_path: Path) -> None:
    with one_site(template_database, tmp_path) as (person, path), held_by_another_process(tmp_path) as holder:
        began = time.monotonic()
        ends = threading.Timer(3, holder.kill)
        ends.start()
        assert person.ask("POST", path, {"text": "Patience."})[0] == 303
        assert time.monotonic() - began >= 3
        ends.join()


def test_a_longer_lock_is_answered_503_and_the_text_comes_back(template_database: Path, tmp_path: Path) -> None:
    with one_site(template_database, tmp_path) as (person, path), held_by_another_process(tmp_path):
        status, headers, page = person.ask("POST", path, {"text": "Do not lose me."})
        assert status == 503 and "retry-after" in {name.lower() for name in headers}
        assert "Do not lose me.</textarea>" in page


@contextlib.contextmanager
def one_site(template_database: Path, folder: Path) -> Iterator[tuple[Person, str]]:
    """A member of a site of one process, and the address that their comment is sent to."""
    shutil.copyfile(template_database, folder / "hindsight.sqlite3")
    publish(folder)
    flask(folder, "users", "create", "Crash", EMAIL, "--role", "member", "--password-stdin", typed=PASSWORD)
    with Site(folder, WORKER="off") as site:
        yield Person(site), f"/postmortems/{rows(folder, SLUG_OF)[0][0]}/comments"
