"""How large a document may be: refused by count, at its path, before much is done with it."""

from typing import Any

import pytest

from blog.articles.document import MAX_TEXT, Document, parse_document, parse_document_text
from blog.errors import Fault, Invalid, NotFound

WHOLE = {"title": "T", "body": "B"}


def faults_of(**fields: Any) -> list[Fault]:
    with pytest.raises(Invalid) as caught:
        parse_document({**WHOLE, **fields})
    return caught.value.faults


@pytest.mark.parametrize("row", [{}, {"text": "x"}, {"id": "t1", "text": "x"}, 5, None])
@pytest.mark.parametrize(
    ("name", "most"),
    [("timeline", 500), ("claims", 500), ("sources", 500), ("actions", 500), ("relations", 100), ("incidents", 20)],
)
def test_too_many_rows_are_one_fault_at_their_list(name: str, most: int, row: Any) -> None:
    assert faults_of(**{name: [row] * 20_000}) == [Fault(name, f"at most {most} entries; this has 20000")]


@pytest.mark.parametrize("name", ["factors", "permissions"])
def test_too_many_rows_of_an_incident_are_one_fault_at_their_list(name: str) -> None:
    faults = faults_of(incidents=[{}, {name: [{}] * 20_000}])
    assert faults == [Fault(f"incidents.1.{name}", "at most 50 entries; this has 20000")]


@pytest.mark.parametrize("row_id", [5, ["t1"], {"a": 1}, True])
def test_an_id_that_is_no_text_is_a_fault(row_id: Any) -> None:
    faults = faults_of(timeline=[{"id": row_id, "text": "x"}, {"id": row_id, "text": "y"}, {"text": "z"}])
    assert [(fault.path, fault.reason) for fault in faults[:1]] == [("timeline.0.id", "this must be text")]


def test_rows_without_ids_get_the_numbers_that_are_free() -> None:
    rows = [{"text": "a"}, {"id": "t1", "text": "b"}, {"text": "c"}, {"id": "t3", "text": "d"}, {"text": "e"}]
    document = parse_document({**WHOLE, "timeline": rows})
    assert [row.id for row in document.timeline] == ["t2", "t1", "t4", "t3", "t5"]


def test_an_id_used_twice_is_refused() -> None:
    assert "'t1' is used twice" in faults_of(timeline=[{"id": "t1", "text": "a"}, {"id": "t1", "text": "b"}])[0].reason


@pytest.mark.parametrize("name", ["timeline", "actions"])
def test_the_texts_of_a_write_up_together_are_bounded(name: str) -> None:
    full = [{"text": "x" * 4_000}] * (MAX_TEXT // 4_000 - 1)
    document = parse_document({**WHOLE, "body": "x" * 4_000, name: full})
    reason = f"all texts of a write-up together hold at most {MAX_TEXT} characters; these hold {MAX_TEXT + 1}"
    assert faults_of(**{"body": "x" * 4_001, name: full}) == [Fault(name, reason)]
    assert parse_document_text(document.canonical()) == document


def test_a_write_up_that_was_stored_before_the_bound_is_still_read() -> None:
    large = Document.model_validate({**WHOLE, "timeline": [{"text": "x" * 4_000}] * 200})
    assert parse_document_text(large.canonical()) == large


@pytest.mark.parametrize("stored", ["{}", "", "null", "[", '{"title": "T"}'])
def test_what_is_stored_and_no_document_is_told_as_not_found(stored: str) -> None:
    with pytest.raises(NotFound, match="cannot be read"):
        parse_document_text(stored)
