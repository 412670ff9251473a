"""Flagging a comment: a page of its own, which says what happens then."""

from flask import flash, make_response, redirect, render_template, request, url_for

from blog import policy
from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.comments import thread_queries
from blog.comments.models import Comment
from blog.comments.queries import comment_for
from blog.errors import Busy, Conflict, Invalid, TooMany
from blog.extensions import db
from blog.lib.database import writing
from blog.moderation import flag_changes, flag_queries
from blog.moderation.forms import Typed
from blog.moderation.views import COMMENT, View, blueprint


@blueprint.get(f"/comments/{COMMENT}/flag")
def flag_form(comment_id: int) -> View:
    user = signed_in()
    comment = comment_for(user, comment_id)
    flag_changes.require_may_flag(user, comment)
    return _page(user, comment, Typed())


@blueprint.post(f"/comments/{COMMENT}/flag")
def flag(comment_id: int) -> View:
    user = signed_in()
    comment = comment_for(user, comment_id)
    try:
        with writing(db.session):
            comment = comment_for(user, comment_id)
            given = {"code": request.form.get("code", ""), "words": request.form.get("reason", "")}
            flag_changes.flag_comment(actor=user, comment=comment, **given)
    except (Invalid, Conflict, TooMany, Busy) as refusal:
        typed = Typed.of(request.form, refusal=refusal)
        return make_response(_page(user, comment_for(user, comment_id), typed), refusal.status)
    flash("Thank you. A moderator will look at it; nobody else learns that you flagged it.", "ok")
    db.session.refresh(comment)
    if not policy.can_see_comment(user, comment):  # enough others did, too
        return redirect(url_for("articles.show", slug=comment.article.slug, _anchor="comments"), code=303)
    return redirect(url_for("comments.permalink", comment_id=comment_id), code=303)


@blueprint.post(f"/comments/{COMMENT}/flag/back")
def take_back_flag(comment_id: int) -> View:
    user = signed_in()
    try:
        with writing(db.session):
            flag_changes.take_back_flag(actor=user, comment=comment_for(user, comment_id))
    except (Conflict, Busy) as refusal:
        typed = Typed.of(request.form, refusal=refusal)
        return make_response(_page(user, comment_for(user, comment_id), typed), refusal.status)
    flash("Your flag is taken back.", "ok")
    return redirect(url_for("comments.permalink", comment_id=comment_id), code=303)


def _page(user: User, comment: Comment, typed: Typed) -> str:
    return render_template(
        "moderation/flag.html",
        comment=comment,
        entry=thread_queries.entry_of(comment),
        flag=flag_queries.flag_of(user, comment.id),
        typed=typed,
    )
