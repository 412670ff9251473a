"""`docs/safety.md` tells the truth: every promise has its tests, every limit the value and the place it names."""

import importlib
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from blog.settings import PREFIX, Settings
from tests.architecture.test_imports import ROOT

PAGE = (ROOT / "docs" / "safety.md").read_text(encoding="utf-8")
LINES = 43
LESSONS = 15
TESTS = re.compile(r"^def test_(line|lesson)_(\d\d)(?:_and_(\d\d))?_", re.MULTILINE)


def rows(heading: str) -> list[list[str]]:
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def named_tests() -> Iterator[tuple[str, int, str]]:
    """(line or lesson, number, path) of every test that is named after one."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        for kind, *numbers in TESTS.findall(path.read_text(encoding="utf-8")):
            yield from ((kind, int(number), path.relative_to(ROOT).as_posix()) for number in numbers if number)


def test_every_line_is_promised_or_said_not_to_be_there() -> None:
    promised = [int(row[0]) for row in rows("Promises")]
    missing = [int(row[0]) for row in rows("Not there yet")]
    assert sorted(promised + missing) == list(range(1, LINES + 1))


def test_every_promise_has_a_test_of_its_name_in_a_file_it_tells_of() -> None:
    found = set(named_tests())
    for number, _, _, tests in rows("Promises"):
        assert any(("line", int(number), path) in found for path in named(tests)), f"line {number}"
    assert {number for kind, number, _ in found if kind == "line"} == {int(row[0]) for row in rows("Promises")}


def test_every_lesson_is_told_and_tested() -> None:
    told = {int(number): named(tests) for numbers, _, tests in rows("Lessons from what went wrong elsewhere")
            for number in numbers.split(", ")}  # fmt: skip
    assert sorted(told) == list(range(1, LESSONS + 1))
    by_line = {11: 41, 13: 29}  # the same promise
    found = set(named_tests())
    for number, paths in told.items():
        wanted = ("line", by_line[number]) if number in by_line else ("lesson", number)
        assert any((*wanted, path) in found for path in paths), f"lesson {number}"


def test_every_place_it_names_is_there() -> None:
    for table in ("Promises", "Lessons from what went wrong elsewhere", "Limits"):
        for row in rows(table):
            for path in named(row[-1]):
                assert (ROOT / path).is_file(), path
    for _, _, kept, _ in rows("Promises"):
        for path in named(kept):
            assert list(ROOT.glob(path.rstrip("/"))), path


@pytest.mark.parametrize("row", rows("Limits"), ids=lambda row: str(row[0]))
def test_every_limit_is_what_the_program_says(app: Flask, row: list[str]) -> None:
    _, limit, where, _ = row
    (place, *_) = named(where)
    if place.startswith(PREFIX):
        value = str(Settings.model_fields[place.removeprefix(PREFIX).lower()].default)
        assert limit.removesuffix(" bytes").replace(",", "") == value
        return
    number = int(re.sub(r"[^\d]", "", limit))
    if place in app.config:
        assert app.config[place] == number
        return
    module, _, name = place.rpartition(".")
    value = getattr(importlib.import_module(module), name)
    assert (value // timedelta(minutes=1) if isinstance(value, timedelta) else value) == number
