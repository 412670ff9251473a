"""What moderators did, for moderators: the list, and taking an act back."""

from flask import flash, make_response, redirect, render_template, request, url_for

from blog import policy
from blog.accounts.access import signed_in
from blog.errors import Busy, Conflict, Invalid, NotAllowed, NotFound
from blog.extensions import db
from blog.lib.database import writing
from blog.lib.row_numbers import MAX_ROW_NUMBER
from blog.moderation import act_queries, log_queries, queries, undo_changes
from blog.moderation.forms import chosen
from blog.moderation.views import View, back_to_queue, blueprint, entry_html, refused, wants_part

ACT = f"<int(min=1, max={MAX_ROW_NUMBER}):act_id>"


@blueprint.get("/moderation/acts")
def acts() -> View:
    return _page()


@blueprint.post(f"/moderation/acts/{ACT}/undo")
def undo(act_id: int) -> View:
    user = signed_in()
    act = act_queries.act_for(act_id)
    comment_id, person_id = act.comment_id, act.person_id
    try:
        with writing(db.session):
            undo_changes.undo(actor=user, act=act_queries.act_for(act_id))
    except Conflict as refusal:
        if wants_part() and comment_id is not None:
            return make_response(entry_html(user, comment_id), refusal.status)
        return make_response(_page(refused=refusal.message), refusal.status)
    if wants_part() and comment_id is not None:
        return entry_html(user, comment_id)
    flash("Taken back. Everything is as it was before.", "ok")
    return redirect(_after_undoing(comment_id, person_id), code=303)


@blueprint.post("/moderation/acts/undo")
def undo_many() -> View:
    """Take back all acts that were ticked, the newest first. What something followed meanwhile is left and counted."""
    user = signed_in()
    if not policy.can_moderate(user):
        raise NotAllowed("Moderators take acts of moderation back; you are not one.")
    done = left = 0
    try:
        numbers = chosen(request.form, "act", what="acts", most=log_queries.LOG_PAGE)
        with writing(db.session):
            for number in reversed(numbers):
                try:
                    undo_changes.undo(actor=user, act=act_queries.act_for(number))
                    done += 1
                except (Conflict, NotAllowed, NotFound):
                    left += 1
    except (Invalid, Busy) as refusal:
        return make_response(_page(refused=refused(refusal)), refusal.status)
    flash(f"{done} {'act' if done == 1 else 'acts'} taken back. Everything is as it was before.", "ok")
    if left:
        flash(f"{left} left: taken back already, followed by something newer, or about yourself.", "warning")
    return redirect(url_for("moderation.acts"), code=303)


def _after_undoing(comment_id: int | None, person_id: int) -> str:
    """Back to the list that the button stood in, else to what the act was about."""
    if request.form.get("from") == "acts":
        return url_for("moderation.acts")
    if "queue" in request.form:
        return back_to_queue()
    if comment_id is not None:
        return url_for("moderation.comment", comment_id=comment_id)
    return url_for("moderation.person", user_id=person_id)


def _page(*, refused: str = "") -> str:
    user = signed_in()
    done, older = log_queries.done_acts(user, before=queries.cursor(request.args.get("before")))
    sizes = queries.queue_sizes(user)
    return render_template("moderation/acts.html", done=done, older=older, sizes=sizes, queue="acts", refused=refused)
