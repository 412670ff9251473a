"""Markdown with front matter: our own fields as they are, others' common fields as far as they can be told."""

import pytest

from blog.articles.document import parse_document
from blog.errors import Invalid
from tests.transfer.reading import document_of, read_text, reading_of


def test_the_common_fields_of_others_are_mapped() -> None:
    document = document_of("front/harbour-cranes.md")
    (incident,) = document.incidents
    assert document.title == "Harbour cranes stopped for a tide"
    assert [row.name for row in incident.organisations] == ["Quay & Sons"]
    assert [row.name for row in incident.services] == ["crane scheduler", "berth planner"]
    assert document.tags == ["automation", "config-change", "cranes", "harbour", "scheduler"]
    assert incident.times.started is not None and incident.times.started.as_text() == "2021-03-04 05:20:00+01:00"
    assert incident.times.resolved is not None
    assert document.sources[0].url == "https://reports.example.org/harbour-cranes"
    assert str(document.sources[0].accessed_on) == "2024-05-06"


def test_markdown_in_the_summary_is_plain_and_its_links_are_sources() -> None:
    document = document_of("front/harbour-cranes.md")
    assert document.summary == "A wrong tide table stopped crane-7; see the notice."
    assert document.sources[1].url == "https://reports.example.org/notice"


def test_what_no_field_takes_is_told() -> None:
    assert "left out front matter that no field takes: mood" in reading_of("front/harbour-cranes.md").guesses


def test_a_title_for_a_numbered_file_is_its_first_sentence() -> None:
    reading = reading_of("front/0b8f1c2d-aaaa-4bbb-8ccc-0123456789ab.md")
    assert reading.data["title"] == "Lamp Works: A firmware update turned every street lamp off at dusk"
    assert reading.guesses == ("there is no title; it is taken from the first sentence",)


def test_a_time_before_computers_and_one_that_cannot_be_are_left_out_and_told() -> None:
    reading = reading_of("front/old-and-impossible-times.md")
    assert "incidents" not in reading.data
    assert "1712-08-10" in reading.guesses[0] and "2019-02-30" in reading.guesses[1]


def test_our_own_file_is_read_as_it_stands() -> None:
    reading, document = reading_of("own/kiln-controller.md"), document_of("own/kiln-controller.md")
    assert reading.slug == "kiln-controller" and reading.authors == ("Una Potter",)
    assert reading.published_at is not None and reading.published_at.isoformat() == "2024-11-02T10:00:00+00:00"
    assert "## Timeline" in document.body
    assert document.incidents[0].times.detected is not None
    assert document.incidents[0].times.detected.as_text() == "2024-10"


def test_a_draft_by_its_own_word_is_a_draft() -> None:
    assert read_text("---\ntitle: T\ndraft: true\n---\n\nwords").is_draft


def test_more_tags_than_fit_are_told() -> None:
    reading = read_text(f"---\ntitle: T\ntags: [{', '.join(f't{number}' for number in range(13))}]\n---\n\nwords")
    assert len(reading.data["tags"]) == 10
    assert any("t10, t11, t12" in guess for guess in reading.guesses)


def test_a_summary_that_is_too_long_stays_whole_in_the_body() -> None:
    long = "word " * 600
    reading = read_text(f"---\ntitle: T\nsummary: {long}\n---\n\nwords")
    assert long.strip() in reading.data["body"] and len(reading.data["summary"]) <= 400
    parse_document(reading.data)


@pytest.mark.parametrize("word", ["critical", "SEV-1", "P1", "sev1"])
def test_severities_of_others_are_read(word: str) -> None:
    assert read_text(f"---\ntitle: T\nseverity: {word}\n---\n\nx").data["incidents"][0]["severity"] == "SEV1"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("---\ntitle: [unclosed\n---\nx", "broken YAML"),
        ("---\ntitle: T\nx", "no closing ---"),
        ("---\n- a\n- b\n---\nx", "no mapping|not a mapping"),
        ("---\na: &x [1]\nb: *x\n---\nx", "alias"),
        ("---\ntitle: T\ntitle: U\n---\nx", "stands twice"),
        ("---\na: " + "[" * 60 + "]" * 60 + "\n---\nx", "nested deeper"),
        ("---\ntitle: !!python/object/apply:os.system ['true']\n---\nx", "broken YAML"),
        ("---\ntitle: " + "t" * 201 + "\n---\nx", "at most 200"),
    ],
)
def test_broken_and_hostile_front_matter_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        read_text(text)
