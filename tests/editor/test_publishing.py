"""Publishing, retiring and restoring; refused in the data layer, and once more by the database."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from blog.accounts.models import User
from blog.articles.models import Article, ArticleTerm, Review, Revision, RevisionState, Verdict
from blog.editor import publishing
from blog.errors import Invalid, NotAllowed
from blog.extensions import db
from blog.journal.models import Event, Job
from blog.journal.reactions import REACTIONS
from blog.lib import clock
from blog.lib.database import writing
from tests.editor.editor_pages import as_person, form_of
from tests.factories.articles import make_approved, make_draft, make_published, make_submitted
from tests.people import ADA, ARUN, MIA, RAVI, ROSA, Person, join

CORRECTED = {"note": "The title says more.", "submit": "1"}
MIGRATIONS = Path(__file__).parents[2] / "migrations" / "versions"


def article_of(app: Flask, article_id: int) -> Article:
    with app.app_context():
        return db.session.get_one(Article, article_id)


def publish(app: Flask, person: Person, revision_id: int) -> None:
    """In the data layer, past every page."""
    actor = join(app, person)
    with app.app_context(), writing(db.session):
        revision = db.session.get_one(Revision, revision_id)
        article = db.session.get_one(Article, revision.article_id)
        publishing.publish(actor=actor, revision=revision, article=article)


def test_write_review_publish(app: Flask) -> None:
    author, reviewer, reader = as_person(app, ARUN), as_person(app, ROSA), app.test_client()
    written = author.post("/editor/articles", data={"title": "Queue stood still", "body": "A lock.", "tags": "queues"})
    assert reader.get("/postmortems/queue-stood-still").status_code == 404
    author.post(written.headers["Location"], data={**form_of(author.get(written.headers["Location"])), "submit": "1"})
    page = reviewer.get("/editor/revisions/1")
    assert "Approve and publish" in page.text
    with app.app_context():
        digest = db.session.get_one(Revision, 1).document_hash
    answer = reviewer.post("/editor/revisions/1/approve", data={"hash": digest, "publish": "1"})
    assert answer.headers["Location"] == "/postmortems/queue-stood-still"
    assert "A lock." in reader.get("/postmortems/queue-stood-still").text
    with app.app_context():
        kinds = db.session.scalars(select(Event.kind).order_by(Event.id)).all()
        assert kinds == ["article.created", "revision.submitted", "revision.approved", "article.published"]
        assert db.session.scalars(select(ArticleTerm.slug).where(ArticleTerm.facet == "tag")).all() == ["queues"]
        assert set(db.session.scalars(select(Job.kind))) >= set(REACTIONS["article.published"])


def test_approving_and_publishing_can_be_two_steps(app: Flask) -> None:
    approved = make_approved(app)
    page = as_person(app, RAVI).get(f"/editor/revisions/{approved.id}").text
    assert ">Publish</button>" in page
    assert as_person(app, RAVI).post(f"/editor/revisions/{approved.id}/publish").status_code == 303
    assert article_of(app, approved.article_id).state == "published"


@pytest.mark.parametrize("person", [ARUN, ROSA, ADA], ids=lambda person: person.role)
@pytest.mark.parametrize("make", [make_draft, make_submitted])
def test_nobody_publishes_what_nobody_approved(app: Flask, make: Callable[..., Revision], person: Person) -> None:
    revision = make(app)
    with pytest.raises(NotAllowed, match="0 of 1 approval"):
        publish(app, person, revision.id)
    assert as_person(app, person).post(f"/editor/revisions/{revision.id}/publish").status_code == 403
    assert article_of(app, revision.article_id).state == "draft"


@pytest.mark.parametrize("change", [{"disabled_at": clock.now()}, {"role": "author"}], ids=["disabled", "no reviewer"])
def test_an_approval_counts_no_more_once_its_reviewer_may_not_review(app: Flask, change: dict[str, object]) -> None:
    approved = make_approved(app, reviewer=ROSA)
    rosa = join(app, ROSA)
    with app.app_context(), writing(db.session):
        for name, value in change.items():
            setattr(db.session.get_one(User, rosa.id), name, value)
    with pytest.raises(NotAllowed, match="0 of 1 approval"):
        publish(app, RAVI, approved.id)
    ravi = as_person(app, RAVI)
    assert ravi.post(f"/editor/revisions/{approved.id}/publish").status_code == 403
    answer = ravi.post(
        f"/editor/revisions/{approved.id}/approve", data={"hash": approved.document_hash, "publish": "1"}
    )
    assert answer.status_code == 303
    assert article_of(app, approved.article_id).state == "published"


@pytest.mark.parametrize("person", [ARUN, MIA], ids=lambda person: person.role)
def test_only_reviewers_publish_what_is_approved(app: Flask, person: Person) -> None:
    approved = make_approved(app)
    with pytest.raises(NotAllowed):
        publish(app, person, approved.id)
    assert as_person(app, person).post(f"/editor/revisions/{approved.id}/publish").status_code == 403
    assert article_of(app, approved.article_id).state == "draft"


def test_the_approval_of_revision_3_does_not_publish_revision_4(app: Flask) -> None:
    author = as_person(app, ARUN)
    first = make_draft(app)
    address = f"/editor/articles/{first.article_id}"
    for number in (2, 3):
        author.post(address, data={**form_of(author.get(address)), "body": f"Text {number}", "submit": "1"})
    with app.app_context():
        third = db.session.scalars(select(Revision).where(Revision.number == 3)).one()
    rosa = as_person(app, ROSA)
    rosa.post(f"/editor/revisions/{third.id}/approve", data={"hash": third.document_hash})
    author.post(address, data={**form_of(author.get(address)), "body": "Text 4, not seen by Rosa", "submit": "1"})
    with app.app_context():
        fourth = db.session.scalars(select(Revision).where(Revision.number == 4)).one()
    for revision in (third, fourth):
        with pytest.raises(NotAllowed):
            publish(app, ADA, revision.id)
    assert article_of(app, first.article_id).state == "draft"


def test_an_approval_row_for_another_text_or_by_an_author_does_not_count(app: Flask) -> None:
    submitted = make_submitted(app)
    arun, rosa = join(app, ARUN), join(app, ROSA)
    with app.app_context(), writing(db.session):
        for person, digest in ((arun, submitted.document_hash), (rosa, "0" * 64)):
            db.session.add(
                Review(
                    revision_id=submitted.id,
                    reviewer_id=person.id,
                    verdict=Verdict.APPROVED,
                    document_hash=digest,
                    created_at=clock.now(),
                )
            )
        db.session.get_one(Revision, submitted.id).state = RevisionState.APPROVED
    with pytest.raises(NotAllowed, match="0 of 1"):
        publish(app, ADA, submitted.id)


def schema_module() -> ModuleType:
    path = next(MIGRATIONS.glob("*_first_schema.py"))
    spec = importlib.util.spec_from_file_location("first_schema", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def guarded_app(app: Flask) -> Flask:
    """The site with the trigger that the migration makes."""
    with app.app_context(), db.engine.begin() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        if "articles_live_needs_approval" not in names:
            connection.execute(text(schema_module().LIVE_NEEDS_APPROVAL))
    return app


def put_live_by_hand(app: Flask, revision: Revision) -> None:
    statement = text("UPDATE articles SET live_revision_id = :revision, state = 'published' WHERE id = :article")
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(statement, {"revision": revision.id, "article": revision.article_id})


def test_the_database_itself_refuses_to_put_a_revision_live_without_an_approval(guarded_app: Flask) -> None:
    submitted, approved = make_submitted(guarded_app), make_approved(guarded_app)
    with pytest.raises(IntegrityError, match="only with an approval"):
        put_live_by_hand(guarded_app, submitted)
    put_live_by_hand(guarded_app, approved)


@pytest.mark.parametrize("flaw", ["asks for changes", "is for another text", "is by an author"])
def test_the_database_counts_no_review_that_is_not_an_approval_by_another(guarded_app: Flask, flaw: str) -> None:
    submitted = make_submitted(guarded_app)
    reviewer = join(guarded_app, ARUN if flaw == "is by an author" else ROSA)
    with guarded_app.app_context(), writing(db.session):
        db.session.add(
            Review(
                revision_id=submitted.id,
                reviewer_id=reviewer.id,
                verdict=Verdict.CHANGES_REQUESTED if flaw == "asks for changes" else Verdict.APPROVED,
                document_hash="0" * 64 if flaw == "is for another text" else submitted.document_hash,
                created_at=clock.now(),
            )
        )
    with pytest.raises(IntegrityError, match="only with an approval"):
        put_live_by_hand(guarded_app, submitted)


def test_publishing_works_under_the_rule_of_the_database(guarded_app: Flask) -> None:
    assert make_published(guarded_app).state == "published"


def test_a_new_revision_takes_the_place_of_the_live_one(app: Flask) -> None:
    article = make_published(app, title="First words", slug="words")
    author, reviewer = as_person(app, ARUN), as_person(app, ROSA)
    address = f"/editor/articles/{article.id}"
    author.post(address, data={**form_of(author.get(address)), "title": "Second words", **CORRECTED})
    assert "First words" in app.test_client().get("/postmortems/words").text
    with app.app_context():
        newest = db.session.scalars(select(Revision).order_by(Revision.id.desc()).limit(1)).one()
    reviewer.post(f"/editor/revisions/{newest.id}/approve", data={"hash": newest.document_hash, "publish": "1"})
    assert "Second words" in app.test_client().get("/postmortems/words").text
    with app.app_context():
        states = db.session.scalars(select(Revision.state).order_by(Revision.id)).all()
        assert states == ["superseded", "live"]


def test_a_retired_write_up_leaves_the_lists_and_keeps_its_address(app: Flask) -> None:
    article = make_published(app, slug="words", title="Retire me")
    reviewer = as_person(app, ROSA)
    page = reviewer.get(f"/editor/revisions/{article.live_revision_id}").text
    assert "A reviewer can restore it" in page  # the act says how it is undone
    answer = reviewer.post(f"/editor/articles/{article.id}/retire", data={"reason": "Its vendor asked us to wait."})
    assert answer.status_code == 303
    assert "Retire me" not in app.test_client().get("/postmortems/").text
    assert "Its vendor asked us to wait." in app.test_client().get("/postmortems/words").text
    assert "Retire me" in reviewer.get("/editor/").text


def test_retiring_needs_a_reason(app: Flask) -> None:
    article = make_published(app)
    answer = as_person(app, ROSA).post(f"/editor/articles/{article.id}/retire", data={"reason": " "})
    assert answer.status_code == 400
    assert "say why" in answer.text
    with app.app_context(), pytest.raises(Invalid):
        publishing.retire(actor=join(app, ROSA), article=db.session.get_one(Article, article.id), reason="")
    assert article_of(app, article.id).state == "published"


def test_a_reviewer_restores_what_was_retired(app: Flask) -> None:
    article = make_published(app, title="Come back")
    reviewer = as_person(app, ROSA)
    reviewer.post(f"/editor/articles/{article.id}/retire", data={"reason": "Wait."})
    assert "Restore this write-up" in reviewer.get(f"/editor/revisions/{article.live_revision_id}").text
    assert reviewer.get(f"/editor/articles/{article.id}").status_code == 403  # restored first, then edited
    assert reviewer.post(f"/editor/articles/{article.id}/restore").status_code == 303
    assert "Come back" in app.test_client().get("/postmortems/").text


@pytest.mark.parametrize("person", [ARUN, MIA], ids=lambda person: person.role)
def test_only_reviewers_retire_and_restore(app: Flask, person: Person) -> None:
    article = make_published(app)
    client = as_person(app, person)
    assert client.post(f"/editor/articles/{article.id}/retire", data={"reason": "x"}).status_code == 403
    assert article_of(app, article.id).state == "published"
    as_person(app, ROSA).post(f"/editor/articles/{article.id}/retire", data={"reason": "x"})
    assert client.post(f"/editor/articles/{article.id}/restore").status_code == 403
    assert article_of(app, article.id).state == "retired"


@pytest.mark.parametrize("act", ["retire", "restore"])
def test_a_draft_is_neither_retired_nor_restored(app: Flask, act: str) -> None:
    draft = make_draft(app)
    answer = as_person(app, ROSA).post(f"/editor/articles/{draft.article_id}/{act}", data={"reason": "x"})
    assert answer.status_code == 403
