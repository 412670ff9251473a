"""The queue of reviewers, and the page of one review: what it changes, what was said of it, what may be done now."""

from collections.abc import Callable
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog import policy
from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.articles import queries
from blog.articles.comparing import compare, whole
from blog.articles.document import parse_document_text
from blog.articles.lifecycle import is_of_this_round
from blog.articles.models import Revision, RevisionState
from blog.articles.reading import Reading
from blog.checks.queries import checked
from blog.editor import remark_queries, review_queries
from blog.editor.desk_views import editor
from blog.editor.lines import texts_of
from blog.editor.review_reading import ReviewText, standing_of
from blog.editor.schedule_forms import as_field
from blog.errors import Conflict, HindsightError, Invalid, NotAllowed, NotFound
from blog.extensions import db
from blog.lib.database import writing
from blog.lib.pagination import page_number
from blog.settings import current_settings

BESIDE_FIELDS = {"reason", "publish_at", "note"}  # paths of faults that are shown beside the field they are about


@editor.get("/queue")
def queue() -> ResponseReturnValue:
    user = signed_in()
    if user.role not in policy.REVIEWERS:
        raise NotAllowed("The queue is for reviewers. What you wrote stands on your desk, with what became of it.")
    part = request.args.get("part", "review")
    if part not in review_queries.PARTS:
        raise NotFound("The queue has no such part.")
    found = review_queries.review_queue(user, part, page_number(request.args.get("page")))
    return render_template("editor/queue.html", queue=found, required=current_settings().approvals_required)


@editor.get("/revisions/<int:revision_id>")
def review(revision_id: int) -> ResponseReturnValue:
    return review_page(revision_id)


def typed(name: str) -> str:
    """What was sent for a field; empty where it was not."""
    return request.form.get(name, "")


def decide(revision_id: int, change: Callable[[User, Revision], str], *, field: str = "") -> ResponseReturnValue:
    """Make the change in one transaction, then show what became of it. `field` names the form that was sent."""
    try:
        with writing(db.session):
            user = signed_in()
            revision = queries.revision_for(user, revision_id)
            message = change(user, revision)
            is_public = revision.state == RevisionState.LIVE and revision.article.live_revision_id == revision.id
            address = f"/postmortems/{revision.article.slug}"
    except (Invalid, Conflict) as error:
        return review_page(revision_id, error=error, field=field)
    flash(message, "ok")
    return redirect(address if is_public else url_for("editor.review", revision_id=revision_id), code=303)


def review_page(revision_id: int, *, error: HindsightError | None = None, field: str = "") -> ResponseReturnValue:
    """The page, with what went wrong beside the form that was sent."""
    user = signed_in()
    revision = queries.revision_for(user, revision_id)
    page = render_template(
        "editor/review.html",
        reading=Reading(queries.page_of_revision(revision)),
        standing=standing_of(user, revision),
        is_of_this_round=is_of_this_round,
        authors=queries.authors_of(revision),
        steps=review_queries.steps_of(revision.article),
        next_one=review_queries.next_to_review(user, after=revision),
        newer=_newer(user, revision),
        **_text(user, revision),
        **_complaint(error, field),
    )
    return make_response(page, error.status if error else 200)


def _newer(user: User, revision: Revision) -> Revision | None:
    """What was saved after a revision; None where it is the newest, or this person sees no drafts."""
    newest = queries.newest_revision(revision.article)
    if newest is None or newest.id == revision.id:
        return None
    return newest if policy.can_see_revision(user, newest, revision.article) else None


def _complaint(error: HindsightError | None, field: str) -> dict[str, Any]:
    """What went wrong, beside the field of the form it was sent from, and what was typed into it."""
    faults = error.faults if isinstance(error, Invalid) else []
    beside = [fault.reason for fault in faults if fault.path in BESIDE_FIELDS]
    public = [fault.reason for fault in faults if fault.path == "public_note"]
    others = [str(fault) for fault in faults if fault.path not in {*BESIDE_FIELDS, "public_note"}]
    problem = error.message if isinstance(error, Conflict) else ""
    names = (*BESIDE_FIELDS, "public_note")
    words = {name: typed(name) for name in names} | {"publish_at": as_field(typed("publish_at"))}
    said = {field: beside, "public_note": public}
    return {"said": said, "typed": {field: words}, "others": others, "problem": problem}


def _text(user: User, revision: Revision) -> dict[str, Any]:
    """The text with its remarks, what it changes of what readers see now or all of it; and what the checks found."""
    document = parse_document_text(revision.document)
    live_id = revision.article.live_revision_id
    live = None if live_id in {None, revision.id} else queries.revision_for(user, live_id or 0)
    threads = remark_queries.threads_on(revision, texts_of(document))
    shown = {"live": live, "found": checked(document, revision.article_id)}
    if live is None or request.values.get("show") == "all":
        return {**shown, "text": ReviewText(whole(document), "all", threads)}
    comparison = compare(parse_document_text(live.document), document)
    return {**shown, "text": ReviewText(comparison, "changes", threads)}
