"""One's own comments and how they stand, appealing against what was done, and judging appeals."""

from flask import flash, make_response, redirect, render_template, request, url_for

from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.errors import Busy, Conflict, Invalid
from blog.extensions import db
from blog.lib.database import writing
from blog.lib.row_numbers import MAX_ROW_NUMBER
from blog.moderation import act_queries, appeal_changes, appeal_queries, queries
from blog.moderation.act_views import ACT
from blog.moderation.forms import Typed
from blog.moderation.views import View, blueprint

APPEAL = f"<int(min=1, max={MAX_ROW_NUMBER}):appeal_id>"


@blueprint.get("/account/comments")
def own_comments() -> View:
    return _own_page(signed_in(), Typed())


@blueprint.post(f"/account/acts/{ACT}/appeal")
def appeal(act_id: int) -> View:
    user = signed_in()
    try:
        with writing(db.session):
            text = request.form.get("text", "")
            appeal_changes.appeal(actor=user, act=act_queries.act_for(act_id), text=text)
    except (Invalid, Conflict, Busy) as refusal:
        typed = Typed.of(request.form, number=act_id, refusal=refusal)
        return make_response(_own_page(user, typed), refusal.status)
    flash("Your appeal waits for another moderator than the one who acted. What comes of it stands here.", "ok")
    return redirect(url_for("moderation.own_comments"), code=303)


@blueprint.get(f"/moderation/appeals/{APPEAL}")
def show_appeal(appeal_id: int) -> View:
    return _appeal_page(signed_in(), appeal_id, Typed())


@blueprint.post(f"/moderation/appeals/{APPEAL}/<any(uphold, grant):verdict>")
def judge(appeal_id: int, verdict: str) -> View:
    user = signed_in()
    given = {"code": request.form.get("code", ""), "reason": request.form.get("reason", "")}
    try:
        with writing(db.session):
            judged = act_queries.appeal_for(appeal_id)
            appeal_changes.judge(actor=user, appeal=judged, verdict=verdict, **given)
    except (Invalid, Conflict, Busy) as refusal:
        typed = Typed.of(request.form, number=appeal_id, refusal=refusal)
        return make_response(_appeal_page(user, appeal_id, typed), refusal.status)
    words = "What was done is taken back" if verdict == "grant" else "What was done stands"
    flash(f"Judged. {words}, and the person is told.", "ok")
    return redirect(url_for("moderation.queue", queue="appeals"), code=303)


def _own_page(user: User, typed: Typed) -> str:
    said, older = appeal_queries.own_comments(user, before=queries.cursor(request.args.get("before")))
    suspension = appeal_queries.suspension_of(user)
    return render_template("moderation/own_comments.html", said=said, older=older, suspension=suspension, typed=typed)


def _appeal_page(user: User, appeal_id: int, typed: Typed) -> str:
    found = act_queries.appeal_for(appeal_id)
    pending = appeal_queries.pending_appeal(user, found)
    return render_template("moderation/appeal.html", pending=pending, typed=typed, sizes=queries.queue_sizes(user))
