"""Engines for the search tests. Another engine joins the contract by joining ENGINES."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blog.search.engine import SearchEngine
from blog.search.whoosh_engine import WhooshEngine

ENGINES: dict[str, Callable[[Path], SearchEngine]] = {
    "whoosh": lambda path: WhooshEngine(path / "index", time_limit_seconds=30),
}


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchEngine]:
    """An empty, ready engine of each kind."""
    made = ENGINES[request.param](tmp_path)
    made.rebuild([], 0)
    yield made
    made.close()


@pytest.fixture
def whoosh(tmp_path: Path) -> Iterator[WhooshEngine]:
    """An empty, ready Whoosh engine."""
    made = WhooshEngine(tmp_path / "index", time_limit_seconds=30)
    made.rebuild([], 0)
    yield made
    made.close()
