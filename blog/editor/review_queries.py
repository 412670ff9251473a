"""Reads of reviews: what waits for whom, what was decided, and revisions that have their hour."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, undefer

from blog import policy
from blog.accounts.models import User
from blog.articles.models import Article, ArticleState, Review, Revision, RevisionAuthor, RevisionState, Verdict
from blog.editor.remark_models import Remark
from blog.errors import NotFound
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.pagination import Page

Part = Literal["review", "publish", "scheduled", "others"]
PARTS: tuple[Part, ...] = get_args(Part)
PER_PAGE = 30
WORKED_ON = (ArticleState.DRAFT, ArticleState.PUBLISHED)  # the others wait until they are restored
EVENTS = (
    "revision.submitted", "revision.approved", "revision.changes_requested", "revision.recalled", "revision.scheduled",
    "revision.unscheduled", "revision.publish_refused",
)  # fmt: skip
_OF_THIS_ROUND = or_(Revision.submitted_at.is_(None), Review.created_at >= Revision.submitted_at)
MANY_EVENTS = 100  # of one write-up, on one page; the journal has them all


@dataclass(frozen=True)
class Waiting:
    """One entry of the queue. `approvals` are those that count; `open_remarks` those nobody has settled."""

    revision: Revision
    approvals: int
    open_remarks: int
    note: str
    is_new: bool


@dataclass(frozen=True)
class Queue:
    """One page of one part of the queue, and how many stand in each part."""

    part: Part
    entries: list[Waiting]
    page: Page
    counts: dict[Part, int]


def review_queue(user: User, part: Part, number: int) -> Queue:
    """What waits for reviewers. Parts: `review` (for this person to read), `publish` (approved), `scheduled` (has its
    hour), `others` (somebody else has to read it). What was asked for first comes first. Raises `NotFound` for a page
    that is not there.
    """
    counts = {one: _count(user, one) for one in PARTS}
    page = Page(number, PER_PAGE, counts[part])
    if number > page.last:
        raise NotFound("The queue has no such page.")
    order = (Revision.publish_at, Revision.id) if part == "scheduled" else (Revision.submitted_at, Revision.id)
    wanted = (
        select(Revision)
        .where(_in_part(user, part))
        .order_by(*order)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
        .options(joinedload(Revision.article), joinedload(Revision.created_by))
    )
    revisions = list(db.session.scalars(wanted))
    return Queue(part, _entries(revisions), page, counts)


def next_to_review(user: User, *, after: Revision) -> Revision | None:
    """The revision that this person would read next, with the one asked for longest first; not `after` itself."""
    if user.role not in policy.REVIEWERS:
        return None
    wanted = select(Revision).where(_in_part(user, "review"), Revision.id != after.id)
    return db.session.scalar(wanted.order_by(Revision.submitted_at, Revision.id).limit(1))


def _count(user: User, part: Part) -> int:
    return db.session.scalar(select(func.count()).select_from(Revision).where(_in_part(user, part))) or 0


def _in_part(user: User, part: Part) -> ColumnElement[bool]:
    wrote = select(RevisionAuthor.user_id).where(
        RevisionAuthor.revision_id == Revision.id, RevisionAuthor.user_id == user.id
    )
    approved = select(Review.id).where(
        Review.revision_id == Revision.id,
        Review.reviewer_id == user.id,
        Review.verdict == Verdict.APPROVED,
        _OF_THIS_ROUND,
    )
    is_worked_on = select(Article.id).where(Article.id == Revision.article_id, Article.state.in_(WORKED_ON)).exists()
    submitted = and_(Revision.state == RevisionState.SUBMITTED, is_worked_on)
    is_ready = and_(Revision.state == RevisionState.APPROVED, is_worked_on)
    has_part = or_(wrote.exists(), approved.exists())
    return {
        "review": and_(submitted, ~has_part),
        "others": and_(submitted, has_part),
        "publish": and_(is_ready, Revision.publish_at.is_(None)),
        "scheduled": and_(is_ready, Revision.publish_at.is_not(None)),
    }[part]


def _entries(revisions: list[Revision]) -> list[Waiting]:
    ids = [revision.id for revision in revisions]
    approvals, remarks, notes = _approvals(ids), open_remarks(ids), _notes(ids)
    return [
        Waiting(
            revision=one,
            approvals=approvals.get(one.id, 0),
            open_remarks=remarks.get(one.id, 0),
            note=notes.get(one.id, ""),
            is_new=one.article.live_revision_id is None,
        )
        for one in revisions
    ]


def _approvals(ids: list[int]) -> dict[int, int]:
    """How many approvals of each count, by the rule of `lifecycle.approvers`."""
    wrote = select(RevisionAuthor.user_id).where(
        RevisionAuthor.revision_id == Review.revision_id, RevisionAuthor.user_id == Review.reviewer_id
    )
    wanted = (
        select(Review.revision_id, func.count())
        .join(Revision, Revision.id == Review.revision_id)
        .join(User, User.id == Review.reviewer_id)
        .where(
            Review.revision_id.in_(ids),
            Review.verdict == Verdict.APPROVED,
            Review.document_hash == Revision.document_hash,
            _OF_THIS_ROUND,
            User.disabled_at.is_(None),
            User.role.in_(policy.REVIEWERS),
            ~wrote.exists(),
        )
        .group_by(Review.revision_id)
    )
    return _counted(wanted)


def open_remarks(ids: Iterable[int]) -> dict[int, int]:
    """How many remarks on each of these revisions nobody has settled."""
    is_open = (Remark.revision_id.in_(list(ids)), Remark.answers_id.is_(None), Remark.resolved_at.is_(None))
    return _counted(select(Remark.revision_id, func.count()).where(*is_open).group_by(Remark.revision_id))


def _notes(ids: list[int]) -> dict[int, str]:
    """What was said with the newest request for a review of each."""
    newest = (
        select(func.max(Event.id))
        .where(Event.subject_type == "revision", Event.subject_id.in_(ids), Event.kind == "revision.submitted")
        .group_by(Event.subject_id)
    )
    wanted = select(Event.subject_id, Event.reason).where(Event.id.in_(newest))
    return {row[0]: row[1] for row in db.session.execute(wanted)}


def _counted(wanted: Select[int, int]) -> dict[int, int]:
    return {row[0]: row[1] for row in db.session.execute(wanted)}


@dataclass(frozen=True)
class Happened:
    """One step of the review of a write-up: revision `number`, who did it (None: the program), and what was said."""

    event: Event
    number: int
    actor: User | None


def steps_of(article: Article) -> list[Happened]:
    """What was asked, decided and planned about the revisions of a write-up, newest first."""
    wanted = (
        select(Event, Revision.number, User)
        .join(Revision, and_(Event.subject_type == "revision", Event.subject_id == Revision.id))
        .outerjoin(User, User.id == Event.actor_id)
        .where(Revision.article_id == article.id, Event.kind.in_(EVENTS))
        .order_by(Event.id.desc())
        .limit(MANY_EVENTS)
    )
    return [Happened(event, number, actor) for event, number, actor in db.session.execute(wanted)]


def revision_with_hour(revision_id: int) -> Revision | None:
    """A revision that has its hour, with its article and document; None where the hour was called off."""
    wanted = (
        select(Revision)
        .where(Revision.id == revision_id, Revision.publish_at.is_not(None))
        .options(undefer(Revision.document), joinedload(Revision.article))
    )
    return db.session.scalar(wanted)


def open_before(revision: Revision) -> list[Revision]:
    """The revisions of the same write-up that were begun before this one and are still open."""
    wanted = select(Revision).where(
        Revision.article_id == revision.article_id,
        Revision.number < revision.number,
        Revision.state.in_(policy.OPEN_REVISIONS),
    )
    return list(db.session.scalars(wanted))
