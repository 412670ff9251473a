"""Two documents laid over each other: fields, rows by their ids, rows within rows."""

from typing import Any

from blog.articles.comparing import RowChange, compare
from blog.articles.document import Document
from tests.factories.articles import make_document

TIMELINE = [{"id": f"t{n}", "at": f"2025-12-14 0{n}:00 UTC", "text": f"Step {n} began."} for n in range(1, 6)]


def documents(**changed: Any) -> tuple[Document, Document]:
    first = {"title": "Queue stopped", "timeline": TIMELINE}
    return make_document(**first), make_document(**{**first, **changed})


def rows_of(name: str, old: Document, new: Document) -> list[RowChange]:
    return next((one.rows for one in compare(old, new).lists if one.path == name), [])


def test_equal_documents_do_not_differ() -> None:
    comparison = compare(*documents())
    assert not comparison
    assert comparison.summary == ""


def test_a_changed_field_is_told_by_its_words() -> None:
    (change,) = compare(*documents(title="Queue stopped twice")).fields
    assert (change.path, change.label, change.old, change.new) == (
        "title", "Title", "Queue stopped", "Queue stopped twice",
    )  # fmt: skip
    assert [(part.kind, part.text) for part in change.lines[0].parts] == [("same", "Queue stopped"), ("new", " twice")]


def test_rows_are_matched_by_their_ids() -> None:
    changed = {**TIMELINE[2], "text": "Step 3 began late."}
    new_row = {"id": "t9", "text": "Done."}
    rows = rows_of("timeline", *documents(timeline=[TIMELINE[0], changed, *TIMELINE[3:], new_row]))
    assert [(row.kind, row.id) for row in rows] == [("removed", "t2"), ("changed", "t3"), ("added", "t9")]
    assert [one.path for one in rows[1].fields] == ["timeline.t3.text"]


def test_one_row_that_moved_is_the_only_one_said_to_move() -> None:
    rows = rows_of("timeline", *documents(timeline=[TIMELINE[4], *TIMELINE[:4]]))
    assert [(row.kind, row.id) for row in rows] == [("moved", "t5")]


def test_a_row_may_move_and_change() -> None:
    rows = rows_of("timeline", *documents(timeline=[{**TIMELINE[4], "text": "Over."}, *TIMELINE[:4]]))
    assert [(row.kind, row.is_moved) for row in rows] == [("changed", True)]


def test_times_and_rows_within_an_incident_are_told_by_their_paths() -> None:
    incident = {"id": "i1", "times": {"started": "2025-12-14"}, "factors": ["No alarm"], "services": ["Queue"]}
    later = {
        **incident,
        "times": {"started": "2025-12-14", "detected": "unknown"},
        "factors": [{"id": "f1", "name": "No alarm", "text": "Nobody had set one."}, "Full disk"],
        "services": ["Queue", {"name": "Mail", "role": "dependency"}],
        "ai": {"system": "Helper", "autonomy": "acts-alone"},
    }
    comparison = compare(make_document(incidents=[incident]), make_document(incidents=[later]))
    (row,) = comparison.lists[0].rows
    assert {one.label: (one.old, one.new) for one in row.fields} == {
        "Services": ("Queue (affected)", "Queue (affected)\nMail (dependency)"),
        "Detected": ("", "unknown"),
        "AI system": ("", "Helper"),
        "AI autonomy": ("", "Acts alone"),
    }
    assert [(one.kind, one.path) for one in row.lists[0].rows] == [
        ("changed", "incidents.i1.factors.f1"),
        ("added", "incidents.i1.factors.f2"),
    ]
    assert {"incidents.i1", "incidents.i1.factors.f2", "title"} <= comparison.paths


def test_the_same_instant_in_another_zone_differs() -> None:
    there = {**TIMELINE[0], "at": "2025-12-14 09:00+08:00"}
    (row,) = rows_of("timeline", *documents(timeline=[there, *TIMELINE[1:]]))
    assert row.fields[0].old != row.fields[0].new


def test_the_summary_counts_rows() -> None:
    comparison = compare(*documents(title="Another", timeline=[*TIMELINE[1:], {"id": "t9", "text": "Done."}]))
    assert comparison.summary == "title, timeline (1 removed, 1 added)"
