"""The queue of reviewers: what waits for whom, in which order, and what is said of it."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from blog.articles.models import Article, Revision
from blog.editor import reviewing
from blog.extensions import db
from blog.lib import clock
from blog.lib.database import writing
from tests.editor.editor_pages import as_person
from tests.editor.test_scheduling import schedule
from tests.factories.articles import make_approved, make_draft, make_published, make_submitted
from tests.people import ADA, ARUN, MIA, RAVI, ROSA, join
from tests.statements import counted


def test_a_revision_stands_where_its_next_step_is(app: Flask) -> None:
    make_draft(app, title="Not asked for")
    make_submitted(app, title="Written by Arun")
    make_submitted(app, title="Written by Rosa", author=ROSA)
    make_approved(app, title="Approved one", reviewer=RAVI)
    schedule(app, RAVI, make_approved(app, title="Planned one", reviewer=RAVI), clock.now() + timedelta(hours=1))
    make_published(app, title="Live one")
    parts = {
        "review": "Written by Arun",
        "others": "Written by Rosa",
        "publish": "Approved one",
        "scheduled": "Planned one",
    }
    titles = {*parts.values(), "Not asked for", "Live one"}
    for part, title in parts.items():
        page = as_person(app, ROSA).get(f"/editor/queue?part={part}").text
        assert {one for one in titles if one in page} == {title}, part


def test_what_waits_longest_comes_first(app: Flask) -> None:
    for number in range(3):
        make_submitted(app, title=f"Number {number}")
    page = as_person(app, ROSA).get("/editor/queue").text
    assert page.index("Number 0") < page.index("Number 1") < page.index("Number 2")


def test_who_approved_already_waits_for_others(make_app: Any) -> None:
    app = make_app(approvals_required=2)
    submitted = make_submitted(app, title="Half done")
    rosa = as_person(app, ROSA)
    rosa.post(f"/editor/revisions/{submitted.id}/approve", data={"hash": submitted.document_hash})
    assert "Half done" not in rosa.get("/editor/queue").text
    assert "Half done" in rosa.get("/editor/queue?part=others").text
    page = as_person(app, RAVI).get("/editor/queue").text
    assert "Half done" in page
    assert "1 of 2 approvals" in page


def test_the_note_of_a_submission_is_read_by_its_reviewers(app: Flask) -> None:
    draft = make_draft(app)
    note = "Please look at <b>the times</b>."
    as_person(app, ARUN).post(f"/editor/revisions/{draft.id}/submit", data={"note": note})
    for path in ("/editor/queue", f"/editor/revisions/{draft.id}"):
        assert "Please look at &lt;b&gt;the times&lt;/b&gt;." in as_person(app, ROSA).get(path).text


def test_a_note_that_is_too_long_comes_back_whole(app: Flask) -> None:
    draft, note = make_draft(app), "x" * 4_001
    answer = as_person(app, ARUN).post(f"/editor/revisions/{draft.id}/submit", data={"note": note})
    assert answer.status_code == 422
    assert note in answer.text
    assert 'id="submit-note-error"' in answer.text


def test_the_page_of_a_review_leads_to_the_next(app: Flask) -> None:
    first, second = make_submitted(app, title="First one"), make_submitted(app, title="Second one")
    page = as_person(app, ROSA).get(f"/editor/revisions/{first.id}").text
    assert f"/editor/revisions/{second.id}" in page
    assert "Second one" in page
    assert "Second one" not in as_person(app, ARUN).get(f"/editor/revisions/{first.id}").text


def test_the_queue_has_pages_and_none_beyond_the_last(app: Flask) -> None:
    submit_many(app, 31)
    client = as_person(app, ROSA)
    assert client.get("/editor/queue").text.count('class="desk-title"') == 30
    assert client.get("/editor/queue?page=2").text.count('class="desk-title"') == 1
    assert client.get("/editor/queue?page=3").status_code == 404
    assert client.get("/editor/queue?page=x").status_code == 400
    assert client.get("/editor/queue?part=nowhere").status_code == 404


def test_a_longer_queue_takes_no_more_questions(app: Flask) -> None:
    submit_many(app, 2)
    client = as_person(app, ROSA)
    few = questions(app, client)
    submit_many(app, 25)
    assert questions(app, client) == few


@pytest.mark.parametrize("person", [ARUN, MIA], ids=lambda person: person.role)
def test_only_reviewers_see_the_queue(app: Flask, person: Any) -> None:
    assert as_person(app, person).get("/editor/queue").status_code == 403


def test_an_author_takes_a_submission_back(app: Flask) -> None:
    submitted = make_submitted(app)
    arun = as_person(app, ARUN)
    assert "Take it back" in arun.get(f"/editor/revisions/{submitted.id}").text
    assert as_person(app, ADA).post(f"/editor/revisions/{submitted.id}/recall").status_code == 403
    assert arun.post(f"/editor/revisions/{submitted.id}/recall").status_code == 303
    with app.app_context():
        assert db.session.get_one(Revision, submitted.id).state == "draft"
    assert arun.post(f"/editor/revisions/{submitted.id}/recall").status_code == 403
    assert arun.post(f"/editor/revisions/{submitted.id}/submit").status_code == 303


def submit_many(app: Flask, count: int) -> None:
    """One draft, then rows like it: thirty whole write-ups would take seconds."""
    first = make_draft(app)
    actor = join(app, ARUN)
    with app.app_context(), writing(db.session):
        model = db.session.get_one(Revision, first.id)
        reviewing.submit(actor=actor, revision=model, article=db.session.get_one(Article, first.article_id))
        for number in range(2, count + 1):
            db.session.add(
                Revision(
                    article_id=model.article_id, number=number, state="submitted", title=f"Entry {number}",
                    document=model.document, document_hash=model.document_hash, created_by_id=model.created_by_id,
                    created_at=model.created_at, submitted_at=model.submitted_at, rendered=model.rendered,
                )
            )  # fmt: skip


def questions(app: Flask, client: Any) -> int:
    with counted(app) as asked:
        assert client.get("/editor/queue").status_code == 200
    return len(asked)
