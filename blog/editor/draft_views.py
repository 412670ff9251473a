"""Drafts put away and brought back."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from blog.accounts.access import signed_in
from blog.articles import queries
from blog.editor import draft_changes, working_copy_changes
from blog.editor.desk_views import editor
from blog.editor.working_copy_queries import open_copy
from blog.extensions import db
from blog.lib.database import writing


@editor.post("/revisions/<int:revision_id>/discard")
def discard_draft(revision_id: int) -> ResponseReturnValue:
    with writing(db.session):
        user = signed_in()
        revision = queries.revision_for(user, revision_id)
        reason = request.form.get("reason", "")
        draft_changes.discard_draft(actor=user, revision=revision, article=revision.article, reason=reason)
        if open_copy(user, revision.article_id):  # typed on top of it
            working_copy_changes.discard(actor=user, place=revision.article_id)
    flash("Discarded. It stands below, where you can bring it back.", "ok")
    return redirect(url_for("editor.desk"), code=303)


@editor.post("/revisions/<int:revision_id>/bring-back")
def bring_back_draft(revision_id: int) -> ResponseReturnValue:
    with writing(db.session):
        user = signed_in()
        revision = queries.revision_for(user, revision_id)
        draft_changes.bring_back_draft(actor=user, revision=revision, article=revision.article)
        article_id = revision.article_id
    flash("It is a draft again.", "ok")
    return redirect(url_for("editor.edit", article_id=article_id), code=303)
