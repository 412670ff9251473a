"""The kill rounds of `python -m bench.crash`, short: two for each kind of point. The whole run has fifty for each."""

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from bench.crash import WORK
from bench.crash_child import POINTS
from blog.accounts.models import Role
from blog.settings import Settings
from tests.factories.articles import make_published
from tests.people import Person, join

# One where the promise is given, one in the middle of the index, one of a command; the others are its neighbours.
TRIED = ("after commit, before the answer", "index: before the TOC is renamed", "migration")


def test_every_point_has_its_rounds() -> None:
    assert list(WORK) == list(POINTS)


@pytest.fixture
def made(app: Flask) -> Path:
    """The data folder of a site with one write-up and the person who posts."""
    make_published(app, slug="disk-full")
    join(app, Person("Crash", Role.MEMBER))
    settings: Settings = app.extensions["hindsight_settings"]
    return settings.data_dir


@pytest.mark.timeout(600)  # seconds on two cores; a busy machine may take its time
def test_nothing_is_lost_when_the_site_is_killed(made: Path) -> None:
    """In a process of its own, since it forks: one that had threads would hand down their locks."""
    points = [word for point in TRIED for word in ("--point", point)]
    done = subprocess.run(
        [sys.executable, "-m", "bench.crash", "--rounds", "2", "--data", str(made), *points],
        capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()[2:]]
    assert [row[0] for row in rows] == list(TRIED), done.stderr
    for _, rounds, killed, _, lost, twice, not_found, damaged, _ in rows:
        assert rounds == killed == "2", done.stdout
        assert lost == twice == not_found == damaged == "0", done.stdout
    assert done.returncode == 0
