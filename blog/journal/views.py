"""The page of jobs that were given up, for admins: what failed and why, and another try."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blog import policy
from blog.accounts import access
from blog.errors import Conflict, NotAllowed
from blog.extensions import db
from blog.journal import queries, retrying, wording
from blog.lib.database import writing

blueprint = Blueprint("journal", __name__)

SHOWN = 50


@blueprint.get("/account/jobs")
def given_up() -> ResponseReturnValue:
    if not policy.can_administer(access.signed_in()):
        raise NotAllowed("Only admins look after jobs.")
    return _page()


@blueprint.post("/account/jobs/<int:job_id>/try-again")
def try_again(job_id: int) -> ResponseReturnValue:
    actor = access.signed_in()
    try:
        with writing(db.session):
            retrying.try_again(actor=actor, job_id=job_id)
    except Conflict as refusal:
        return _page(refusal)
    flash("The job is tried again. It comes back to this list if it fails five more times.", "ok")
    return redirect(url_for("journal.given_up"), code=303)


@blueprint.post("/account/jobs/try-again")
def try_all_again() -> ResponseReturnValue:
    actor = access.signed_in()
    with writing(db.session):
        number = retrying.try_all_again(actor=actor)
    flash(f"{number} job(s) are tried again.", "ok")
    return redirect(url_for("journal.given_up"), code=303)


def _page(problem: Conflict | None = None) -> ResponseReturnValue:
    page = render_template(
        "journal/given_up.html",
        jobs=queries.failed_jobs(limit=SHOWN),
        counts=queries.queue_counts(),
        wording=wording,
        problem=problem,
    )
    return page, problem.status if problem else 200
