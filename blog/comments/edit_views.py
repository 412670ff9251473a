"""Changing a comment, and what it said before."""

from dataclasses import replace
from itertools import pairwise

from flask import make_response, render_template, request
from markupsafe import Markup

from blog import policy
from blog.accounts.access import signed_in, user_of_request
from blog.comments import edit_changes, edit_queries, queries, reading, thread_queries
from blog.comments.forms import CommentInput
from blog.comments.mention_queries import people_in
from blog.comments.models import Comment, CommentKind, CommentState
from blog.comments.text_checks import prepare
from blog.comments.views import COMMENT, View, blueprint, changed_entry, person_of_request, preview_rates, wants_part
from blog.errors import Busy, Conflict, HindsightError, Invalid, NotAllowed, NotFound
from blog.extensions import db, limiter
from blog.lib.database import end_reading, writing
from blog.lib.diff import text_diff
from blog.lib.pagination import page_number


@blueprint.get(f"/comments/{COMMENT}/edit")
def edit(comment_id: int) -> View:
    user = signed_in()
    comment = queries.comment_for(user, comment_id)
    if not policy.can_edit_comment(user, comment, comment.article):
        raise NotAllowed(edit_changes.NOT_TO_CHANGE)
    return _form(comment, _as_it_is(comment))


@blueprint.post(f"/comments/{COMMENT}/edit")
@limiter.limit(preview_rates, key_func=person_of_request)  # each one is work for the renderer, and for the search
def save_edit(comment_id: int) -> View:
    user = signed_in()
    given = CommentInput.read(request.form)
    comment = queries.comment_for(user, comment_id)
    try:
        people = people_in([given.text])
        end_reading(db.session)
        prepared = prepare(given.text, people=people)
        with writing(db.session):
            comment = queries.comment_for(user, comment_id)
            source = given.source if comment.kind == CommentKind.EVIDENCE else None
            edit_changes.edit_comment(actor=user, comment=comment, text=prepared, source=source, seen=given.seen)
    except (Invalid, Conflict, Busy) as refusal:
        comment = queries.comment_for(user, comment_id)
        if isinstance(refusal, Conflict):  # who saves again has seen what it says by now
            given = replace(given, seen=edit_changes.print_of(comment))
        return make_response(_form(comment, given, refusal=refusal), refusal.status)
    return changed_entry(user, comment)


@blueprint.get(f"/comments/{COMMENT}/history")
def history(comment_id: int) -> View:
    """What a comment said before, for everybody who reads it; nothing of one that was hidden or withdrawn."""
    user = user_of_request()
    comment = queries.comment_for(user, comment_id)
    if comment.state != CommentState.VISIBLE:
        raise NotFound("This comment is not shown, and neither is what it said before.")
    earlier, after, page = edit_queries.edits_of(comment, page_number(request.args.get("page")))
    texts = [_whole(one.text, one.source) for one in (after or comment, *earlier)]
    steps = [text_diff(old, new) for new, old in pairwise(texts)]
    return render_template(
        "comments/history.html",
        article=comment.article,
        entry=thread_queries.entry_of(comment),
        changes=list(zip(earlier, steps, strict=True)),
        page=page,
        first=texts[-1],
    )


def _whole(text: str, source: str | None) -> str:
    return f"{text}\n\nSource: {source}" if source else text


def _as_it_is(comment: Comment) -> CommentInput:
    return CommentInput(
        text=comment.text, kind=comment.kind, source=comment.source or "", seen=edit_changes.print_of(comment)
    )


def _form(comment: Comment, given: CommentInput, *, refusal: HindsightError | None = None) -> str | Markup:
    form = reading.form_html(comment.article, given=given, refusal=refusal, editing=comment)
    if wants_part():
        return form
    return render_template(
        "comments/form.html", article=comment.article, form=form, heading="Change your comment", parent=None
    )
