"""The pages of moderation: the queue, one comment, the acts, and the log that everybody can read."""

from collections.abc import Callable

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from blog.accounts.access import signed_in
from blog.comments.queries import comment_for
from blog.errors import Busy, Conflict, HindsightError, Invalid
from blog.extensions import db
from blog.lib.database import writing
from blog.lib.row_numbers import MAX_ROW_NUMBER
from blog.moderation import changes, queries

blueprint = Blueprint("moderation", __name__)

View = str | Response
COMMENT = f"<int(min=1, max={MAX_ROW_NUMBER}):comment_id>"


@blueprint.get("/moderation/")
def queue() -> View:
    user = signed_in()
    state = request.args.get("state", "")
    entries, older = queries.queue(user, state=state, before=queries.cursor(request.args.get("before")))
    return render_template("moderation/queue.html", entries=entries, older=older, state=state)


@blueprint.get("/moderation/log")
def log() -> View:
    entries, older = queries.public_log(before=queries.cursor(request.args.get("before")))
    return render_template("moderation/log.html", entries=entries, older=older)


@blueprint.get(f"/moderation/comments/{COMMENT}")
def comment(comment_id: int) -> View:
    return _page(comment_id)


@blueprint.post(f"/moderation/comments/{COMMENT}/hide")
def hide(comment_id: int) -> View:
    return _act(changes.hide_comment, comment_id)


@blueprint.post(f"/moderation/comments/{COMMENT}/restore")
def restore(comment_id: int) -> View:
    return _act(changes.restore_comment, comment_id)


def _act(change: Callable[..., object], comment_id: int) -> View:
    user = signed_in()
    reason = request.form.get("reason", "")
    try:
        with writing(db.session):
            change(actor=user, comment=comment_for(user, comment_id), reason=reason)
    except (Invalid, Conflict, Busy) as refusal:
        if _wants_part():
            return make_response(_entry(comment_id, reason=reason, refusal=refusal), refusal.status)
        return make_response(_page(comment_id, reason=reason, refusal=refusal), refusal.status)
    if _wants_part():
        return _entry(comment_id)
    return redirect(url_for("moderation.comment", comment_id=comment_id), code=303)


def _wants_part() -> bool:
    """Whether a script asks for the one entry that changed; a browser without it gets whole pages."""
    return request.headers.get("X-Requested-With") == "fetch"


def _entry(comment_id: int, *, reason: str = "", refusal: HindsightError | None = None) -> str:
    entry = queries.queue_entry(signed_in(), comment_id)
    return render_template("moderation/_entry.html", entry=entry, reason=reason, refused=_why(refusal))


def _page(comment_id: int, *, reason: str = "", refusal: HindsightError | None = None) -> str:
    entry = queries.queue_entry(signed_in(), comment_id)
    history, _ = queries.public_log(comment_id=comment_id)
    return render_template(
        "moderation/comment.html", entry=entry, history=history, reason=reason, refused=_why(refusal)
    )


def _why(refusal: HindsightError | None) -> str:
    if isinstance(refusal, Invalid):
        return " ".join(fault.reason for fault in refusal.faults)
    return refusal.message if refusal else ""
