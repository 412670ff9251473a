"""A member as moderators see them: in numbers, what was done, and a suspension with its end."""

from flask import flash, make_response, redirect, render_template, request, url_for

from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.accounts.queries import person as person_of
from blog.errors import Busy, Conflict, Invalid, NotFound
from blog.extensions import db
from blog.lib.database import writing
from blog.lib.row_numbers import MAX_ROW_NUMBER
from blog.moderation import appeal_queries, entry_queries, log_queries, queries, suspension_changes
from blog.moderation.forms import Typed
from blog.moderation.views import View, blueprint

PERSON = f"<int(min=1, max={MAX_ROW_NUMBER}):user_id>"


@blueprint.get(f"/moderation/people/{PERSON}")
def person(user_id: int) -> View:
    return _page(signed_in(), user_id, Typed())


@blueprint.post(f"/moderation/people/{PERSON}/<any(suspend, unsuspend):verb>")
def suspend(user_id: int, verb: str) -> View:
    user = signed_in()
    given = {"reason": request.form.get("reason", ""), "code": request.form.get("code", "")}
    try:
        with writing(db.session):
            whose = _found(user_id)
            if verb == "suspend":
                suspension_changes.suspend(actor=user, person=whose, days=request.form.get("days", ""), **given)
            else:
                suspension_changes.unsuspend(actor=user, person=whose, **given)
    except (Invalid, Conflict, Busy) as refusal:
        typed = Typed.of(request.form, number=user_id, refusal=refusal)
        return make_response(_page(user, user_id, typed), refusal.status)
    done = "Suspended. They are told why and until when" if verb == "suspend" else "The suspension is over"
    flash(f"{done}. You can undo it below.", "ok")
    return redirect(url_for("moderation.person", user_id=user_id), code=303)


def _found(user_id: int) -> User:
    whose = person_of(user_id)
    if whose is None:
        raise NotFound("There is no such person.")
    return whose


def _page(user: User, user_id: int, typed: Typed) -> str:
    whose = _found(user_id)
    done, older = log_queries.done_acts(user, person_id=user_id, before=queries.cursor(request.args.get("before")))
    return render_template(
        "moderation/person.html",
        person=whose,
        record=entry_queries.record_of(whose),
        suspension=appeal_queries.suspension_of(whose),
        done=done,
        older=older,
        typed=typed,
        sizes=queries.queue_sizes(user),
    )
