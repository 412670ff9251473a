"""Beginning with the questions of a kind of incident: GET /editor/new?outline=<key>."""

import pytest
from flask import Flask

from blog.editor.outlines import OUTLINES, Outline, outline_for
from tests.editor.editor_pages import as_person, form_of
from tests.factories.articles import make_document, make_draft
from tests.people import ARUN


@pytest.mark.parametrize("outline", OUTLINES, ids=lambda one: one.key)
def test_an_outline_gives_headings_and_asks_its_questions(app: Flask, outline: Outline) -> None:
    page = as_person(app, ARUN).get(f"/editor/new?outline={outline.key}")
    fields = form_of(page)
    for one in outline.questions:
        assert f"## {one.heading}" in fields["body"]
        for asked in one.asked:
            assert asked.replace("'", "&#39;") in page.text
    assert {name: fields[name] for name in outline.fields} == outline.fields
    assert all(
        any(one.heading == told for one in outline.questions) for told in ("What surprised us", "Where we got lucky")
    )


@pytest.mark.parametrize("outline", OUTLINES, ids=lambda one: one.key)
def test_what_an_outline_begins_is_saved_without_its_empty_rows(app: Flask, outline: Outline) -> None:
    client = as_person(app, ARUN)
    fields = {**form_of(client.get(f"/editor/new?outline={outline.key}")), "title": "Something stopped"}
    assert client.post("/editor/articles", data=fields).status_code == 303
    saved = form_of(client.get("/editor/articles/1"))
    assert saved["incidents-0-kind"] == outline.fields["incidents-0-kind"]
    assert "incidents-0-permissions-0-holder" not in saved
    assert "claims-0-claimant" not in saved


def test_the_questions_stay_while_somebody_writes(app: Flask) -> None:
    client = as_person(app, ARUN)
    fields = {**form_of(client.get("/editor/new?outline=near-miss")), "title": "Almost"}
    asked = "What nearly happened"
    for answer in (
        client.post("/editor/articles", data={**fields, "add": "timeline"}),
        client.get("/editor/new"),
        client.post("/editor/articles", data={**fields, "body": "x", "as_text": "1"}),
    ):
        assert asked in answer.text


def test_plain_text_begins_with_the_same_headings(app: Flask) -> None:
    text = form_of(as_person(app, ARUN).get("/editor/new/text?outline=agent"))["text"]
    assert text.startswith("---\ntitle:")
    assert "## What it was allowed to do" in text


def test_a_word_that_is_no_outline_is_the_empty_page(app: Flask) -> None:
    assert form_of(as_person(app, ARUN).get("/editor/new?outline=unheard-of"))["body"] == ""


def test_an_outline_that_was_only_looked_at_is_not_kept(app: Flask) -> None:
    client = as_person(app, ARUN)
    client.post("/editor/articles", data={**form_of(client.get("/editor/new?outline=agent")), "preview": "1"})
    assert "You go on from what you typed" not in client.get("/editor/new").text


@pytest.mark.parametrize(
    ("document", "key"),
    [
        ({"incidents": [{"ai": {"system": "helper"}}]}, "agent"),
        ({"incidents": [{"kind": "near-miss"}]}, "near-miss"),
        ({"tags": ["Security"]}, "security"),
        ({}, "outage"),
        ({"body": "## What happened\n\n## What it was allowed to do\n\nNothing."}, "agent"),
        ({"body": "## What happened\n\nIt stopped."}, "outage"),
    ],
)
def test_a_write_up_that_exists_gets_the_questions_that_fit_it(
    app: Flask, document: dict[str, object], key: str
) -> None:
    assert outline_for(make_document(**document)).key == key
    draft = make_draft(app, **document)
    assert "Questions that help" in as_person(app, ARUN).get(f"/editor/articles/{draft.article_id}").text
