"""The queue of reviewers, and the page of one review: what it changes, what was said of it, what may be done now."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog import policy
from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.articles import queries, review_queries
from blog.articles.desk_views import editor
from blog.articles.document import parse_document_text
from blog.articles.lifecycle import approvers
from blog.articles.models import Article, Review, Revision, RevisionState, Verdict
from blog.articles.plain_text import to_text
from blog.articles.reading import Reading
from blog.articles.schedule_forms import as_field
from blog.errors import Conflict, HindsightError, Invalid, NotAllowed, NotFound
from blog.extensions import db
from blog.lib.database import writing
from blog.lib.diff import DiffLine, line_diff
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


@dataclass
class Standing:
    """Where a revision stands, and what this person may do with it. `reviews` hold all verdicts on it, `counting` the
    people whose approval counts.
    """

    revision: Revision
    article: Article
    user: User
    author_ids: set[int]
    reviews: list[Review]
    counting: Collection[int]
    required: int

    @property
    def approvals(self) -> int:
        return len(self.counting)

    @property
    def can_review(self) -> bool:
        return policy.can_review(self.user, self.revision, self.author_ids)

    @property
    def has_approved(self) -> bool:
        """Whether this person vouches for it already."""
        return self.user.id in self.counting

    @property
    def would_suffice(self) -> bool:
        """Whether this person's approval is the last one needed."""
        return self.can_review and len({*self.counting, self.user.id}) >= self.required

    @property
    def can_publish(self) -> bool:
        return policy.can_publish(self.user, self.revision) and self.approvals >= self.required

    @property
    def can_recall(self) -> bool:
        return policy.can_recall(self.user, self.revision, self.article, self.author_ids)

    @property
    def can_unschedule(self) -> bool:
        return policy.can_unschedule(self.user, self.revision, self.author_ids)

    @property
    def wrote_it(self) -> bool:
        return self.user.id in self.author_ids

    @property
    def is_live(self) -> bool:
        return self.article.live_revision_id == self.revision.id

    @property
    def approved_by(self) -> list[tuple[Review, bool]]:
        """Each approval, with whether it counts: that of somebody who may review no more does not."""
        given = (one for one in self.reviews if one.verdict == Verdict.APPROVED)
        return [(one, one.reviewer_id in self.counting) for one in given]


def review_page(revision_id: int, *, error: HindsightError | None = None, field: str = "") -> ResponseReturnValue:
    """The page, with what went wrong beside the form that was sent."""
    user = signed_in()
    revision = queries.revision_for(user, revision_id)
    page = render_template(
        "editor/review.html",
        reading=Reading(queries.page_of_revision(revision)),
        standing=_standing(user, revision),
        authors=queries.authors_of(revision),
        steps=review_queries.steps_of(revision.article),
        next_one=review_queries.next_to_review(user, after=revision),
        **_compared(user, revision),
        **_complaint(error, field),
    )
    return make_response(page, error.status if error else 200)


def _standing(user: User, revision: Revision) -> Standing:
    author_ids = queries.author_ids(revision)
    return Standing(
        revision=revision,
        article=revision.article,
        user=user,
        author_ids=author_ids,
        reviews=queries.reviews_with_names(revision),
        counting=approvers(revision, queries.reviews_of(revision), author_ids),
        required=current_settings().approvals_required,
    )


def _complaint(error: HindsightError | None, field: str) -> dict[str, Any]:
    """What went wrong, beside the field of the form it was sent from, and what was typed into it."""
    faults = error.faults if isinstance(error, Invalid) else []
    beside = [fault.reason for fault in faults if fault.path in BESIDE_FIELDS]
    others = [str(fault) for fault in faults if fault.path not in BESIDE_FIELDS]
    problem = error.message if isinstance(error, Conflict) else ""
    words = {name: typed(name) for name in BESIDE_FIELDS} | {"publish_at": as_field(typed("publish_at"))}
    return {"said": {field: beside}, "typed": {field: words}, "others": others, "problem": problem}


def _compared(user: User, revision: Revision) -> dict[str, Any]:
    """How the revision differs from what readers see now; nothing where it is that, or none is live."""
    live_id, changes = revision.article.live_revision_id, None
    if live_id is None or live_id == revision.id:
        return {"live": None, "changes": changes}
    live = queries.revision_for(user, live_id)
    changes = _difference(live, revision)
    return {"live": live, "changes": changes}


def _difference(live: Revision, revision: Revision) -> list[DiffLine] | None:
    texts = [to_text(parse_document_text(one.document)) for one in (live, revision)]
    return line_diff(texts[0], texts[1])
