"""The review of a revision and what follows it: submit, approve, ask for changes, publish, retire, restore."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog import policy
from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.articles import publishing, queries, reviewing
from blog.articles.desk_views import editor
from blog.articles.document import parse_document_text
from blog.articles.lifecycle import approvers
from blog.articles.models import Article, Revision, RevisionState
from blog.articles.plain_text import to_text
from blog.articles.reading import Reading
from blog.errors import Conflict, HindsightError, Invalid, NotAllowed
from blog.extensions import db
from blog.lib.database import writing
from blog.lib.diff import DiffLine, line_diff
from blog.settings import current_settings


@editor.get("/revisions/<int:revision_id>")
def review(revision_id: int) -> ResponseReturnValue:
    return _review_page(revision_id)


@editor.post("/revisions/<int:revision_id>/submit")
def submit(revision_id: int) -> ResponseReturnValue:
    def change(user: User, revision: Revision) -> str:
        reviewing.submit(actor=user, revision=revision, article=revision.article, note=_typed("note"))
        return "Waiting for a review by somebody who did not write it."

    return _decide(revision_id, change)


@editor.post("/revisions/<int:revision_id>/approve")
def approve(revision_id: int) -> ResponseReturnValue:
    def change(user: User, revision: Revision) -> str:
        reviewing.approve(actor=user, revision=revision, document_hash=_typed("hash"), reason=_typed("reason"))
        if "publish" in request.form and policy.can_publish(user, revision):
            publishing.publish(actor=user, revision=revision, article=revision.article)
            return "Approved and published. Everybody can read it now."
        if revision.state == RevisionState.APPROVED:
            return "Approved. A reviewer can publish it now."
        return "Your approval counts. It takes more of them before this can be published."

    return _decide(revision_id, change)


@editor.post("/revisions/<int:revision_id>/request-changes")
def request_changes(revision_id: int) -> ResponseReturnValue:
    def change(user: User, revision: Revision) -> str:
        reviewing.request_changes(actor=user, revision=revision, reason=_typed("reason"))
        return "Sent back to its authors with your words."

    return _decide(revision_id, change, field="changes")


@editor.post("/revisions/<int:revision_id>/publish")
def publish(revision_id: int) -> ResponseReturnValue:
    def change(user: User, revision: Revision) -> str:
        publishing.publish(actor=user, revision=revision, article=revision.article)
        return "Published. Everybody can read it now."

    return _decide(revision_id, change)


@editor.post("/articles/<int:article_id>/retire")
def retire(article_id: int) -> ResponseReturnValue:
    def change(user: User, revision: Revision) -> str:
        publishing.retire(actor=user, article=revision.article, reason=_typed("reason"))
        return "Retired. Its address says why; a reviewer can restore it from the desk."

    return _decide(_live_id(article_id), change, field="retire")


@editor.post("/articles/<int:article_id>/restore")
def restore(article_id: int) -> ResponseReturnValue:
    def change(user: User, revision: Revision) -> str:
        publishing.restore(actor=user, article=revision.article, revision=revision)
        return "Restored. It stands in lists and search again."

    return _decide(_live_id(article_id), change)


def _live_id(article_id: int) -> int:
    article = queries.article_by_id(signed_in(), article_id)
    if article.live_revision_id is None:
        raise NotAllowed("This write-up was never published.")
    return article.live_revision_id


def _typed(name: str) -> str:
    return request.form.get(name, "")


def _decide(revision_id: int, change: Callable[[User, Revision], str], *, field: str = "") -> ResponseReturnValue:
    """Make the change in one transaction, then show what became of it. `field` names the form that was sent."""
    try:
        with writing(db.session):
            user = signed_in()
            revision = queries.revision_for(user, revision_id)
            message = change(user, revision)
            is_public = revision.state == RevisionState.LIVE and revision.article.live_revision_id == revision.id
            address = f"/postmortems/{revision.article.slug}"
    except (Invalid, Conflict) as error:
        return _review_page(revision_id, error=error, field=field)
    flash(message, "ok")
    return redirect(address if is_public else url_for("editor.review", revision_id=revision_id), code=303)


@dataclass
class Standing:
    """Where a revision stands, and what this person may do with it."""

    revision: Revision
    article: Article
    user: User
    author_ids: set[int]
    approvals: int
    required: int

    @property
    def can_review(self) -> bool:
        return policy.can_review(self.user, self.revision, self.author_ids)

    @property
    def would_suffice(self) -> bool:
        """Whether this person's approval is the last one needed."""
        return self.can_review and self.approvals + 1 >= self.required

    @property
    def wrote_it(self) -> bool:
        return self.user.id in self.author_ids

    @property
    def is_live(self) -> bool:
        return self.article.live_revision_id == self.revision.id


def _review_page(revision_id: int, *, error: HindsightError | None = None, field: str = "") -> ResponseReturnValue:
    user = signed_in()
    revision = queries.revision_for(user, revision_id)
    article, author_ids = revision.article, queries.author_ids(revision)
    count = len(approvers(revision, queries.reviews_of(revision), author_ids))
    standing = Standing(revision, article, user, author_ids, count, current_settings().approvals_required)
    page = render_template(
        "editor/review.html",
        reading=Reading(queries.page_of_revision(revision)),
        standing=standing,
        authors=queries.authors_of(revision),
        verdicts=queries.verdicts_on(article),
        **_compared(user, revision),
        **_complaint(error, field),
    )
    return make_response(page, error.status if error else 200)


def _complaint(error: HindsightError | None, field: str) -> dict[str, Any]:
    """What went wrong, beside the field of the form it was sent from, and what was typed into it."""
    reasons = error.at("reason") if isinstance(error, Invalid) else []
    others = [str(fault) for fault in error.faults if fault.path != "reason"] if isinstance(error, Invalid) else []
    problem = error.message if isinstance(error, Conflict) else ""
    return {"reasons": {field: reasons}, "typed": {field: _typed("reason")}, "others": others, "problem": problem}


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
