"""Differences of two texts: what they show, and that no text keeps the site comparing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.lib.diff import MAX_LINES, DiffLine, Part, line_diff, text_diff, word_diff
from blog.lib.matching import Effort, longest_rising, stretches

WORDS = st.lists(
    st.sampled_from(["the", "agent", "deleted", "environment", ",", " ", "\n", "13.5", "日本"]), max_size=40
)


def test_a_change_shows_with_the_lines_around_it() -> None:
    old = [f"line {number}" for number in range(20)]
    new = [*old[:10], "changed", *old[11:]]
    around = [DiffLine("same", line) for line in old]
    assert line_diff("\n".join(old), "\n".join(new)) == [
        DiffLine("gap"),
        *around[7:10],
        DiffLine("old", "line 10"),
        DiffLine("new", "changed"),
        *around[11:14],
    ]


def test_equal_texts_have_no_difference() -> None:
    assert line_diff("a\nb", "a\nb") == []


def test_a_long_write_up_with_many_blank_lines_and_changes_is_compared() -> None:
    paragraphs = [f"paragraph {number}\n" for number in range(MAX_LINES // 2)]
    changed = [f"new {line}" if number % 7 == 0 else line for number, line in enumerate(paragraphs)]
    lines = line_diff("\n".join(paragraphs), "\n".join(changed))
    assert lines is not None
    assert sum(line.kind == "new" for line in lines) == len(paragraphs[::7])


def test_the_same_line_thousands_of_times_is_told_whole() -> None:
    new = ["again" if number % 2 else f"line {number}" for number in range(198)]
    lines = line_diff("again\n" * 5_900, "\n".join(new))
    assert lines is not None
    assert [line.text for line in lines if line.kind in ("new", "same")] == new


def test_too_many_lines_are_not_compared() -> None:
    assert line_diff("a\n" * (MAX_LINES + 1), "b") is None


def test_a_changed_word_shows_within_its_line() -> None:
    (line,) = text_diff("It ended at nine.", "It ended at ten.")
    assert line.kind == "changed"
    assert line.parts == (Part("same", "It ended at "), Part("old", "nine"), Part("new", "ten"), Part("same", "."))


def test_lines_that_were_wrapped_anew_show_only_the_breaks() -> None:
    (line,) = text_diff("the agent deleted\nthe environment", "the agent\ndeleted the environment")
    assert [part.text for part in line.parts if part.kind == "same"] == ["the agent", "deleted", "the environment"]


def test_texts_with_little_in_common_stand_whole() -> None:
    old, new = "We rolled the release back.", "Nobody had read the alarm for a week."
    assert word_diff(old, new) == (Part("old", old), Part("new", new))


@pytest.mark.parametrize(("old", "new"), [("13.5", "13.2"), ("02:40", "02:55"), ("can't", "can"), ("1,000", "1,500")])
def test_a_number_or_a_time_is_one_word(old: str, new: str) -> None:
    parts = word_diff(f"It was {old} then", f"It was {new} then")
    assert [part.text for part in parts] == ["It was ", old, new, " then"]


def test_what_was_filled_in_for_the_first_time_replaces_nothing() -> None:
    assert [line.kind for line in text_diff("", "Mended.")] == ["new"]
    assert [line.kind for line in text_diff("Mended.", "")] == ["old"]


@settings(max_examples=60)
@given(WORDS, WORDS)
def test_the_parts_hold_both_texts_whole(first: list[str], second: list[str]) -> None:
    old, new = "".join(first), "".join(second)
    parts = word_diff(old, new)
    assert "".join(part.text for part in parts if part.kind != "new") == old
    assert "".join(part.text for part in parts if part.kind != "old") == new


@settings(max_examples=60)
@given(WORDS, WORDS)
def test_stretches_are_equal_and_in_order(old: list[str], new: list[str]) -> None:
    found = stretches(old, new, Effort())
    assert all(old[a : a + size] == new[b : b + size] for a, b, size in found)
    ends = [(0, 0), *((a + size, b + size) for a, b, size in found)]
    assert all(a >= before[0] and b >= before[1] for (a, b, _), before in zip(found, ends, strict=False))


def test_without_effort_left_a_change_stands_whole() -> None:
    old, new = "a b c d e a b", "b a d c e b a"
    assert word_diff(old, new, effort=Effort(0)) == (Part("old", old), Part("new", new))


def test_what_is_small_is_compared_when_something_else_was_too_much() -> None:
    effort = Effort(100)
    assert not effort.spend(101)
    assert effort.spend(100)
    assert not effort.spend(1)


def test_the_longest_rising_run_is_found() -> None:
    assert longest_rising([4, 0, 1, 5, 2, 3]) == [1, 2, 4, 5]
    assert longest_rising([]) == []
