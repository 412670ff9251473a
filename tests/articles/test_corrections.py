"""What changes in public is said in public: a note is asked for, and stands on the page."""

from typing import Any

import pytest
from flask import Flask

from blog.articles import writing
from blog.articles.models import Article, Revision
from blog.editor import reviewing
from blog.errors import Invalid
from blog.extensions import db
from blog.lib.database import writing as transaction
from tests.editor.editor_pages import as_person
from tests.factories.articles import make_document, make_published, make_revised, make_submitted
from tests.people import ARUN, join
from tests.visitor import Visitor


def draft_of(app: Flask, article: Article, *, note: str = "", **overrides: Any) -> Revision:
    actor = join(app, ARUN)
    with app.app_context(), transaction(db.session):
        row = db.session.get_one(Article, article.id)
        return writing.save_revision(
            actor=actor,
            article=row,
            document=make_document(**overrides),
            based_on_id=article.live_revision_id or 0,
            note=note,
        )


def submit(app: Flask, revision: Revision, *, public_note: str = "") -> Revision:
    actor = join(app, ARUN)
    with app.app_context(), transaction(db.session):
        row = db.session.get_one(Revision, revision.id)
        article = db.session.get_one(Article, row.article_id)
        reviewing.submit(actor=actor, revision=row, article=article, public_note=public_note)
        return row


def test_what_is_live_is_not_corrected_without_a_word(app: Flask) -> None:
    draft = draft_of(app, make_published(app))
    with pytest.raises(Invalid) as refusal:
        submit(app, draft)
    assert refusal.value.at("public_note") == ["say what changed since it was published; readers see it on the page"]
    assert submit(app, draft, public_note=" The  cause. ").public_note == "The cause."


def test_the_words_it_was_saved_with_will_do(app: Flask) -> None:
    assert submit(app, draft_of(app, make_published(app), note="The time of the alarm")).public_note == (
        "The time of the alarm"
    )


def test_a_first_publication_corrects_nothing(app: Flask) -> None:
    assert make_submitted(app).public_note is None


def test_a_note_that_is_too_long_is_refused(app: Flask) -> None:
    with pytest.raises(Invalid) as refusal:
        submit(app, draft_of(app, make_published(app)), public_note="x" * 1_001)
    assert refusal.value.status == 422


def test_the_form_asks_for_the_note_and_keeps_what_was_typed(app: Flask) -> None:
    draft = draft_of(app, make_published(app))
    arun = as_person(app, ARUN)
    address = f"/editor/revisions/{draft.id}"
    assert 'name="public_note"' in arun.get(address).text
    answer = arun.post(f"{address}/submit", data={"note": "Look at the times.", "public_note": " "})
    assert answer.status_code == 400
    assert 'id="public-note-error"' in answer.text
    assert "Look at the times." in answer.text
    assert arun.post(f"{address}/submit", data={"public_note": "The times."}).status_code == 303
    assert "The times." in arun.get(address).text


def test_readers_see_the_notes_with_the_latest_first(app: Flask, client: Visitor) -> None:
    article = make_published(app, slug="full")
    assert "Revised" not in client.get("/postmortems/full").text
    make_revised(app, article, public_note="The cause was <another>.", body="Second.")
    page = client.get("/postmortems/full").text
    assert "The cause was &lt;another&gt;." in page
    assert "/postmortems/full/compare?from=1&amp;to=2" in page
    make_revised(app, article, public_note="The times.", body="Third.")
    page = client.get("/postmortems/full").text
    assert page.index("The times.") < page.index("The cause was")
    assert "The cause was &lt;another&gt;." in client.get("/postmortems/full/revisions").text


def test_saving_and_submitting_in_one_asks_for_the_note_beside_its_field(app: Flask) -> None:
    article = make_published(app)
    arun = as_person(app, ARUN)
    sent = {"title": "Other", "body": "Other.", "based_on_id": str(article.live_revision_id), "submit": "1"}
    answer = arun.post(f"/editor/articles/{article.id}", data=sent)
    assert answer.status_code == 400
    assert 'href="#f-note"' in answer.text
    assert 'id="f-note-error"' in answer.text
    assert arun.post(f"/editor/articles/{article.id}", data={**sent, "note": "The title."}).status_code == 303
