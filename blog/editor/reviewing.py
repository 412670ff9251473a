"""Reviewing: a revision is submitted, then approved or sent back by somebody who wrote no part of it."""

from datetime import datetime

from blog import policy
from blog.accounts.models import User
from blog.articles import queries
from blog.articles.correction_changes import note_correction
from blog.articles.history_queries import has_written
from blog.articles.lifecycle import approvers, move
from blog.articles.models import Article, Review, Revision, RevisionState, Verdict
from blog.checks.waiver_changes import Waivers, require_checked
from blog.errors import Conflict, Fault, Invalid, NotAllowed
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock
from blog.lib.text import clean_text
from blog.settings import current_settings

MAX_REASON = 4_000


def submit(
    *,
    actor: User,
    revision: Revision,
    article: Article,
    note: str = "",
    public_note: str = "",
    waivers: Waivers | None = None,
) -> None:
    """Ask for a review of exactly this revision. Raises `Invalid` while a finding of the checks is neither mended nor
    waived, here or before: a draft may hold it, a reviewer should not have to find it again. Where the write-up is live
    it also says to readers, in `public_note`, what changes.
    """
    if not policy.can_submit(actor, revision, article):
        raise NotAllowed("This revision cannot be submitted by you.")
    require_checked(actor=actor, article=article, revision=revision, waivers=waivers or {})
    note_correction(actor=actor, revision=revision, article=article, note=public_note)
    move(revision, RevisionState.SUBMITTED)
    revision.submitted_at, revision.publish_refused = clock.now(), None
    record("revision.submitted", subject=revision, actor=actor, reason=bounded_reason(note))


def approve(
    *, actor: User, revision: Revision, document_hash: str, reason: str = "", asked_at: datetime | None = None
) -> None:
    """Approve the document of this hash. Raises `Invalid` when the hash is not this revision's (the reviewer saw
    another text), `Conflict` when its review was asked for anew since `asked_at`, as the reviewer saw it (what it says
    to readers may be another), `NotAllowed` for its authors and for people who may not review.
    """
    author_ids = _require_reviewer(actor, revision)
    if asked_at is not None and asked_at != revision.submitted_at:
        raise Conflict("It was taken back and submitted anew since you read it. Look at what it says now.")
    if document_hash != revision.document_hash:
        raise Invalid([Fault("hash", "this approval is for another text than this revision; look at it again")])
    if has_written(actor.id, document_hash):
        raise NotAllowed("You wrote a part of this very text in another write-up; somebody else has to approve it.")
    reason = bounded_reason(reason)
    _set_verdict(actor, revision, Verdict.APPROVED, reason)
    enough = len(approvers(revision, queries.reviews_of(revision), author_ids)) >= current_settings().approvals_required
    if enough and revision.state == RevisionState.SUBMITTED:
        move(revision, RevisionState.APPROVED)
    record("revision.approved", subject=revision, actor=actor, reason=reason, data={"hash": document_hash})


def request_changes(*, actor: User, revision: Revision, reason: str) -> None:
    """Send the revision back. Raises `Invalid` at path `reason` when none is given."""
    _require_reviewer(actor, revision)
    reason = bounded_reason(reason)
    if not reason:
        raise Invalid([Fault("reason", "say what should change, so that the author can act on it")])
    _set_verdict(actor, revision, Verdict.CHANGES_REQUESTED, reason)
    move(revision, RevisionState.CHANGES_REQUESTED)
    record("revision.changes_requested", subject=revision, actor=actor, reason=reason, data=called_off(revision))


def recall(*, actor: User, revision: Revision, article: Article) -> None:
    """Take a revision back from its reviewers, before or after they approved it; its authors go on with it."""
    if not policy.can_recall(actor, revision, article, queries.author_ids(revision)):
        raise NotAllowed("Its authors take a revision back while it waits for a review or for publishing.")
    move(revision, RevisionState.DRAFT)
    record("revision.recalled", subject=revision, actor=actor, data=called_off(revision))


def called_off(revision: Revision) -> dict[str, str]:
    """Forget the hour a revision would go live at; what the journal says of that."""
    if revision.publish_at is None:
        return {}
    hour, revision.publish_at = revision.publish_at, None
    return {"called_off": clock.iso(hour)}


def _require_reviewer(actor: User, revision: Revision) -> set[int]:
    author_ids = queries.author_ids(revision)
    if actor.id in author_ids:
        raise NotAllowed("Nobody reviews what they wrote a part of; somebody else has to.")
    if revision.state == RevisionState.REPLACED and actor.role in policy.REVIEWERS:
        raise Conflict("Somebody saved a newer revision in place of this one while you read it.")
    if not policy.can_review(actor, revision, author_ids):
        raise NotAllowed("You may not review this revision, or it does not wait for a review.")
    return author_ids


def _set_verdict(actor: User, revision: Revision, verdict: Verdict, reason: str) -> None:
    review = next((one for one in queries.reviews_of(revision) if one.reviewer_id == actor.id), None)
    if review is None:
        review = Review(revision_id=revision.id, reviewer_id=actor.id)
        db.session.add(review)
    review.verdict, review.reason = verdict, reason
    review.document_hash, review.created_at = revision.document_hash, clock.now()
    db.session.flush()


def bounded_reason(reason: str) -> str:
    """A reason as it is kept. Raises `Invalid` at path `reason` for one that is too long or holds no readable text."""
    try:
        kept = clean_text(reason).strip()
    except ValueError as error:
        raise Invalid([Fault("reason", str(error))]) from error
    if len(kept) > MAX_REASON:
        raise Invalid([Fault("reason", f"a reason is at most {MAX_REASON} characters", is_too_long=True)])
    return kept
