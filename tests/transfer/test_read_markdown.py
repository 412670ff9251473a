"""Markdown without front matter: headings, labels, tables and lists become fields; nothing of the text is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.articles.document import parse_document
from blog.errors import Invalid
from blog.transfer import outline
from blog.transfer.reading import plain_words
from tests.transfer.reading import document_of, read_text, reading_of

FERRY = "plain/Ferry tickets sold twice.md"


def test_the_first_heading_is_the_title() -> None:
    assert document_of(FERRY).title == "Ferry tickets were sold twice"
    assert "# Ferry" not in document_of(FERRY).body


def test_a_file_without_an_ending_is_read_when_it_has_a_heading() -> None:
    assert document_of("plain/Lamp room dark").title == "The lamp room went dark"


def test_a_file_of_unknown_ending_without_a_heading_is_refused_with_what_to_do() -> None:
    with pytest.raises(Invalid, match=r"name it \.md"):
        read_text("only words", "notes.dat")


def test_a_missing_title_is_taken_from_the_file_name_and_told() -> None:
    reading = read_text("Only words.", "Gate_stuck-open.md")
    assert reading.data["title"] == "Gate stuck open"
    assert reading.guesses == ("there is no title; it is taken from the file's name",)


def test_a_summary_becomes_the_summary_and_leaves_the_body() -> None:
    document = document_of(FERRY)
    assert document.summary == "Two replicas sold the same seats for half an hour."
    assert "## Summary" not in document.body


def test_a_table_of_times_becomes_the_timeline_in_the_zone_the_text_names() -> None:
    rows = document_of(FERRY).timeline
    assert [row.at.as_text() if row.at else None for row in rows] == [
        "2023-01-12 08:05+01:00", "2023-01-12 08:11+01:00", "2023-01-12 00:00:00+01:00", None, "2023-01-12 08:40+01:00",
    ]  # fmt: skip
    assert [row.marker and row.marker.value for row in rows] == ["trigger", "detection", None, None, "resolution"]


def test_a_time_that_cannot_be_read_stays_in_the_words_and_is_told() -> None:
    reading = reading_of(FERRY)
    assert reading.data["timeline"][3] == {"text": "20233-01-12 09:00: the board was told"}
    assert any("20233-01-12 09:00" in guess for guess in reading.guesses)


def test_marked_rows_give_the_incident_its_times() -> None:
    times = document_of(FERRY).incidents[0].times
    assert times.detected is not None and times.detected.as_text() == "2023-01-12 08:11+01:00"
    assert times.resolved is not None and times.resolved.as_text() == "2023-01-12 08:40+01:00"
    assert times.started is None


def test_durations_typed_by_hand_stay_prose() -> None:
    assert "Time to detection: 6 minutes" in document_of(FERRY).body


def test_impact_factors_and_actions_become_rows() -> None:
    document = document_of(FERRY)
    assert document.incidents[0].impact.startswith("- 214 seats")
    assert document.incidents[0].factors[0].name == "Both replicas believed they were primary"
    assert [action.text for action in document.actions] == [
        "Give the lock an owner",
        "Try a restart each month; on a Tuesday",
    ]


def test_a_section_that_no_field_holds_whole_stays_in_the_body() -> None:
    body = document_of(FERRY).body
    assert "## Root cause" in body and "## Lessons Learned" in body
    assert "    - on a Tuesday" in body  # nested items are flattened in the row, so the list stays too


def test_labels_of_a_fixed_form_become_fields() -> None:
    document = document_of("labels/2024-03-02-pump.html.md.erb")
    times = document.incidents[0].times
    assert {name: moment.as_text() for name, moment in times if moment} == {
        "detected": "2024-03-02 10:13+00:00",
        "declared": "2024-03-02 10:30+00:00",
        "mitigated": "2024-03-02 11:05+00:00",
        "resolved": "2024-03-02 12:00+00:00",
    }
    assert [row.text for row in document.timeline] == ["gauge falls", "settings written again"]
    assert [row.text for row in document.actions] == [
        "Keep the settings in two places",
        "Ask the maker why they vanish",
    ]
    assert document.incidents[0].impact == "- Two pumps stood still\n- No water was lost"
    assert "**Time to repair**: 2h 10m" in document.body and "Key events" not in document.body


def test_a_heading_inside_code_is_no_section() -> None:
    reading = read_text("# Real\n\n```\n# Timeline\n| a | b |\n```\n\nwords")
    assert reading.data["title"] == "Real"
    assert "# Timeline" in reading.data["body"]


def test_a_text_that_is_all_fields_keeps_its_text_as_the_body() -> None:
    reading = read_text("# T\n\n## Summary\n\nOnly this.\n")
    assert "Only this." in reading.data["body"]
    assert reading.data["summary"] == "Only this."


def test_a_table_of_actions_gives_owners_and_dates() -> None:
    table = "| Action | Owner | Due | Ticket |\n|---|---|---|---|\n| Fix it | Platform | 2025-02-03 | X-1 |\n"
    (row,) = read_text(f"# T\n\n## Action items\n\n{table}").data["actions"]
    assert row["text"] == "Fix it (ticket: X-1)"
    assert row["owner_role"] == "Platform" and str(row["due_on"]) == "2025-02-03"


def test_nothing_below_actions_is_no_action() -> None:
    assert "actions" not in read_text("# T\n\nx\n\n## Action items\n\n- N/A\n").data


def test_clocks_alone_lend_the_day_of_the_row_above_past_midnight() -> None:
    text = "# T\n\n## Timeline\n\n- 2024-05-01 23:50 UTC: begins\n- 23:58 alarm\n- 00:10 over\n"
    rows = parse_document(read_text(text).data).timeline
    assert [row.at.as_text() if row.at else None for row in rows] == [
        "2024-05-01 23:50+00:00", "2024-05-01 23:58+00:00", "2024-05-02 00:10+00:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("a [link](https://x.example/a_(b)) here", "a link here"),
        ("**bold** and *thin* and `code`", "bold and thin and code"),
        ("snake_case_name and *.apps stay", "snake_case_name and *.apps stay"),
        ("![alt](https://x.example/i.png)", "alt"),
    ],
)
def test_markdown_in_a_summary_is_made_plain(markdown: str, words: str) -> None:
    assert plain_words(markdown)[0] == words


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "# A",
                "## Timeline",
                "- **Impact**: x",
                "- a",
                "    b",
                "",
                "```",
                "| a | b |",
                "---",
                "text",
                "Title\n===",
            ]
        )
    )
)
def test_sections_keep_every_line(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert outline.joined(outline.sections_of(text)) == text.strip("\n")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        parse_document(read_text(text).data)
    except Invalid as error:
        assert error.faults
    except UnicodeEncodeError:
        pass  # no file holds half of a character pair


def test_a_title_that_turns_the_text_around_is_refused() -> None:
    with pytest.raises(Invalid, match="direction"):
        read_text("# a\u202eb\n\nwords")
