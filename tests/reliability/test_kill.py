"""The kill rounds of `python -m bench.crash`, short: two for each kind of point. The whole run has fifty for each."""

from pathlib import Path

import pytest

from bench.crash import WORK, run
from bench.crash_child import POINTS

# One where the promise is given, one in the middle of the index, one of a command; the others are its neighbours.
TRIED = ("after commit, before the answer", "index: before the TOC is renamed", "migration")


def test_every_point_has_its_rounds() -> None:
    assert list(WORK) == list(POINTS)


@pytest.mark.parametrize("point", TRIED)
def test_nothing_is_lost_when_the_site_is_killed(point: str, tmp_path: Path) -> None:
    result = run(point, 2, tmp_path)
    assert result.rounds == result.killed == 2
    assert (result.lost, result.twice, result.not_found, result.damaged) == (0, 0, 0, 0)
