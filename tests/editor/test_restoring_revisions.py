"""Restoring an old revision: a new draft with its text, nothing lost, and nobody's own work approved by them."""

from flask import Flask
from sqlalchemy import select

from blog.articles import queries
from blog.articles.models import Article, Revision
from blog.editor.draft_changes import discard_draft
from blog.extensions import db
from blog.lib.database import writing
from tests.editor.editor_pages import as_person
from tests.factories.articles import make_published, make_revised
from tests.people import ARUN, MIA, RAVI, ROSA, join


def rows(app: Flask) -> list[Revision]:
    with app.app_context():
        return list(db.session.scalars(select(Revision).order_by(Revision.number)))


def test_an_old_text_becomes_a_new_draft(app: Flask) -> None:
    article = make_published(app, slug="full", body="As first told.")
    second = make_revised(app, article, body="As corrected.")
    ravi = as_person(app, RAVI)
    page = ravi.get(f"/editor/articles/{article.id}/restore/1").text
    assert "<ins>As first told" in page or "first told" in page
    answer = ravi.post(f"/editor/articles/{article.id}/restore/1", data={"based_on_id": second.id})
    assert answer.status_code == 303
    first, _, third = rows(app)
    assert (third.state, third.document_hash, third.note) == ("draft", first.document_hash, "Restores revision 1")
    assert "As corrected." in ravi.get("/postmortems/full").text


def test_who_wrote_the_old_text_counts_as_an_author(app: Flask) -> None:
    """Otherwise they could approve their own words, which came back through somebody else."""
    article = make_published(app, author=ARUN)
    address = f"/editor/articles/{article.id}"
    as_person(app, RAVI).post(
        address, data={"title": "By Ravi", "body": "His.", "based_on_id": article.live_revision_id or 0}
    )
    actor, his = join(app, RAVI), rows(app)[-1]
    with app.app_context(), writing(db.session):
        discard_draft(
            actor=actor, revision=db.session.get_one(Revision, his.id), article=db.session.get_one(Article, article.id)
        )
    rosa = as_person(app, ROSA)
    assert f'name="based_on_id" value="{article.live_revision_id}"' in rosa.get(f"{address}/restore/2").text
    rosa.post(f"{address}/restore/2", data={"based_on_id": article.live_revision_id or 0})
    made = rows(app)[-1]
    assert (made.number, made.document_hash) == (3, his.document_hash)
    with app.app_context():
        assert queries.author_ids(made) == {join(app, person).id for person in (ARUN, RAVI, ROSA)}


def test_what_somebody_saved_meanwhile_is_not_replaced_unseen(app: Flask) -> None:
    article = make_published(app)
    make_revised(app, article, body="Second.")
    answer = as_person(app, RAVI).post(
        f"/editor/articles/{article.id}/restore/1", data={"based_on_id": article.live_revision_id or 0}
    )
    assert answer.status_code == 409
    assert len(rows(app)) == 2


def test_the_newest_text_is_not_restored_again(app: Flask) -> None:
    article = make_published(app)
    rosa = as_person(app, ROSA)
    assert "There is nothing to restore." in rosa.get(f"/editor/articles/{article.id}/restore/1").text
    rosa.post(f"/editor/articles/{article.id}/restore/1", data={"based_on_id": article.live_revision_id or 0})
    assert len(rows(app)) == 1


def test_members_restore_nothing(app: Flask) -> None:
    article = make_published(app)
    second = make_revised(app, article, body="Second.")
    mia = as_person(app, MIA)
    assert mia.get(f"/editor/articles/{article.id}/restore/1").status_code == 403
    assert mia.post(f"/editor/articles/{article.id}/restore/1", data={"based_on_id": second.id}).status_code == 403
    assert "/restore/" not in mia.get(f"/postmortems/{article.slug}/revisions/1").text
