"""Actions follow the live revision, and what became of them outlives every revision."""

from typing import Any

from flask import Flask

from blog.articles import writing
from blog.articles.models import Article, ArticleState
from blog.articles.queries import newest_revision
from blog.editor import publishing, reviewing
from blog.extensions import db
from blog.followups import queries
from blog.followups.models import ActionItem
from blog.journal.models import Event
from blog.lib import database
from tests.factories.actions import PROMISE, act, project
from tests.factories.articles import make_document, make_published
from tests.people import ARUN, RAVI, ROSA, join


def live(app: Flask, article_id: int, **document: Any) -> list[ActionItem]:
    """Publish another revision of a write-up; its actions as they are then."""
    author, reviewer = join(app, ARUN), join(app, RAVI)
    with app.app_context(), database.writing(db.session):
        article = db.session.get_one(Article, article_id)
        base = newest_revision(article)
        assert base is not None
        made = writing.save_revision(
            actor=author, article=article, document=make_document(**document), based_on_id=base.id, note="Put right."
        )
        reviewing.submit(actor=author, revision=made, article=article)
        reviewing.approve(actor=reviewer, revision=made, document_hash=made.document_hash)
        publishing.publish(actor=reviewer, revision=made, article=article)
    return project(app, article_id)


def test_a_new_revision_changes_the_words_and_keeps_the_state(app: Flask) -> None:
    article = make_published(app, actions=[PROMISE])
    first = project(app, article.id)[0]
    act(app, "assign", first, ARUN, owner=join(app, ARUN))
    act(app, "mark_done", first, ARUN, evidence="Seen.")
    act(app, "confirm", first, ROSA)
    later, added = live(
        app, article.id, actions=[{**PROMISE, "id": "a1", "text": "Rotate it."}, {**PROMISE, "id": "a2"}]
    )
    assert (later.id, later.text, later.state, later.owner_id) == (
        first.id,
        "Rotate it.",
        "confirmed",
        join(app, ARUN).id,
    )
    assert later.is_rewritten and later.done_text == PROMISE["text"]
    assert (added.state, added.row_id, added.is_live) == ("promised", "a2", True)


def test_what_leaves_the_write_up_keeps_its_number_and_its_past(app: Flask) -> None:
    article = make_published(app, actions=[PROMISE])
    first = project(app, article.id)[0]
    act(app, "start", first, ARUN)
    gone = live(app, article.id, actions=[])[0]
    assert (gone.id, gone.is_live, gone.state) == (first.id, False, "in-progress")
    back = live(app, article.id, actions=[{**PROMISE, "id": "a1"}])[0]
    assert (back.id, back.is_live, back.state) == (first.id, True, "in-progress")


def test_another_promise_in_the_place_of_an_old_one_starts_anew(app: Flask) -> None:
    """The ids of rows that were taken out are free again; their proof belongs to nobody else."""
    article = make_published(app, actions=[PROMISE])
    first = project(app, article.id)[0]
    act(app, "mark_done", first, ARUN, evidence="Seen.")
    act(app, "confirm", first, ROSA)
    live(app, article.id, actions=[])
    new = live(app, article.id, actions=[{**PROMISE, "id": "a1", "text": "Buy larger disks."}])[0]
    assert (new.id, new.state, new.evidence, new.done_by_id, new.confirmed_by_id) == (
        first.id,
        "promised",
        "",
        None,
        None,
    )
    with app.app_context():
        assert queries.history_of(queries.action_for(None, new.id))[0].kind == "replaced"


def test_retiring_takes_actions_off_and_restoring_brings_them_back(app: Flask) -> None:
    article = make_published(app, actions=[PROMISE])
    first = project(app, article.id)[0]
    act(app, "start", first, ARUN)
    reviewer = join(app, ROSA)
    with app.app_context(), database.writing(db.session):
        publishing.retire(actor=reviewer, article=db.session.get_one(Article, article.id), reason="It is wrong.")
    assert not project(app, article.id)[0].is_live
    with app.app_context(), database.writing(db.session):
        row = db.session.get_one(Article, article.id)
        revision = newest_revision(row)
        assert revision is not None and row.state == ArticleState.RETIRED
        publishing.restore(actor=reviewer, article=row, revision=revision)
    back = project(app, article.id)[0]
    assert (back.is_live, back.state) == (True, "in-progress")


def test_projecting_again_changes_nothing(app: Flask) -> None:
    article = make_published(app, actions=[PROMISE, {**PROMISE, "text": "Watch the disk."}])
    act(app, "mark_done", project(app, article.id)[0], ARUN, evidence="Seen.")
    with app.app_context():
        before = [dict(vars(one)) for one in queries.items_of(article.id)]
        told = db.session.query(Event).count()
    project(app, article.id)
    with app.app_context():
        after = [dict(vars(one)) for one in queries.items_of(article.id)]
        assert db.session.query(Event).count() == told
    for one in (*before, *after):
        del one["_sa_instance_state"]
    assert after == before
