"""Limits are counted once for all processes of a machine, and the table never grows."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from blog.lib import clock, shared_counts
from blog.lib.shared_counts import SharedCounts, address_of
from tests.conftest import MakeApp

LIMIT = parse("10/minute")


@pytest.fixture
def counts(tmp_path: Path) -> SharedCounts:
    return SharedCounts(address_of(tmp_path))


def test_uses_are_counted_within_a_window_and_forgotten_after_it(counts: SharedCounts) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        assert [counts.incr("a", 60) for _ in range(3)] == [1, 2, 3]
        assert counts.incr("b", 60, amount=5) == 5
        assert counts.get("a") == 3
        assert counts.get_expiry("a") == pytest.approx(clock.now().timestamp() + 60)
        traveller.shift(timedelta(seconds=61))
        assert counts.get("a") == 0
        assert counts.incr("a", 60) == 1


def test_a_clock_that_is_set_back_shuts_nobody_out(counts: SharedCounts) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        counts.incr("a", 60, amount=100)
        traveller.shift(timedelta(hours=-1))
        assert counts.incr("a", 60) == 1


def test_a_second_storage_sees_the_same_counts(counts: SharedCounts, tmp_path: Path) -> None:
    counts.incr("a", 60, amount=7)
    again = storage_from_string(address_of(tmp_path))
    assert isinstance(again, SharedCounts)
    assert again.incr("a", 60) == 8
    again.clear("a")
    assert counts.get("a") == 0
    counts.incr("a", 60)
    again.reset()
    assert counts.get("a") == 0


def test_more_keys_than_places_never_make_the_table_grow(
    counts: SharedCounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_counts, "BUCKETS", 4)
    for number in range(200):
        assert counts.incr(f"address {number}", 60) == 1
    assert counts.incr("address 199", 60) == 2
    assert (tmp_path / "limits").stat().st_size == 4 * 8 * 32


def test_only_the_user_of_the_site_may_read_the_table(counts: SharedCounts, tmp_path: Path) -> None:
    assert counts.check()
    assert (tmp_path / "limits").stat().st_mode & 0o777 == 0o600


HITS = """
import sys
from limits import parse
from limits.strategies import FixedWindowRateLimiter
from blog.lib.shared_counts import SharedCounts
limiter = FixedWindowRateLimiter(SharedCounts(sys.argv[1]))
limit = parse("100/day")
print(sum(limiter.hit(limit, "somebody") for _ in range(80)))
"""


def test_four_processes_at_once_share_one_limit(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HITS, address_of(tmp_path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    allowed = [int(process.communicate(timeout=120)[0]) for process in processes]
    assert sum(allowed) == 100


def test_two_processes_of_the_site_share_the_limits_of_an_address(make_app: MakeApp) -> None:
    first, second = (make_app(rate_limits=True, request_rates="6/minute").test_client() for _ in range(2))
    answers = [client.get("/nothing-here").status_code for _ in range(4) for client in (first, second)]
    assert answers.count(404) == 6
    assert answers[6:] == [429, 429]


def test_a_limit_is_reached_exactly(counts: SharedCounts) -> None:
    limiter = FixedWindowRateLimiter(counts)
    assert [limiter.hit(LIMIT, "a") for _ in range(11)] == [True] * 10 + [False]
    assert limiter.get_window_stats(LIMIT, "a").remaining == 0
