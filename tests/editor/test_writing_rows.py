"""The structured lists as form fields: to the document and back without loss, and faults at their fields."""

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.articles.document import MAX_ROWS, Document, parse_document
from blog.articles.plain_text import from_text
from blog.editor import row_forms
from blog.editor.button_forms import number_rows, press
from blog.editor.field_forms import LISTS, Cell, RowList
from blog.editor.forms import tags_of, tags_text
from blog.editor.row_forms import data_of, field_of, labels_of, read_rows, rows_of, typed_moment, without_blank
from blog.errors import Invalid
from blog.lib.moment import Moment
from tests.factories.articles import make_document

WRITE_UPS = sorted((Path(__file__).parents[2] / "blog" / "seeds" / "write_ups").glob("*.md"))


def fields_of(document: Document) -> list[tuple[str, str]]:
    """A document's rows as a browser sends them: one field a cell."""
    found: list[tuple[str, str]] = []

    def walk(start: str, node: object) -> None:
        if isinstance(node, dict):
            for name, below in node.items():
                walk(f"{start}-{name}" if start else name, below)
        elif isinstance(node, list):
            for place, below in enumerate(node):
                walk(f"{start}-{place}", below)
        else:
            found.append((start, str(node)))

    walk("", rows_of(document))
    return found


def through_the_form(document: Document) -> Document:
    rows = without_blank(read_rows(fields_of(document)))
    plain = document.model_dump(include={"title", "summary", "body", "tags", "language"})
    return parse_document({**plain, "tags": tags_of(tags_text(document.tags)), **data_of(rows)})


@pytest.mark.parametrize("path", WRITE_UPS, ids=lambda path: path.stem)
def test_a_real_write_up_goes_through_the_form_without_loss(path: Path) -> None:
    document = from_text(path.read_text(encoding="utf-8"))
    assert through_the_form(document).hash == document.hash


def test_every_field_of_the_document_has_a_place_in_the_form() -> None:
    """A field that the form does not know would be lost by the first edit."""

    def names(rows: RowList) -> set[str]:
        own = {cell.name for cell in rows.cells} | {block.name for block in rows.blocks}
        return own | {below.name for below in rows.lists} | ({"id"} if rows.prefix else set())

    for rows in LISTS:
        model = Document.model_fields[rows.name].annotation.__args__[0]
        assert names(rows) == set(model.model_fields), rows.name
        for below in rows.lists:
            annotation = model.model_fields[below.name].annotation.__args__[0]
            nested = getattr(annotation, "__origin__", annotation)
            assert names(below) == set(nested.model_fields), below.name
        for block in rows.blocks:
            inner = model.model_fields[block.name].annotation
            nested = inner if hasattr(inner, "model_fields") else inner.__args__[0]
            assert {cell.name for cell in block.cells} == set(nested.model_fields), block.name


@pytest.mark.parametrize(
    "given_time",
    [
        "2025-12-14 09:30 UTC",
        "2025-12",
        "2025",
        "2025-12-14",
        "unknown",
        "2025-12-14 09:30+08:00",
        "2025-12-14 09:30:05Z",
        {"at": "2025-12-14 09:00", "precision": "hour"},
        {"at": "2025-12-14 09:00", "precision": "hour", "zone": "Europe/Berlin"},
        {"at": "2025-12-14", "zone": "America/New_York"},
        {"at": "2025-12", "zone": "Etc/GMT+5"},
        {"at": "2025-12-14 09:30:00", "precision": "day"},
        {"at": None, "precision": "unknown", "zone": "Asia/Shanghai"},
    ],
)
def test_every_kind_of_time_reads_back_as_it_was(given_time: object) -> None:
    document = make_document(timeline=[{"text": "It began", "at": given_time}])
    assert through_the_form(document).hash == document.hash


