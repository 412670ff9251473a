"""Noting that a member read a write-up and its discussion, by a button or by the script of the page."""

from flask import Response, flash, redirect, request, url_for

from blog.accounts.access import signed_in
from blog.articles import history_queries, queries, visit_changes
from blog.articles.views import View, bp
from blog.comments import visit_changes as thread_visit_changes
from blog.extensions import db
from blog.lib.database import writing


@bp.post("/postmortems/<slug>/visit")
def note_visit(slug: str) -> View:
    """`revision` is the number of the one that was read, `comment` the newest comment that was there, for who got to
    them. A script, which says `quiet`, is told nothing.
    """
    number = request.form.get("revision", 0, type=int)
    comment_id = request.form.get("comment", type=int)
    with writing(db.session):
        user = signed_in()
        article = queries.article_for(user, slug)
        revision = history_queries.revision_numbered(article, number)
        visit_changes.note_visit(actor=user, article=article, revision=revision)
        if comment_id is not None:
            thread_visit_changes.note_thread_visit(actor=user, article=article, read_id=comment_id)
    if "quiet" in request.form:
        return Response(status=204)
    flash("Noted. What changes from now on will be marked for you. Only you learn of it.", "ok")
    return redirect(url_for("articles.show", slug=slug), code=303)
