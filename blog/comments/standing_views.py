"""How a question or a correction stands: the page that settles it, and the acts on it."""

from flask import flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from blog import policy
from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.articles import queries as article_queries
from blog.articles.document import Document, parse_document_text
from blog.articles.models import Revision
from blog.articles.rendering import render_changes
from blog.comments import anchor_queries, queries, standing_changes, standing_queries, thread_queries
from blog.comments.correction_checks import Target, target_of, with_wording
from blog.comments.models import Comment, CommentKind
from blog.comments.views import COMMENT, View, blueprint
from blog.errors import Conflict, HindsightError, Invalid
from blog.extensions import db
from blog.lib.database import end_reading, writing
from blog.lib.row_numbers import row_number


@blueprint.get(f"/comments/{COMMENT}/standing")
def standing(comment_id: int) -> View:
    """For those who may settle it. `?answer=` names the reply that is chosen already."""
    user = signed_in()
    comment = queries.comment_for(user, comment_id)
    standing_changes.require_may_settle(user, comment)
    return _page(user, comment)


@blueprint.post(f"/comments/{COMMENT}/answered")
def mark_answer(comment_id: int) -> View:
    user = signed_in()
    try:
        with writing(db.session):
            comment = queries.comment_for(user, comment_id)
            answer_id = row_number(request.form.get("answer", "")) or 0
            standing_changes.mark_answer(actor=user, comment=comment, answer_id=answer_id)
    except Invalid as refusal:
        return _again(user, comment_id, refusal)
    return _done(comment_id, "The question is answered. You can name another answer, or open it again.")


@blueprint.post(f"/comments/{COMMENT}/declined")
def decline(comment_id: int) -> View:
    user = signed_in()
    try:
        with writing(db.session):
            comment = queries.comment_for(user, comment_id)
            standing_changes.decline(actor=user, comment=comment, reason=request.form.get("reason", ""))
    except (Invalid, Conflict) as refusal:
        return _again(user, comment_id, refusal)
    return _done(comment_id, "The correction is declined. Its writer and readers see why.")


@blueprint.post(f"/comments/{COMMENT}/accepted")
def accept(comment_id: int) -> View:
    """Put it into the next revision: `wording` stands in the place of what it corrects."""
    user = signed_in()
    comment = queries.comment_for(user, comment_id)
    standing_changes.require_may_settle(user, comment)
    try:
        newest = article_queries.newest_revision_of(comment.article)
        if str(newest.id) != request.form.get("based_on", ""):
            raise Conflict("The write-up was changed since you opened this page. Look at the text below again.")
        before = parse_document_text(newest.document)
        document = with_wording(before, _target(comment, newest, before), request.form.get("wording", ""))
        based_on_id, form, version = newest.id, newest.rendered, newest.renderer_version
        end_reading(db.session)
        rendered = render_changes(document, before=before, stored=form, version=version)
        with writing(db.session):
            comment = queries.comment_for(user, comment_id)
            revision = standing_changes.accept(
                actor=user,
                comment=comment,
                article=comment.article,
                document=document,
                based_on_id=based_on_id,
                note=request.form.get("note", ""),
                rendered=rendered,
                public_note=request.form.get("note", "") if "submit" in request.form else None,
            )
    except (Invalid, Conflict) as refusal:
        return _again(user, comment_id, refusal)
    next_step = "It waits for a reviewer." if "submit" in request.form else "It is a draft: ask for its review."
    flash(f"The correction is accepted into revision {revision.number}. {next_step}", "ok")
    return redirect(f"/editor/revisions/{revision.id}", code=303)


@blueprint.post(f"/comments/{COMMENT}/reopened")
def reopen(comment_id: int) -> View:
    user = signed_in()
    with writing(db.session):
        comment = queries.comment_for(user, comment_id)
        standing_changes.reopen(actor=user, comment=comment)
    return _done(comment_id, "It is open again.")


def _done(comment_id: int, told: str) -> View:
    flash(told, "ok")
    return redirect(f"/comments/{comment_id}", code=303)


def _again(user: User, comment_id: int, refusal: HindsightError) -> Response:
    comment = queries.comment_for(user, comment_id)
    return make_response(_page(user, comment, refusal=refusal), refusal.status)


def _page(user: User, comment: Comment, *, refusal: HindsightError | None = None) -> str:
    faults = [fault.reason for fault in refusal.faults] if isinstance(refusal, Invalid) else []
    shown = {
        "article": comment.article,
        "entry": thread_queries.entry_of(comment),
        "faults": faults or ([refusal.message] if refusal else []),
        "sent": request.form,
        "revision": standing_queries.proposed_for(comment),
    }
    if comment.kind == CommentKind.QUESTION:
        chosen = row_number(request.values.get("answer", "")) or comment.answer_id
        return render_template(
            "comments/settle_question.html", **shown, replies=standing_queries.replies_below(comment), chosen=chosen
        )
    newest = article_queries.newest_revision_of(comment.article)
    target = _target(comment, newest, parse_document_text(newest.document))
    return render_template(
        "comments/settle_correction.html",
        **shown,
        newest=newest,
        target=target,
        note=request.form.get("note", f"Corrected after comment {comment.id}."),
        can_edit=policy.can_edit(user, comment.article),
    )


def _target(comment: Comment, newest: Revision, document: Document) -> Target:
    """The words of the newest revision that the correction is about."""
    if not comment.anchor or comment.said_on_id is not None:
        return target_of(document, None)
    spot = anchor_queries.spot_in(newest, comment)
    return target_of(document, spot, anchor_queries.passage_in(newest, spot))
