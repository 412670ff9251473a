"""Hostile files and lines: each costs itself alone, is told in the report, and lets the rest come in."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError

from blog.comments.models import Comment
from blog.transfer import bundle, readers
from blog.transfer.guard import guarded
from tests.transfer.site import articles_in, rows_of, run_import

USER = {"type": "user", "name": "Una", "email": "una@people.example"}
ARTICLE: dict[str, Any] = {"type": "article", "slug": "kiln", "document": {"title": "Kiln", "body": "words"}}
COMMENT = {
    "type": "comment", "article": "kiln", "id": "c1", "user": "una@people.example",
    "created_at": "2024-01-02T00:00:00Z", "text": "words",
}  # fmt: skip
TAGS = ['!!int ""', '!!int "_"', '!!float ""', "!!bool foo", "!!timestamp foo"]


def write_bundle(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def refusals(output: str) -> list[str]:
    return [line for line in output.partition("Refused:\n")[2].splitlines() if line.startswith("  ")]


@pytest.mark.parametrize("value", TAGS)
def test_yaml_that_breaks_the_library_is_refused_and_the_others_come_in(app: Flask, tmp_path: Path, value: str) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text(f"---\ntitle: T\nx: {value}\n---\nwords")
    (folder / "b.yaml").write_text(f"title: T\nx: {value}\n")
    (folder / "c.md").write_text("# Good\n\nwords")
    result = run_import(app, folder)
    assert result.exit_code == 1 and list(articles_in(app)) == ["good"]
    assert [line.split(": ")[0].strip() for line in refusals(result.output)] == ["notes/a.md", "notes/b.yaml"]
    assert all("is not accepted" in line for line in refusals(result.output))


def test_an_unforeseen_error_of_a_reader_refuses_its_file_alone(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    read = readers.read

    def breaking(raw: bytes, name: str) -> Any:
        if name == "b.md":
            raise IndexError("odd")
        return read(raw, name)

    monkeypatch.setattr(readers, "read", breaking)
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.md").write_text(f"# Note {name}\n\nwords")
    result = run_import(app, folder)
    assert result.exit_code == 1 and set(articles_in(app)) == {"note-a", "note-c"}
    (refusal,) = refusals(result.output)
    assert refusal.endswith("notes/b.md: could not be read (IndexError)")
    assert any(record.exc_info and "b.md" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("name", ["_article", "_comment", "_user"])
@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_an_unforeseen_error_of_a_line_refuses_this_line_alone(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, options: tuple[str, ...]
) -> None:
    whole = getattr(bundle, name)

    def breaking(data: dict[str, Any]) -> Any:
        if "odd" in data:
            raise KeyError("odd")
        return whole(data)

    monkeypatch.setattr(bundle, name, breaking)
    odd = {"type": name[1:], "odd": True}
    result = run_import(app, write_bundle(tmp_path / "s.jsonl", USER, ARTICLE, odd, COMMENT), *options)
    assert result.exit_code == 1, result.output
    (refusal,) = refusals(result.output)
    assert "line 3: could not be read (KeyError)" in refusal
    assert "1 write-ups, 1 people, 1 comments" in result.output


def test_an_error_that_shows_when_a_line_is_read_again_refuses_this_line_alone(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = bundle.line_at

    def breaking(file: Any, place: bundle.Place) -> Any:
        line = whole(file, place)
        if getattr(line, "slug", "") == "odd" or getattr(line, "id", "") == "odd":
            raise TypeError("odd")
        return line

    monkeypatch.setattr(bundle, "line_at", breaking)
    lines = (USER, {**ARTICLE, "slug": "odd"}, ARTICLE, {**COMMENT, "id": "odd"}, COMMENT)
    result = run_import(app, write_bundle(tmp_path / "s.jsonl", *lines))
    assert result.exit_code == 1 and list(articles_in(app)) == ["kiln"] and len(rows_of(app, Comment)) == 1
    assert [line.split("line ")[1] for line in refusals(result.output)] == [
        "2: could not be read (TypeError)",
        "4: could not be read (TypeError)",
    ]


@pytest.mark.parametrize("kind", [sqlite3.OperationalError("disk full"), DBAPIError("x", {}, Exception())])
def test_an_error_of_the_database_is_never_taken_for_a_bad_file(kind: Exception) -> None:
    with pytest.raises(type(kind)), guarded("a.md"):
        raise kind


HOSTILE = {
    "a time inside a time": {"timeline": [{"at": {"at": "2025-01-01", "zone": 5}, "text": "x"}]},
    "a time out of this world": {"timeline": [{"at": "9" * 20 + "0" * 29 + "m--2025Wh1e9", "text": "x"}]},
    "ten thousand empty rows": {"timeline": [{}] * 10_000},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_and_the_others_come_in(app: Flask, tmp_path: Path, name: str) -> None:
    hostile = {**ARTICLE, "slug": "bad", "document": {**ARTICLE["document"], **HOSTILE[name]}}
    result = run_import(app, write_bundle(tmp_path / "s.jsonl", USER, hostile, ARTICLE, COMMENT))
    assert result.exit_code == 1 and list(articles_in(app)) == ["kiln"] and len(rows_of(app, Comment)) == 1
    (refusal,) = refusals(result.output)
    assert "line 2: " in refusal and len(refusal) < 2000


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"])
def test_an_instant_outside_of_the_calendar_is_refused_by_its_line(app: Flask, tmp_path: Path, time: str) -> None:
    lines = (USER, {**ARTICLE, "slug": "bad", "published_at": time}, ARTICLE, {**COMMENT, "created_at": time}, COMMENT)
    result = run_import(app, write_bundle(tmp_path / "s.jsonl", *lines))
    assert result.exit_code == 1 and list(articles_in(app)) == ["kiln"] and len(rows_of(app, Comment)) == 1
    assert [line.split("line ")[1][:17] for line in refusals(result.output)] == [
        "2: published_at: ",
        "4: created_at: a ",
    ]


def test_a_repeated_key_among_many_is_found_in_one_pass() -> None:
    counted = 0

    class Name(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            nonlocal counted
            counted += 1
            return str.__eq__(self, other)

    names = [*(Name(f"n{place}") for place in range(1000)), Name("twice"), Name("twice")]
    with pytest.raises(ValueError, match="'twice' stands twice"):
        bundle._without_repeats([(name, 1) for name in names])
    assert counted < 10 * len(names)


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_the_report_names_everybody_who_arrives_with_a_role(
    app: Flask, tmp_path: Path, options: tuple[str, ...]
) -> None:
    people = [
        {"type": "user", "name": f"Eve {role}", "email": f"eve-{role}@people.example", "role": role}
        for role in ("member", "author", "reviewer", "moderator", "admin")
    ]
    path = write_bundle(tmp_path / "s.jsonl", *people)
    result = run_import(app, path, *options)
    told = [line.strip() for line in result.output.splitlines() if " arrives as " in line]
    assert sorted(line.split("/s.jsonl ")[1] for line in told) == [
        f"line {number}: eve-{role}@people.example arrives as {role}"
        for number, role in ((2, "author"), (3, "reviewer"), (4, "moderator"), (5, "admin"))
    ]
    if not options:
        again = run_import(app, path, "--dry-run")
        assert " arrives as " not in again.output and "0 people (5 here already)" in again.output
