"""Differences of two texts: what they show, and that no text keeps the site comparing."""

from blog.lib.diff import MAX_LINES, DiffLine, line_diff


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


def test_the_same_line_thousands_of_times_is_not_compared() -> None:
    new = ["again" if number % 2 else f"line {number}" for number in range(198)]
    assert line_diff("again\n" * 5_900, "\n".join(new)) is None


def test_too_many_lines_are_not_compared() -> None:
    assert line_diff("a\n" * (MAX_LINES + 1), "b") is None
