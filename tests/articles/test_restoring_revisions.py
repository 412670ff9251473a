"""Restoring an old revision: a new draft with its text, nothing lost, and nobody's own work approved by them."""

from flask import Flask
from sqlalchemy import select

from blog.articles import queries
from blog.articles.models import Revision
from blog.extensions import db
from tests.articles.editor_pages import as_person
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
    article = make_published(app, author=ARUN)
    second = make_revised(app, article, body="Second.", author=ARUN)
    as_person(app, RAVI).post(f"/editor/articles/{article.id}/restore/1", data={"based_on_id": second.id})
    with app.app_context():
        authors = queries.author_ids(rows(app)[-1])
    assert authors == {join(app, ARUN).id, join(app, RAVI).id}


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
