"""The plain-text mode: the same document in one field, with the same save path."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog.articles.document import parse_document_text
from blog.articles.models import Revision
from blog.articles.plain_text import to_text
from blog.extensions import db
from tests.editor.editor_pages import as_person, form_of
from tests.factories.articles import make_draft
from tests.people import ARUN, ROSA

TEXT = """---
title: Queue stood still
tags: [queues]
timeline:
- at: 2025-12-14 09:30 UTC
  text: It began
---

A lock.
"""


def test_a_text_becomes_a_draft(app: Flask) -> None:
    answer = as_person(app, ARUN).post("/editor/articles/text", data={"text": TEXT.replace("\n", "\r\n")})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/editor/articles/1/text"
    with app.app_context():
        document = parse_document_text(db.session.get_one(Revision, 1).document)
    assert (document.title, document.body, document.timeline[0].text) == ("Queue stood still", "A lock.", "It began")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("---\ntitle: [broken\ntags: x\n---\n\nBody", "line 3"),
        ("---\ntitle: T\ntags: x: y\n---\n\nBody", "line 3"),
        ("---\ntitle: T\n", "closing"),
        ("no front matter", "front matter"),
        ("---\ntitle: T\ntimeline:\n- text: x\n  at: yesterday\n---\n\nB", "timeline.0.at"),
        ("---\ntitle: T\nmarker: x\n---\n\nB", "marker: there is no field of this name"),
        ("---\ntitle: T\n---\n", "body: this is required"),
        ("---\na: &a [x]\nb: *a\n---\nB", "alias"),
        ("", "front matter"),
    ],
)
def test_a_text_that_cannot_be_read_comes_back_with_the_line_or_path_and_the_reason(
    app: Flask, text: str, said: str
) -> None:
    answer = as_person(app, ARUN).post("/editor/articles/text", data={"text": text})
    assert answer.status_code == 400
    assert said in answer.text
    assert form_of(answer)["text"].strip() == text.strip()
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Revision)) == 0


def test_the_text_of_a_write_up_saved_again_changes_nothing(app: Flask) -> None:
    draft = make_draft(app, timeline=[{"at": "2025-12", "text": "It began"}], claims=[
        {"text": "It was us", "claimant": "The vendor", "role": "vendor"}])  # fmt: skip
    client = as_person(app, ARUN)
    address = f"/editor/articles/{draft.article_id}/text"
    fields = form_of(client.get(address))
    assert fields["text"].strip() == to_text(parse_document_text(draft.document)).strip()
    assert client.post(address, data=fields).status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Revision)) == 1


def test_a_text_based_on_an_old_revision_is_a_conflict_that_loses_nothing(app: Flask) -> None:
    draft = make_draft(app)
    author, reviewer = as_person(app, ARUN), as_person(app, ROSA)
    address = f"/editor/articles/{draft.article_id}/text"
    mine, theirs = form_of(author.get(address)), form_of(reviewer.get(address))
    reviewer.post(address, data={**theirs, "text": TEXT.replace("A lock.", "Rosa's words")})
    answer = author.post(address, data={**mine, "text": TEXT.replace("A lock.", "Arun's words")})
    assert answer.status_code == 409
    kept = form_of(answer)
    assert "Arun's words" in kept["text"]
    assert "Rosa&#39;s words" in answer.text
    assert author.post(address, data=kept).status_code == 303


def test_typed_text_moves_between_the_two_modes_without_being_saved(app: Flask) -> None:
    client = as_person(app, ARUN)
    form = form_of(client.post("/editor/articles/text", data={"text": TEXT, "as_form": "1"}))
    assert (form["title"], form["timeline-0-text"]) == ("Queue stood still", "It began")
    text = form_of(client.post("/editor/articles", data={**form, "as_text": "1"}))["text"]
    assert "It began" in text
    assert "A lock." in text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Revision)) == 0


def test_the_text_is_previewed_above_it(app: Flask) -> None:
    page = as_person(app, ARUN).post("/editor/articles/text", data={"text": TEXT + "\n**bold**\n", "preview": "1"})
    assert page.status_code == 200
    assert "<strong>bold</strong>" in page.text
    assert "**bold**" in form_of(page)["text"]


@pytest.mark.parametrize(("text", "shown"), [(TEXT, "It began"), ("---\ntitle: [broken", "1 thing needs a change")])
def test_a_script_gets_the_preview_of_a_text_alone(app: Flask, text: str, shown: str) -> None:
    answer = as_person(app, ARUN).post("/editor/preview", data={"text": text})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert shown in answer.text
