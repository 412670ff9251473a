"""The page that restores an old revision as a new draft, after showing what that would change."""

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog import policy
from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.articles import history_changes, queries
from blog.articles.comparing import compare
from blog.articles.document import parse_document_text
from blog.articles.models import Revision
from blog.articles.rendering import render_document
from blog.editor.desk_views import editor
from blog.errors import Conflict, HindsightError, Invalid, NotAllowed
from blog.extensions import db
from blog.lib.database import writing


@editor.get("/articles/<int:article_id>/restore/<int:number>")
def restore_revision(article_id: int, number: int) -> ResponseReturnValue:
    return _page(signed_in(), article_id, number)


@editor.post("/articles/<int:article_id>/restore/<int:number>")
def save_restored(article_id: int, number: int) -> ResponseReturnValue:
    user = signed_in()
    rendered = render_document(parse_document_text(_revision(user, article_id, number).document))
    try:
        with writing(db.session):
            user = signed_in()
            revision = _revision(user, article_id, number)
            made = history_changes.restore_revision(
                actor=user,
                article=revision.article,
                revision=revision,
                based_on_id=request.form.get("based_on_id", 0, type=int),
                note=request.form.get("note", ""),
                rendered=rendered,
            )
    except (Invalid, Conflict) as error:
        return _page(signed_in(), article_id, number, error=error)
    flash(f"Revision {made.number} says what revision {number} said. Readers see it once it is published.", "ok")
    return redirect(url_for("editor.review", revision_id=made.id), code=303)


def _revision(user: User, article_id: int, number: int) -> Revision:
    article = queries.article_by_id(user, article_id)
    revision = queries.revision_page(user, article.slug, number).revision
    found = queries.revision_for(user, revision.id)
    if not policy.can_restore_revision(user, found, article):
        raise NotAllowed("This revision cannot be restored by you.")
    return found


def _page(user: User, article_id: int, number: int, *, error: HindsightError | None = None) -> ResponseReturnValue:
    revision = _revision(user, article_id, number)
    newest = queries.newest_revision_of(revision.article)
    page = render_template(
        "editor/restore_revision.html",
        article=revision.article,
        revision=revision,
        newest=newest,
        comparison=compare(parse_document_text(newest.document), parse_document_text(revision.document)),
        faults=[str(fault) for fault in error.faults] if isinstance(error, Invalid) else [],
        problem=error.message if isinstance(error, Conflict) else "",
        note=request.form.get("note", ""),
    )
    return make_response(page, error.status if error else 200)
