"""Times as people type them at the front of a line."""

from datetime import date

import pytest

from blog.lib.moment import Moment
from blog.transfer.times import leading_time, zone_of


@pytest.mark.parametrize(
    ("line", "moment", "rest"),
    [
        ("2023-01-11 14:22: alarm", "2023-01-11 14:22+00:00", "alarm"),
        ("2023-01-11 14:22 - alarm", "2023-01-11 14:22+00:00", "alarm"),
        ("**2023-01-11 14:22 UTC** – alarm", "2023-01-11 14:22+00:00", "alarm"),
        ("[2023-01-11 14:22] alarm", "2023-01-11 14:22+00:00", "alarm"),
        ("2023-01-11T14:22:05Z alarm", "2023-01-11 14:22:05+00:00", "alarm"),
        ("2023-01-11T14:22:05-08:00 alarm", "2023-01-11 14:22:05-08:00", "alarm"),
        ("2023-07-11 1:40 p.m. PDT: alarm", "2023-07-11 13:40-07:00", "alarm"),
        ("2023-01-11 12:26 UTC+2 alarm", "2023-01-11 12:26+02:00", "alarm"),
        ("July 25th, 2023 13:40 UTC alarm", "2023-07-25 13:40+00:00", "alarm"),
        ("25 Jul 2023, 13:40 alarm", "2023-07-25 13:40+00:00", "alarm"),
        ("2022-05-?? HH:mm", "2022-05", ""),
        ("2022-05-03 HH:mm", "2022-05-03", ""),
        ("2022-05-03", "2022-05-03", ""),
        ("2022-05-03 12:26-12:40 fix", "2022-05-03 12:26+00:00", "2022-05-03 12:26-12:40 fix"),
    ],
)
def test_a_time_is_found_and_parted_from_the_words(line: str, moment: str, rest: str) -> None:
    found = leading_time(line)
    assert found is not None
    assert (Moment.model_validate(found.moment).as_text(), found.rest) == (moment, rest)


@pytest.mark.parametrize(
    "line", ["20202-01-16 12:00", "2022-13-03 10:00", "2022-05-03 25:10", "1204 rows", "soon", "~2022", "12:04 alone"]
)
def test_what_is_no_time_is_none(line: str) -> None:
    assert leading_time(line) is None


def test_odd_clocks_are_read_and_told() -> None:
    dotted, military = leading_time("2022-05-03 11.50"), leading_time("2022-05-03 1600")
    assert dotted is not None and dotted.note == "read 11.50 as 11:50"
    assert military is not None and military.note == "read 1600 as 16:00"


def test_a_clock_alone_lends_a_day() -> None:
    found = leading_time("12:26 – fix", day=date(2022, 1, 2))
    assert found is not None and Moment.model_validate(found.moment).as_text() == "2022-01-02 12:26+00:00"


def test_the_zone_of_all_times_is_read() -> None:
    assert zone_of("All times in CET.") == ("CET", True)
    assert zone_of("All times are UTC") == (None, True)
    assert zone_of("Times of trouble") == (None, False)
