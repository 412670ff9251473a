"""Numbers of rows as they are sent: what no row can have is none."""

import pytest

from blog.lib.row_numbers import MAX_ROW_NUMBER, in_bounds, row_number


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("007", 7), (str(MAX_ROW_NUMBER), MAX_ROW_NUMBER)])
def test_digits_are_a_number(text: str, number: int) -> None:
    assert row_number(text) == number


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "+1", "1.0", " 1", "x", "\u0661", "\u00b2", str(MAX_ROW_NUMBER + 1), "1" * 11, "9" * 5_000]
)
def test_anything_else_is_none(text: str) -> None:
    assert row_number(text) is None


@pytest.mark.parametrize(("number", "kept"), [(1, 1), (MAX_ROW_NUMBER, MAX_ROW_NUMBER), (0, 0), (-1, 0), (2**63, 0)])
def test_what_the_database_could_not_hold_is_no_row(number: int, kept: int) -> None:
    assert in_bounds(number) == kept
