"""Durations and moments in words."""

from datetime import UTC, datetime, timedelta

import pytest

from blog.articles.wording import ago_words, duration_words, length_words, moment_words
from blog.lib.moment import DurationRange, Moment, duration_between


def moment(text: str) -> Moment:
    return Moment.model_validate(text)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=45), "45 s"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=15), "15 min"),
        (timedelta(hours=2, minutes=15), "2 h 15 min"),
        (timedelta(hours=13), "13 h"),
        (timedelta(hours=1, minutes=59, seconds=50), "2 h"),
        (timedelta(days=3, hours=4), "3 days 4 h"),
        (timedelta(days=75), "75 days"),
        (timedelta(days=913), "2.5 years"),
    ],
)
def test_a_length_is_told_with_at_most_two_units(length: timedelta, words: str) -> None:
    assert length_words(length) == words


@pytest.mark.parametrize(
    ("started", "ended", "words"),
    [
        ("2025-12-14 09:00Z", "2025-12-14 11:15Z", "2 h 15 min"),
        ("2025-12-14T09:00:00Z", "2025-12-14T09:00:40Z", "40 s"),
        ("2025-12-14T09:00:00Z", "2025-12-14T09:00:00Z", "no time"),
        ("2025-12-14 09:00Z", "2025-12-14 09:00Z", "under a minute"),
        ("2025-12-14", "2025-12-16", "between 1 and 3 days"),
        ("2025-12", "2025-12", "0 to 31 days"),
        ("2025-12-14 20:30Z", "2025-12-15", "between 3 and 28 h"),
        ("2021", "2024-02-03", "between 2.1 and 3.1 years"),
    ],
)
def test_a_duration_is_told_as_precisely_as_its_ends_are_known(started: str, ended: str, words: str) -> None:
    duration = duration_between(moment(started), moment(ended))
    assert duration is not None
    assert duration_words(duration) == words


def test_a_range_within_one_unit_names_the_unit_once() -> None:
    assert duration_words(DurationRange(timedelta(hours=11), timedelta(hours=14))) == "between 11 and 14 h"


def test_a_range_over_two_units_names_both() -> None:
    assert duration_words(DurationRange(timedelta(minutes=45), timedelta(hours=14))) == "between 45 min and 14 h"


def test_a_range_that_rounds_to_one_number_is_about_it() -> None:
    assert (
        duration_words(DurationRange(timedelta(hours=12, minutes=50), timedelta(hours=13, minutes=10))) == "about 13 h"
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("2025-12-14 09:30+08:00", "14 Dec 2025, 01:30 UTC"),
        ("2025-12-14T09:30:05Z", "14 Dec 2025, 09:30:05 UTC"),
        ("2025-12-14", "14 Dec 2025"),
        ("2025-12", "December 2025"),
        ("2025", "2025"),
        ("unknown", "unknown"),
    ],
)
def test_a_moment_is_told_no_more_precisely_than_it_is_known(given: str, words: str) -> None:
    assert moment_words(moment(given)) == words


def test_an_hour_is_about() -> None:
    about_nine = Moment.model_validate({"at": "2025-12-14 09:00Z", "precision": "hour"})
    assert moment_words(about_nine) == "about 09:00 UTC on 14 Dec 2025"


def test_a_day_of_another_zone_says_so() -> None:
    assert moment_words(Moment.model_validate({"at": "2025-12-14", "zone": "Asia/Shanghai"})) == (
        "14 Dec 2025 (Asia/Shanghai)"
    )


def test_absent_differs_from_unknown() -> None:
    assert moment_words(None) == "not given"


@pytest.mark.parametrize(
    ("day", "words"),
    [(23, "today"), (22, "yesterday"), (11, "12 days ago"), (24, "24 Nov 2026")],
)
def test_lists_say_how_long_ago_by_whole_days(day: int, words: str) -> None:
    now = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    assert ago_words(datetime(2026, 11, day, 23, 59, tzinfo=UTC), now=now) == words


def test_long_ago_is_a_date() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert ago_words(datetime(2026, 9, 1, tzinfo=UTC), now=now) == "1 Sep 2026"