def test_a_time_is_shown_as_people_write_it() -> None:
    def shown(value: object) -> str:
        return typed_moment(Moment.model_validate(value))

    assert shown("2025-12-14T09:30Z") == "2025-12-14 09:30 UTC"
    assert shown("2025-12") == "2025-12"
    assert shown({"at": "2025-12-14 09:00", "precision": "hour"}) == "about 2025-12-14 09:00 UTC"
    assert typed_moment(None) == ""


def test_rows_without_a_word_leave_the_form_and_the_others_move_up() -> None:
    sent = [
        ("timeline-0-text", " "),
        ("timeline-0-marker", ""),
        ("timeline-4-text", "Second"),
        ("timeline-2-text", "First"),
    ]
    rows = without_blank(read_rows(sent))
    assert [row["text"] for row in rows["timeline"]] == ["First", "Second"]


def test_a_fault_is_shown_at_the_field_it_is_about() -> None:
    sent = [
        ("timeline-0-text", "Fine"),
        ("timeline-3-at", "yesterday"),
        ("incidents-0-times-started", "2025-13"),
        ("incidents-0-permissions-1-granted", "everything"),
        ("sources-0-publisher", "A paper"),
    ]
    rows = without_blank(read_rows(sent))
    labels = labels_of(rows)
    with pytest.raises(Invalid) as caught:
        parse_document({"title": "T", "body": "B", **data_of(rows)})
    found = {field_of(fault.path, labels): labels[field_of(fault.path, labels)] for fault in caught.value.faults}
    assert found == {
        "timeline-1-at": "Timeline 2: When",
        "timeline-1-text": "Timeline 2: What happened",
        "incidents-0-times-started": "Incidents 1: Started",
        "incidents-0-permissions-0-holder": "Incidents 1: Permissions 1: Holder",
        "sources-0": "Sources 1",
    }


@pytest.mark.parametrize(
    "name",
    ["timeline", "timeline-", "timeline-x-text", "timeline-0", "timeline-0-text-more", "-", "incidents-0-times",
     "timeline-99999999999999999999-text", "timeline-٣-text", "incidents-0-permissions-0-holder-x-y"],
)  # fmt: skip
def test_fields_of_strange_names_are_ignored(name: str) -> None:
    rows = read_rows([(name, "x"), ("timeline-7-text", "kept")])
    assert [row["text"] for row in rows["timeline"]][-1:] == ["kept"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["timeline", "incidents", "0", "1", "text", "times", "-", "id", "permissions"]),
            st.text(max_size=4),
        ),
        max_size=12,
    ),
    st.text(max_size=30),
)
@settings(max_examples=60, deadline=None)
def test_no_form_breaks_the_reader(parts: list[tuple[str, str]], button: str) -> None:
    names = ["-".join(one for one, _ in parts[:length]) for length in range(1, len(parts) + 1)]
    rows = read_rows((name, value) for name, (_, value) in zip(names, parts, strict=True))
    for act in ("add", "remove", "move"):
        press(rows, {act: button})
    data_of(without_blank(rows))


@pytest.mark.parametrize(
    ("act", "name"), list(product(("add", "remove", "move"), ("", "x", "timeline-9", "incidents-0", "title")))
)
def test_a_button_that_means_no_row_does_nothing(act: str, name: str) -> None:
    rows = read_rows([("timeline-0-text", "kept")])
    press(rows, {act: name})
    assert [row["text"] for row in rows["timeline"]] == ["kept"]


def test_tags_with_commas_and_quotes_come_back() -> None:
    tags = ["dns", "a, b", 'said "no"', "x"]
    assert tags_of(tags_text(tags)) == tags
    assert tags_of(" dns,, deploys ,") == ["dns", "deploys"]
    assert len(tags_of("x" * 200_000 + ",y")) >= 1


