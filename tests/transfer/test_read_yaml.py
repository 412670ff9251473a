"""YAML incident files: named fields become the document's; the rest stays readable in the body."""

import pytest

from blog.errors import Invalid
from tests.transfer.reading import document_of, read_text, reading_of

GREENHOUSE = "incidents/2025-greenhouse-agent.yaml"


def test_an_incident_file_becomes_a_document() -> None:
    document, (incident,) = document_of(GREENHOUSE), document_of(GREENHOUSE).incidents
    assert incident.kind == "near-miss" and incident.severity == "SEV3"
    assert incident.ai is not None
    assert (incident.ai.system, incident.ai.vendor, incident.ai.autonomy) == (
        "Vent keeper (gh-2)", "Glasshouse Tools", "acts-alone",
    )  # fmt: skip
    assert incident.factors[0].name == "Prompt injection"
    assert [action.text for action in document.actions] == [
        "Ask before opening more than one vent",
        "Keep notes out of the agent's sight",
    ]
    assert document.sources[0].primary is False and document.timeline == []
    assert incident.reversibility == "reversible"


def test_the_one_date_is_the_day_it_became_public_and_told() -> None:
    (incident,) = document_of(GREENHOUSE).incidents
    assert incident.times.disclosed is not None and incident.times.disclosed.as_text() == "2025-01-20"
    assert any("one date" in guess for guess in reading_of(GREENHOUSE).guesses)


def test_what_no_field_takes_stays_readable() -> None:
    body = document_of(GREENHOUSE).body
    assert "## Trigger\n\nA note that said open me." in body
    assert "- Confidence: confirmed" in body


def test_its_id_is_its_address() -> None:
    assert reading_of(GREENHOUSE).slug == "2025-greenhouse-agent"


def test_a_timeline_with_times_and_one_without_words() -> None:
    rows = ["{time: 2025-01-02 10:00 UTC, event: begins}", "{time: someday, event: goes on}", "{time: x}"]
    text = "title: T\ntimeline:\n" + "".join(f"- {row}\n" for row in rows)
    reading = read_text(text, "a.yaml")
    assert [row["text"] for row in reading.data["timeline"]] == ["begins", "someday: goes on"]
    assert any("1 timeline row(s) without words" in guess for guess in reading.guesses)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- a\n- b", "no mapping"),
        ("summary: x", "title: this is required"),
        ("a: [", "broken YAML"),
        ("a: &b 1\nc: *b", "alias"),
    ],
)
def test_what_tells_no_incident_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        read_text(text, "a.yml")
