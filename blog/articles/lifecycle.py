"""The life of a revision: which state may follow which, and when one is approved. Pure facts, no database."""

from collections.abc import Collection, Iterable

from blog.articles.models import Review, Revision, RevisionState, Verdict
from blog.errors import Conflict, NotAllowed

FOLLOWS: dict[RevisionState, set[RevisionState]] = {
    RevisionState.DRAFT: {RevisionState.SUBMITTED, RevisionState.REPLACED, RevisionState.DISCARDED},
    RevisionState.SUBMITTED: {
        RevisionState.APPROVED, RevisionState.CHANGES_REQUESTED, RevisionState.DRAFT, RevisionState.REPLACED,
    },
    RevisionState.CHANGES_REQUESTED: {RevisionState.SUBMITTED, RevisionState.REPLACED, RevisionState.DISCARDED},
    RevisionState.APPROVED: {
        RevisionState.LIVE, RevisionState.CHANGES_REQUESTED, RevisionState.DRAFT, RevisionState.REPLACED,
    },
    RevisionState.LIVE: {RevisionState.SUPERSEDED},
    RevisionState.SUPERSEDED: set(),
    RevisionState.REPLACED: set(),
    RevisionState.DISCARDED: {RevisionState.DRAFT},
}  # fmt: skip


def move(revision: Revision, state: RevisionState) -> None:
    """Put the revision into `state`. Raises `Conflict` where that cannot follow what it is now."""
    if state not in FOLLOWS[RevisionState(revision.state)]:
        raise Conflict(f"This revision is {revision.state} by now, so it cannot become {state}.")
    revision.state = state


def approvers(revision: Revision, reviews: Iterable[Review], author_ids: Collection[int]) -> set[int]:
    """The people whose approval counts: of exactly this document, by somebody who wrote no part of it, given since its
    review was asked for last: what is said to readers beside the text may be another then. `reviews` are those of
    people who may still review (`queries.reviews_of`).
    """
    return {
        review.reviewer_id
        for review in reviews
        if review.revision_id == revision.id
        and review.verdict == Verdict.APPROVED
        and review.document_hash == revision.document_hash
        and is_of_this_round(review, revision)
        and review.reviewer_id not in author_ids
    }


def is_of_this_round(review: Review, revision: Revision) -> bool:
    """Whether a verdict was given since the review was asked for last."""
    return revision.submitted_at is None or review.created_at >= revision.submitted_at


def require_approval(
    revision: Revision, reviews: Iterable[Review], author_ids: Collection[int], *, required: int
) -> None:
    """Raises `NotAllowed` unless enough people who did not write this revision approved exactly its document."""
    count = len(approvers(revision, reviews, author_ids))
    if count < required:
        raise NotAllowed(
            f"This revision has {count} of {required} approval(s) by people who did not write it: it stays unpublished."
        )