def test_cells_with_a_default_offer_it() -> None:
    def cells(rows: RowList) -> list[Cell]:
        inner = [cell for block in rows.blocks for cell in block.cells]
        return [*rows.cells, *inner, *(cell for below in rows.lists for cell in cells(below))]

    for cell in (cell for rows in LISTS for cell in cells(rows)):
        if cell.default:
            assert cell.default in dict(cell.pairs), cell.name


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "typed",
    [
        "a" + " " * 16_000 + "b",
        "about " + " \t" * 8_000 + "x",
        "x year" * 3_000,
        "2025 hour " * 2_000,
        "a A/" + "/" * 16_000 + "!",
        "a " + "A/b" * 6_000 + " !",
    ],
)
def test_a_long_time_is_refused_without_looking_for_its_parts(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Watched:
        longest = 0

        def fullmatch(self, text: str) -> None:
            self.longest = max(self.longest, len(text))

    watched = Watched()
    monkeypatch.setattr(row_forms, "_TIME", watched)
    rows = read_rows([("timeline-0-at", typed), ("timeline-0-text", "It began")])
    with pytest.raises(Invalid):
        parse_document({"title": "T", "body": "B", **data_of(rows)})
    assert watched.longest <= row_forms.MAX_TIME


def test_blanks_inside_a_time_do_not_matter() -> None:
    rows = read_rows([("timeline-0-at", "about   2025-12-14 \t 09:00" + " " * 300 + "Europe/Berlin")])
    at = {"at": "2025-12-14 09:00", "precision": "hour", "zone": "Europe/Berlin"}
    assert data_of(rows)["timeline"] == [{"at": at}]


def test_every_list_of_the_form_ends_where_that_of_the_document_does() -> None:
    found = {rows.name: rows.most for one in LISTS for rows in (one, *one.lists)}
    assert found == {
        **dict.fromkeys(("timeline", "claims", "sources", "actions"), MAX_ROWS),
        **{"incidents": 20, "relations": 100, "organisations": 50, "services": 100, "factors": 50, "permissions": 50},
    }


@pytest.mark.parametrize(("start", "cell"), [("timeline", "text"), ("incidents-0-services", "name")])
def test_blank_rows_beyond_the_limit_are_dropped_before_any_is_built(start: str, cell: str) -> None:
    sent = [(f"{start}-{place}-{cell}", "") for place in range(9_900)] + [(f"{start}-9950-{cell}", "kept")]
    rows = read_rows(sent)
    rows = rows["incidents"][0]["services"] if "incidents" in start else rows["timeline"]
    assert [row[cell] for row in rows] == ["kept"]


@pytest.mark.parametrize(
    ("start", "cell"),
    [("timeline", "text"), ("incidents", "name"), ("incidents-0-services", "name"), ("actions", "text")],
)
def test_more_rows_than_a_document_takes_are_refused(start: str, cell: str) -> None:
    sent = [(f"{start}-{place}-{cell}", "x") for place in range(MAX_ROWS + 1)]
    with pytest.raises(Invalid, match=r"at most \d+ rows; this form holds 501"):
        read_rows(sent)


def test_fields_below_a_cell_do_not_make_it_typed() -> None:
    assert read_rows([(f"timeline-{place}-text-x", "y") for place in range(MAX_ROWS + 1)])["timeline"] == []


def test_a_full_list_takes_no_further_row() -> None:
    rows = read_rows([(f"timeline-{place}-text", "x") for place in range(MAX_ROWS)])
    with pytest.raises(Invalid) as caught:
        press(rows, {"add": "timeline"})
    assert [fault.path for fault in caught.value.faults] == ["timeline"]
    assert len(rows["timeline"]) == MAX_ROWS


def test_rows_are_numbered_however_many_ids_are_taken() -> None:
    rows = {one.name: [] for one in LISTS}
    rows["sources"] = [{"id": f"s{number}"} for number in range(1, 10_001)] + [{"id": ""}]
    number_rows(rows)
    assert rows["sources"][-1]["id"] == "s10001"
