"""Reviewing: submit, approve, ask for changes; in the data layer and on its page."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog.articles import writing
from blog.articles.models import Article, Review, Revision
from blog.editor import reviewing
from blog.errors import Invalid, NotAllowed
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.database import writing as transaction
from tests.editor.editor_pages import as_person, form_of
from tests.factories.articles import make_approved, make_document, make_draft, make_published, make_submitted
from tests.people import ADA, ARUN, MIA, RAVI, ROSA, Person, join


def row(app: Flask, revision_id: int) -> Revision:
    with app.app_context():
        return db.session.get_one(Revision, revision_id)


def approve(app: Flask, person: Person, revision: Revision, **changed: Any) -> Any:
    data = {"hash": revision.document_hash, "reason": "", **changed}
    return as_person(app, person).post(f"/editor/revisions/{revision.id}/approve", data=data)


def test_an_author_submits_their_draft(app: Flask) -> None:
    draft = make_draft(app)
    answer = as_person(app, ARUN).post(f"/editor/revisions/{draft.id}/submit")
    assert answer.status_code == 303
    submitted = row(app, draft.id)
    assert submitted.state == "submitted"
    assert submitted.submitted_at is not None
    with app.app_context():
        assert "revision.submitted" in db.session.scalars(select(Event.kind)).all()


def test_a_member_submits_nothing(app: Flask) -> None:
    draft = make_draft(app)
    assert as_person(app, MIA).post(f"/editor/revisions/{draft.id}/submit").status_code == 403
    assert row(app, draft.id).state == "draft"


def test_a_revision_whose_times_cannot_be_is_not_submitted_by_any_way(app: Flask) -> None:
    draft = make_draft(app, incidents=[{"times": {"started": "2025-12-14", "resolved": "2025-12-01"}}])
    answer = as_person(app, ARUN).post(f"/editor/revisions/{draft.id}/submit")
    assert answer.status_code == 400
    assert "incidents.0.times.resolved" in answer.text
    assert row(app, draft.id).state == "draft"


def test_a_reviewer_approves_what_somebody_else_wrote(app: Flask) -> None:
    submitted = make_submitted(app)
    answer = approve(app, ROSA, submitted, reason="Clear and fair.")
    assert answer.status_code == 303
    assert row(app, submitted.id).state == "approved"
    with app.app_context():
        review = db.session.scalars(select(Review)).one()
        assert (review.document_hash, review.reason) == (submitted.document_hash, "Clear and fair.")
        event = db.session.scalars(select(Event).where(Event.kind == "revision.approved")).one()
        assert event.data == {"hash": submitted.document_hash}


@pytest.mark.parametrize("person", [ROSA, ADA], ids=lambda person: person.role)
def test_an_author_cannot_approve_their_own_revision(app: Flask, person: Person) -> None:
    submitted = make_submitted(app, author=person)
    assert approve(app, person, submitted).status_code == 403
    assert row(app, submitted.id).state == "submitted"
    page = as_person(app, person).get(f"/editor/revisions/{submitted.id}").text
    assert "You wrote a part of this revision" in page
    assert 'value="approve"' not in page
    assert f"/editor/revisions/{submitted.id}/approve" not in page


def test_who_wrote_an_earlier_part_cannot_approve_the_later_revision(app: Flask) -> None:
    draft = make_draft(app, author=ROSA)
    ravi = as_person(app, RAVI)
    address = f"/editor/articles/{draft.article_id}"
    answer = ravi.post(address, data={**form_of(ravi.get(address)), "body": "Ravi rewrote all of it", "submit": "1"})
    assert answer.headers["Location"] == f"/editor/revisions/{draft.id + 1}"
    assert approve(app, ROSA, row(app, draft.id + 1)).status_code == 403
    assert approve(app, ADA, row(app, draft.id + 1)).status_code == 303


def test_an_author_by_role_approves_nothing(app: Flask) -> None:
    submitted = make_submitted(app, author=ROSA)
    with app.app_context(), pytest.raises(NotAllowed):
        revision = db.session.get_one(Revision, submitted.id)
        reviewing.approve(actor=join(app, ARUN), revision=revision, document_hash=revision.document_hash)


def test_an_approval_is_of_exactly_the_text_that_was_seen(app: Flask) -> None:
    submitted = make_submitted(app)
    for wrong in ("", "0" * 64, make_document().hash):
        answer = approve(app, ROSA, submitted, hash=wrong)
        assert answer.status_code == 400
        assert "another text" in answer.text
    assert row(app, submitted.id).state == "submitted"


def test_a_draft_that_was_not_submitted_is_not_approved(app: Flask) -> None:
    draft = make_draft(app)
    assert approve(app, ROSA, draft).status_code == 403


def test_a_change_after_the_approval_needs_an_approval_of_its_own(app: Flask) -> None:
    approved, arun = make_approved(app), join(app, ARUN)
    with app.app_context(), transaction(db.session):
        article = db.session.get_one(Article, approved.article_id)
        later = writing.save_revision(actor=arun, article=article, document=make_document(), based_on_id=approved.id)
    assert row(app, approved.id).state == "replaced"
    assert row(app, later.id).state == "draft"
    rosa = as_person(app, ROSA)
    assert rosa.post(f"/editor/revisions/{approved.id}/publish").status_code == 403
    assert rosa.post(f"/editor/revisions/{later.id}/publish").status_code == 403


def test_who_reviews_what_was_replaced_meanwhile_keeps_their_words(app: Flask) -> None:
    submitted, arun = make_submitted(app), join(app, ARUN)
    with app.app_context(), transaction(db.session):
        article = db.session.get_one(Article, submitted.article_id)
        later = writing.save_revision(actor=arun, article=article, document=make_document(), based_on_id=submitted.id)
    reason = "Say when it was detected."
    address = f"/editor/revisions/{submitted.id}/request-changes"
    answer = as_person(app, ROSA).post(address, data={"reason": reason})
    assert answer.status_code == 409
    assert reason in answer.text
    assert f"/editor/revisions/{later.id}" in answer.text
    assert as_person(app, ARUN).post(address, data={"reason": reason}).status_code == 403


def test_asking_for_changes_needs_a_reason(app: Flask) -> None:
    submitted = make_submitted(app)
    client = as_person(app, ROSA)
    for reason in ("", "   ", "\n"):
        answer = client.post(f"/editor/revisions/{submitted.id}/request-changes", data={"reason": reason})
        assert answer.status_code == 400
        assert "say what should change" in answer.text
    with app.app_context(), pytest.raises(Invalid) as caught:
        reviewing.request_changes(actor=join(app, ROSA), revision=db.session.get_one(Revision, submitted.id), reason="")
    assert caught.value.at("reason")
    assert row(app, submitted.id).state == "submitted"


def test_a_reason_that_is_too_long_comes_back_whole(app: Flask) -> None:
    submitted = make_submitted(app)
    reason = "x" * 4_001
    answer = as_person(app, ROSA).post(f"/editor/revisions/{submitted.id}/request-changes", data={"reason": reason})
    assert answer.status_code == 422
    assert reason in answer.text


def test_the_author_reads_what_should_change_and_submits_again(app: Flask) -> None:
    submitted = make_submitted(app)
    reviewer = as_person(app, ROSA)
    reason = "Say <b>when</b> it was detected."
    assert (
        reviewer.post(f"/editor/revisions/{submitted.id}/request-changes", data={"reason": reason}).status_code == 303
    )
    author = as_person(app, ARUN)
    page = author.get(f"/editor/revisions/{submitted.id}").text
    assert "Say &lt;b&gt;when&lt;/b&gt; it was detected." in page
    address = f"/editor/articles/{submitted.article_id}"
    author.post(address, data={**form_of(author.get(address)), "body": "Detected at noon.", "submit": "1"})
    later = row(app, submitted.id + 1)
    assert later.state == "submitted"
    assert "Say &lt;b&gt;when" in author.get(f"/editor/revisions/{later.id}").text  # earlier verdicts stay in sight


def test_the_page_shows_how_a_revision_differs_from_the_live_one(app: Flask) -> None:
    article = make_published(app, body="The disk was full.")
    author = as_person(app, ARUN)
    address = f"/editor/articles/{article.id}"
    typed = {**form_of(author.get(address)), "body": "The disk was <i>nearly</i> full.", "note": "Said more exactly."}
    typed["submit"] = "1"
    place = author.post(address, data=typed).headers["Location"]
    page = as_person(app, ROSA).get(place).text
    assert "The disk was <ins>&lt;i&gt;nearly&lt;/i&gt; </ins>full." in page


def test_two_approvals_are_counted_where_the_site_asks_for_two(make_app: Any) -> None:
    app = make_app(approvals_required=2)
    submitted = make_submitted(app)
    assert "Approve and publish" not in as_person(app, ROSA).get(f"/editor/revisions/{submitted.id}").text
    approve(app, ROSA, submitted, publish="1")
    assert row(app, submitted.id).state == "submitted"
    approve(app, ROSA, submitted)  # the same person counts once
    assert row(app, submitted.id).state == "submitted"
    assert "Approve and publish" in as_person(app, RAVI).get(f"/editor/revisions/{submitted.id}").text
    approve(app, RAVI, submitted)
    assert row(app, submitted.id).state == "approved"


@pytest.mark.parametrize("act", ["submit", "approve", "request-changes", "publish"])
def test_nothing_is_decided_without_a_token_or_signed_out(app: Flask, act: str) -> None:
    submitted = make_submitted(app)
    address = f"/editor/revisions/{submitted.id}/{act}"
    data = {"hash": submitted.document_hash, "reason": "x"}
    assert as_person(app, ROSA).post(address, data=data, with_token=False).status_code == 400
    assert app.test_client().post(address, data=data).status_code == 403
    assert as_person(app, ROSA).get(address).status_code == 405
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Review)) == 0


def submitted_again(app: Flask, revision: Revision, note: str) -> None:
    arun = as_person(app, ARUN)
    assert arun.post(f"/editor/revisions/{revision.id}/recall").status_code == 303
    answer = arun.post(f"/editor/revisions/{revision.id}/submit", data={"public_note": note})
    assert answer.status_code == 303


def revised(app: Flask) -> Revision:
    """A correction of a live write-up that waits for its review."""
    article, arun = make_published(app, reviewer=RAVI), as_person(app, ARUN)
    page = arun.get(f"/editor/articles/{article.id}")
    arun.post(f"/editor/articles/{article.id}", data={**form_of(page), "body": "Another text.", "note": "A fair note."})
    with app.app_context():
        newest = select(Revision).where(Revision.article_id == article.id).order_by(Revision.number.desc())
        revision = db.session.scalars(newest.limit(1)).one()
    arun.post(f"/editor/revisions/{revision.id}/submit", data={"public_note": "A fair note."})
    return row(app, revision.id)


def test_an_approval_does_not_outlive_the_request_it_answered(make_app: Any) -> None:
    revision = revised(make_app())
    app = make_app(approvals_required=2)
    assert approve(app, ROSA, revision).status_code == 303
    submitted_again(app, revision, "Words that Rosa never saw.")
    assert approve(app, RAVI, revision, publish="1").status_code == 303
    assert row(app, revision.id).state == "submitted"
    page = as_person(app, RAVI).get(f"/editor/revisions/{revision.id}").text
    assert "1 of 2 approvals" in page
    assert "it was submitted anew since" in page
    queue = as_person(app, ROSA).get("/editor/queue").text
    assert f"/editor/revisions/{revision.id}" in queue, "it waits for Rosa again"
    assert "1 of 2 approvals" in queue
    assert approve(app, ROSA, revision, publish="1").status_code == 303
    assert row(app, revision.id).state == "live"


def test_who_approves_saw_what_readers_are_told(app: Flask) -> None:
    revision = revised(app)
    page = as_person(app, ROSA).get(f"/editor/revisions/{revision.id}").text
    found = re.search(r'name="asked_at" value="([^"]+)"', page)
    assert found
    submitted_again(app, revision, "Words that Rosa never saw.")
    answer = approve(app, ROSA, revision, asked_at=found[1], publish="1")
    assert answer.status_code == 409
    assert "submitted anew since you read it" in answer.text
    assert "Words that Rosa never saw." in answer.text
    assert row(app, revision.id).state == "submitted"
    again = re.search(r'name="asked_at" value="([^"]+)"', answer.text)
    assert again
    assert approve(app, ROSA, revision, asked_at=again[1], publish="1").status_code == 303
    assert row(app, revision.id).state == "live"


def test_the_same_text_in_another_write_up_is_not_approved_by_who_wrote_it(app: Flask) -> None:
    mine = make_draft(app, author=ROSA, title="One text")
    theirs = make_submitted(app, author=ARUN, title="One text")
    assert theirs.document_hash == mine.document_hash
    answer = approve(app, ROSA, theirs, publish="1")
    assert answer.status_code == 403
    assert "this very text" in answer.text
    assert row(app, theirs.id).state == "submitted"
    assert approve(app, RAVI, theirs).status_code == 303
