"""Putting a draft away and bringing it back: POST /editor/revisions/<id>/discard and /bring-back."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from blog.articles.models import Article, Revision, RevisionAuthor
from blog.extensions import db
from blog.journal.models import Event
from tests.editor.editor_pages import as_person, form_of
from tests.factories.articles import make_draft, make_published, make_submitted
from tests.people import ARUN, RAVI, ROSA, join


def states(app: Flask, article_id: int) -> list[str]:
    with app.app_context():
        wanted = select(Revision.state).where(Revision.article_id == article_id).order_by(Revision.number)
        return list(db.session.scalars(wanted))


def newest_id(app: Flask, article_id: int) -> int:
    with app.app_context():
        wanted = select(Revision.id).where(Revision.article_id == article_id).order_by(Revision.number.desc())
        return db.session.scalars(wanted.limit(1)).one()


def revise(client: Any, article_id: int, **typed: str) -> None:
    address = f"/editor/articles/{article_id}"
    assert client.post(address, data={**form_of(client.get(address)), **typed}).status_code == 303


def test_a_discarded_draft_leaves_what_is_live_as_the_text_to_go_on_from(app: Flask) -> None:
    article = make_published(app, title="Live words")
    client = as_person(app, ARUN)
    revise(client, article.id, title="A first thought")
    revise(client, article.id, title="A second thought")
    number = newest_id(app, article.id)
    assert client.post(f"/editor/revisions/{number}/discard", data={"reason": "No"}).headers["Location"] == "/editor/"
    assert states(app, article.id) == ["live", "replaced", "discarded"]
    assert form_of(client.get(f"/editor/articles/{article.id}"))["title"] == "Live words"
    revise(client, article.id, title="A third thought")
    assert states(app, article.id) == ["live", "replaced", "discarded", "draft"]
    with app.app_context():
        kinds = db.session.execute(select(Event.kind, Event.reason).order_by(Event.id.desc()).limit(2)).all()
        assert kinds == [("article.revised", ""), ("revision.discarded", "No")]


def test_a_write_up_that_never_was_live_is_put_away_whole_and_comes_back_whole(app: Flask) -> None:
    draft = make_draft(app, title="Half a thought")
    client = as_person(app, ARUN)
    client.post(f"/editor/revisions/{draft.id}/discard")
    assert client.get(f"/editor/articles/{draft.article_id}").status_code == 404
    desk = client.get("/editor/")
    assert "Discarded drafts" in desk.text
    assert "Half a thought" in desk.text
    back = client.post(f"/editor/revisions/{draft.id}/bring-back")
    assert back.headers["Location"] == f"/editor/articles/{draft.article_id}"
    assert form_of(client.get(back.headers["Location"]))["title"] == "Half a thought"
    assert states(app, draft.article_id) == ["draft"]


def test_what_waits_for_a_review_or_is_live_is_not_discarded(app: Flask) -> None:
    submitted, article = make_submitted(app), make_published(app)
    client = as_person(app, ROSA)
    for number in (submitted.id, article.live_revision_id):
        assert client.post(f"/editor/revisions/{number}/discard").status_code == 403
    assert states(app, submitted.article_id) == ["submitted"]


def test_another_author_does_not_discard_a_draft(app: Flask) -> None:
    article = make_published(app, author=ROSA, reviewer=RAVI)
    revise(as_person(app, ROSA), article.id, title="Rosa's draft")
    number = newest_id(app, article.id)
    assert as_person(app, ARUN).post(f"/editor/revisions/{number}/discard").status_code == 403
    assert "Discard this draft" not in as_person(app, ARUN).get(f"/editor/articles/{article.id}").text
    assert as_person(app, RAVI).post(f"/editor/revisions/{number}/discard").status_code == 303


def test_an_old_draft_is_not_brought_back_over_a_newer_one(app: Flask) -> None:
    article = make_published(app)
    client = as_person(app, ARUN)
    revise(client, article.id, title="First")
    number = newest_id(app, article.id)
    client.post(f"/editor/revisions/{number}/discard")
    revise(client, article.id, title="Second")
    assert client.post(f"/editor/revisions/{number}/bring-back").status_code == 409
    assert "First" not in client.get("/editor/").text


def test_a_long_reason_is_refused_and_nothing_is_discarded(app: Flask) -> None:
    draft = make_draft(app)
    answer = as_person(app, ARUN).post(f"/editor/revisions/{draft.id}/discard", data={"reason": "x" * 1_001})
    assert answer.status_code == 422
    assert states(app, draft.article_id) == ["draft"]


def test_what_was_typed_on_top_of_a_draft_goes_with_it(app: Flask) -> None:
    article = make_published(app, title="Live words")
    client = as_person(app, ARUN)
    revise(client, article.id, title="A draft")
    fields = {**form_of(client.get(f"/editor/articles/{article.id}")), "title": "Typed"}
    client.post(f"/editor/working-copies/{article.id}", data=fields)
    client.post(f"/editor/revisions/{newest_id(app, article.id)}/discard")
    page = client.get(f"/editor/articles/{article.id}")
    assert form_of(page)["title"] == "Live words"
    assert "Bring it back" in page.text
    with app.app_context():
        assert db.session.get_one(Article, article.id).title == "Live words"


def test_a_discarded_draft_can_still_be_read_by_who_wrote_it_and_by_nobody_else(app: Flask) -> None:
    draft = make_draft(app, title="Half a thought")
    client = as_person(app, ARUN)
    client.post(f"/editor/revisions/{draft.id}/discard")
    page = client.get(f"/editor/revisions/{draft.id}")
    assert page.status_code == 200
    assert "Discarded; it can be brought back" in page.text
    assert app.test_client().get(f"/postmortems/{draft.article.slug}").status_code == 404
    assert client.get(f"/postmortems/{draft.article.slug}").status_code == 404


def test_who_wrote_a_text_that_was_put_away_does_not_approve_it_from_another_hand(app: Flask) -> None:
    article, rosa, arun = make_published(app, reviewer=RAVI), as_person(app, ROSA), as_person(app, ARUN)
    revise(rosa, article.id, title="What Rosa holds")
    rosa.post(f"/editor/revisions/{newest_id(app, article.id)}/discard")
    revise(arun, article.id, title="What Rosa holds", note="Not mine")
    number = newest_id(app, article.id)
    with app.app_context():
        wanted = select(RevisionAuthor.user_id).where(RevisionAuthor.revision_id == number)
        assert set(db.session.scalars(wanted)) == {join(app, ARUN).id, join(app, ROSA).id}
        digest = db.session.get_one(Revision, number).document_hash
    arun.post(f"/editor/revisions/{number}/submit")
    answer = rosa.post(f"/editor/revisions/{number}/approve", data={"hash": digest, "publish": "1"})
    assert answer.status_code == 403
    assert states(app, article.id) == ["live", "discarded", "submitted"]
