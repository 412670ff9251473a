"""The pages of following: one thing, all that one follows, what one was told, and the end of it by a link in a mail."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog.accounts import proof_queries
from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.errors import Fault, Invalid
from blog.extensions import csrf, db
from blog.lib.database import writing
from blog.lib.row_numbers import row_number
from blog.notifications import changes, notice_changes, queries, tokens
from blog.notifications.forms import Target, read_target
from blog.notifications.models import FollowKind, Pace
from blog.notifications.wording import PACES
from blog.settings import current_settings

blueprint = Blueprint("notifications", __name__)


@blueprint.get("/follow")
def follow() -> ResponseReturnValue:
    user = signed_in()
    return _follow_page(user, read_target(user, request.args.to_dict(flat=False)))


@blueprint.post("/follow")
def start() -> ResponseReturnValue:
    user = signed_in()
    target = read_target(user, request.form.to_dict(flat=False))
    try:
        with writing(db.session):
            changes.follow(
                actor=user,
                kind=target.kind,
                subject_ids=target.subject_ids,
                query=target.query,
                pace=request.form.get("pace", Pace.AT_ONCE),
            )
    except Invalid as refusal:
        return _follow_page(user, target, refusal)
    flash("You follow this now.", "ok")
    return redirect(target.address, code=303)


@blueprint.post("/follow/end")
def stop() -> ResponseReturnValue:
    user = signed_in()
    target = read_target(user, request.form.to_dict(flat=False))
    with writing(db.session):
        changes.unfollow(actor=user, kind=target.kind, subject_ids=target.subject_ids, query=target.query)
    flash("You do not follow this any more.", "ok")
    return redirect(target.address, code=303)


@blueprint.get("/account/follows")
def follows() -> ResponseReturnValue:
    user = signed_in()
    return render_template(
        "notifications/follows.html",
        follows=queries.follows_of(user),
        own_pace=queries.own_pace(user.id),
        paces=PACES,
        mailbox=proof_queries.mailbox_of(user),
    )


@blueprint.post("/account/follows/self")
def set_own_pace() -> ResponseReturnValue:
    user = signed_in()
    with writing(db.session):
        changes.follow(actor=user, kind=FollowKind.SELF, pace=request.form.get("pace", ""))
    flash("Saved.", "ok")
    return redirect(url_for("notifications.follows"), code=303)


@blueprint.post("/account/follows/<int:follow_id>/pace")
def set_pace(follow_id: int) -> ResponseReturnValue:
    user = signed_in()
    with writing(db.session):
        changes.set_pace(actor=user, follow_id=follow_id, pace=request.form.get("pace", ""))
    flash("Saved.", "ok")
    return redirect(url_for("notifications.follows"), code=303)


@blueprint.post("/account/follows/<int:follow_id>/end")
def end(follow_id: int) -> ResponseReturnValue:
    user = signed_in()
    with writing(db.session):
        changes.end(actor=user, follow_id=follow_id)
    flash("You do not follow this any more.", "ok")
    return redirect(url_for("notifications.follows"), code=303)


@blueprint.get("/account/notices")
def notices() -> ResponseReturnValue:
    user = signed_in()
    given = request.args.get("before")
    before = row_number(given) if given else None
    if given and before is None:
        raise Invalid([Fault("before", "This is no place in the list. Start again at its beginning.")])
    shown, older = queries.notices_page(user, before=before)
    new = queries.count_new(user.id)
    return render_template("notifications/notices.html", notices=shown, older=older, new=new, before=before)


@blueprint.post("/account/notices/seen")
def mark_seen() -> ResponseReturnValue:
    user = signed_in()
    up_to = row_number(request.form.get("up_to", "")) or 0
    with writing(db.session):
        notice_changes.mark_seen(actor=user, up_to=up_to)
    return redirect(url_for("notifications.notices"), code=303)


@blueprint.get("/unsubscribe")
def unsubscribe() -> ResponseReturnValue:
    """A page with a button: programs that look through mail open every link."""
    asked = tokens.read(request.args.get("to", ""))
    page = render_template("notifications/unsubscribe.html", asked=asked, is_done=False, to=request.args.get("to", ""))
    return page, 200 if asked else 404


@blueprint.post("/unsubscribe")
def unsubscribe_now() -> ResponseReturnValue:
    asked = tokens.read(request.args.get("to", ""))
    if asked is not None:
        with writing(db.session):
            changes.unsubscribe(asked)
    page = render_template("notifications/unsubscribe.html", asked=asked, is_done=True, to="")
    return page, 200 if asked else 404


# RFC 8058: programs for mail post here in one click, without cookies. The signed link is the permission.
csrf.exempt(unsubscribe_now)


def _follow_page(user: User, target: Target, refusal: Invalid | None = None) -> ResponseReturnValue:
    page = render_template(
        "notifications/follow.html",
        target=target,
        known=queries.follow_of(user, target.kind, subject_ids=target.subject_ids, query=target.query),
        paces=PACES,
        has_mail=bool(current_settings().mail_url),
        is_verified=proof_queries.is_verified(user),
        refusal=refusal,
    )
    return page, refusal.status if refusal else 200
