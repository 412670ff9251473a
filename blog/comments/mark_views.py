"""Useful marks: a button that marks, a page that says so and takes it back; for a script, numbers."""

from flask import flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from blog.accounts.access import signed_in, user_of_request
from blog.accounts.models import User
from blog.comments import mark_changes, mark_queries, queries, thread_queries
from blog.comments.models import Comment
from blog.comments.views import COMMENT, View, blueprint
from blog.extensions import db, limiter
from blog.lib.database import writing
from blog.lib.row_numbers import row_number
from blog.settings import current_settings


def _rates() -> str:
    return current_settings().mark_rates


def _person() -> str:
    user = user_of_request()
    return f"person {user.id}" if user else "nobody"


@blueprint.get(f"/comments/{COMMENT}/useful")
def useful(comment_id: int) -> View:
    """One comment, with the button that marks it or takes the mark back."""
    user = signed_in()
    comment = queries.comment_for(user, comment_id)
    mark_changes.require_may_mark(user, comment)
    return render_template(
        "comments/useful.html",
        article=comment.article,
        entry=thread_queries.entry_of(comment),
        is_marked=mark_queries.has_marked(user, comment.id),
    )


@blueprint.post("/comments/useful")
@limiter.limit(_rates, key_func=_person)
def mark() -> View:
    """Mark the `comment` of this number: one form serves all buttons of a page. Who presses again without a script
    wants to see that it is marked, or to take it back.
    """
    user = signed_in()
    with writing(db.session):
        comment = queries.comment_for(user, _comment_id())
        is_new = mark_changes.mark_useful(actor=user, comment=comment)
    if not is_new and not _is_script():
        return redirect(url_for("comments.useful", comment_id=comment.id), code=303)
    return _answer(user, comment, "Marked as useful. Press the button again to take it back.")


@blueprint.post("/comments/not-useful")
@limiter.limit(_rates, key_func=_person)
def unmark() -> View:
    user = signed_in()
    with writing(db.session):
        comment = queries.comment_for(user, _comment_id())
        mark_changes.unmark_useful(actor=user, comment=comment)
    return _answer(user, comment, "Your mark is taken back.")


def _comment_id() -> int:
    return row_number(request.form.get("comment", "")) or 0


def _is_script() -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _answer(user: User, comment: Comment, told: str) -> Response:
    if not _is_script():
        flash(told, "ok")
        return redirect(url_for("comments.permalink", comment_id=comment.id), code=303)
    fresh = queries.comment_for(user, comment.id)
    response = jsonify(useful=fresh.useful_count, marked=mark_queries.has_marked(user, comment.id))
    response.headers["Cache-Control"] = "private, no-store"
    return response
