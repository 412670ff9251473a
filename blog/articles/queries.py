"""Reads of one write-up and its revisions. Every public read starts from `visible_articles`; lists are in `listing`."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import aliased, joinedload, undefer

from blog import policy
from blog.accounts.models import User
from blog.articles import address_queries
from blog.articles.address_queries import Numbers
from blog.articles.document import Document, parse_document_text
from blog.articles.models import (
    Article,
    ArticleState,
    Review,
    Revision,
    RevisionAuthor,
    RevisionState,
    Verdict,
)
from blog.articles.program_queries import Hand, programs_behind
from blog.articles.rendering import current_form
from blog.errors import Moved, NotFound
from blog.extensions import db
from blog.lib.ready import Ready
from blog.lib.row_numbers import in_bounds

PUT_AWAY = (RevisionState.REPLACED, RevisionState.DISCARDED)
WAITING = (RevisionState.SUBMITTED, RevisionState.APPROVED)

# What the page of a write-up asks is made once: that takes longer than running it.
_WHOLE = (
    select(Revision)
    .where(Revision.article_id == bindparam("article"))
    .options(undefer(Revision.document), undefer(Revision.rendered))
)
_WHOLE_BY_ID = _WHOLE.where(Revision.id == bindparam("revision"))
_WHOLE_NUMBERED = _WHOLE.where(Revision.number == bindparam("number"))
_WHOLE_NEWEST = _WHOLE.where(Revision.state.not_in(PUT_AWAY)).order_by(Revision.number.desc()).limit(1)
_APPROVALS = Ready(
    select(User.name, Review.created_at)
    .join(User, User.id == Review.reviewer_id)
    .where(
        Review.revision_id == bindparam("revision"),
        Review.verdict == Verdict.APPROVED,
        Review.document_hash == bindparam("hash"),
        Review.created_at >= bindparam("since"),
    )
    .order_by(Review.id)
)


def visible_articles(user: User | None) -> Select[Article]:
    """The write-ups that stand in lists, search and feeds for everybody: what is published. `user` is taken so that
    every caller says for whom it reads; drafts are reached by `article_for` and the desk alone.
    """
    return select(Article).where(Article.state == ArticleState.PUBLISHED)


def article_for(user: User | None, slug: str) -> Article:
    """The write-up of this slug, if this person may see it. Raises `NotFound`, also for what may not be seen, and
    `Moved` where it has another slug now, stands in another write-up, or its number was asked for.
    """
    article = find_article(user, slug)
    if article.slug != slug:
        raise Moved(article.slug)
    return article


def article_with_history(user: User | None, slug: str) -> Article:
    """As `article_for`, for pages of what was: also a write-up that stands in another one now has its own history."""
    article = _seen_by(user, address_queries.article_at(slug))
    if article.slug != slug:
        raise Moved(article.slug)
    return article


def find_article(user: User | None, slug: str) -> Article:
    """The write-up that this slug leads to, whichever it has now. Raises `NotFound`."""
    return _seen_by(user, address_queries.standing(_seen_by(user, address_queries.article_at(slug))))


def _seen_by(user: User | None, article: Article | None) -> Article:
    if article is None or not policy.can_see_article(user, article):
        raise NotFound("There is no write-up at this address.")
    return article


def article_by_id(user: User | None, article_id: int) -> Article:
    """As `article_for`, by number."""
    article = db.session.get(Article, article_id)
    if article is None or not policy.can_see_article(user, article):
        raise NotFound("There is no such write-up.")
    return article


@dataclass(frozen=True)
class ArticlePage:
    """All that the page of a write-up shows, apart from its thread.

    `rendered` is `Revision.rendered`; `approvals` are (name, at); `related` maps the slug of each relation's target, as
    it was written, to the write-up it leads to now, for those that are published.
    """

    article: Article
    revision: Revision
    document: Document
    rendered: dict[str, Any]
    approvals: list[tuple[str, datetime]] = field(default_factory=list)
    related: dict[str, Article] = field(default_factory=dict)
    numbers: Numbers = field(default_factory=Numbers)
    programs: list[Hand] = field(default_factory=list)  # that wrote a part of it


def current_page(article: Article) -> ArticlePage:
    """The live revision of a write-up that was found by `article_for`, or the newest of a draft. Raises `NotFound`."""
    if article.live_revision_id is None:
        return _page(article, newest_revision_of(article))
    live = {"article": article.id, "revision": article.live_revision_id}
    return _page(article, db.session.scalars(_WHOLE_BY_ID, live).one())


def revision_page(user: User | None, slug: str, number: int) -> ArticlePage:
    """One revision, as it was. Raises `NotFound` also where it exists but may not be seen."""
    article = article_with_history(user, slug)
    revision = db.session.scalar(_WHOLE_NUMBERED, {"article": article.id, "number": number})
    if revision is None or not policy.can_see_revision(user, revision, article):
        raise NotFound("There is no such revision.")
    return _page(article, revision)


def revision_for(user: User | None, revision_id: int) -> Revision:
    """A revision with its article, document and maker, if this person may see it. Raises `NotFound`."""
    wanted = (
        select(Revision)
        .where(Revision.id == in_bounds(revision_id))
        .options(
            undefer(Revision.document),
            undefer(Revision.rendered),
            joinedload(Revision.article),
            joinedload(Revision.created_by),
        )
    )
    revision = db.session.scalar(wanted)
    if revision is None or not policy.can_see_revision(user, revision, revision.article):
        raise NotFound("There is no such revision.")
    return revision


def page_of_revision(revision: Revision) -> ArticlePage:
    """The page data of a revision that was loaded by `revision_for`."""
    return _page(revision.article, revision)


def revisions_of(user: User | None, article: Article) -> list[Revision]:
    """The revisions this person may see, newest first, each with its maker's name loaded."""
    wanted = (
        select(Revision)
        .where(Revision.article_id == article.id)
        .order_by(Revision.number.desc())
        .options(joinedload(Revision.created_by))
    )
    return [one for one in db.session.scalars(wanted) if policy.can_see_revision(user, one, article)]


def newest_revision(article: Article) -> Revision | None:
    """The revision that the next one goes on from, without its document: the newest, unless it was discarded."""
    standing = select(Revision).where(Revision.article_id == article.id, Revision.state.not_in(PUT_AWAY))
    return db.session.scalar(standing.order_by(Revision.number.desc()).limit(1))


def last_revision_number(article: Article) -> int:
    """The highest number a revision of this write-up has; 0 when there is none."""
    return db.session.scalar(select(func.max(Revision.number)).where(Revision.article_id == article.id)) or 0


def live_revision_of(article_id: int) -> Revision | None:
    """The live revision of a published write-up, with its document; None when it is not published."""
    wanted = (
        select(Revision)
        .join(Article, Article.live_revision_id == Revision.id)
        .where(Article.id == article_id, Article.state == ArticleState.PUBLISHED)
        .options(undefer(Revision.document))
    )
    return db.session.scalar(wanted)


def published_ids() -> list[int]:
    """Every published write-up, oldest first."""
    wanted = select(Article.id).where(Article.state == ArticleState.PUBLISHED).order_by(Article.id)
    return list(db.session.scalars(wanted))


def newest_revision_of(article: Article) -> Revision:
    """The newest revision, whole: what an editor goes on from. Raises `NotFound`."""
    revision = db.session.scalar(_WHOLE_NEWEST, {"article": article.id})
    if revision is None:
        raise NotFound("This draft was discarded. Who wrote it can bring it back from the desk.")
    return revision


def reviews_with_names(revision: Revision) -> list[Review]:
    """The verdicts on a revision, oldest first, each with its reviewer."""
    wanted = select(Review).where(Review.revision_id == revision.id).order_by(Review.id)
    return list(db.session.scalars(wanted.options(joinedload(Review.reviewer))))


def reviews_of(revision: Revision) -> list[Review]:
    """The verdicts on a revision that count: not those of people who may review no more."""
    return [one for one in reviews_with_names(revision) if one.reviewer.is_active and _is_reviewer(one.reviewer)]


def author_ids(revision: Revision) -> set[int]:
    """Everybody who wrote a part of the revision."""
    return set(db.session.scalars(select(RevisionAuthor.user_id).where(RevisionAuthor.revision_id == revision.id)))


def authors_of(revision: Revision) -> list[User]:
    """Everybody who wrote a part of the revision, by name."""
    wanted = (
        select(User)
        .join(RevisionAuthor, RevisionAuthor.user_id == User.id)
        .where(RevisionAuthor.revision_id == revision.id)
        .order_by(User.name_key)
    )
    return list(db.session.scalars(wanted))


def verdicts_on(article: Article) -> list[tuple[int, Review]]:
    """(revision number, verdict with its reviewer) of all its revisions, newest first."""
    wanted = (
        select(Revision.number, Review)
        .join(Review, Review.revision_id == Revision.id)
        .where(Revision.article_id == article.id)
        .order_by(Review.created_at.desc(), Review.id.desc())
        .options(joinedload(Review.reviewer))
    )
    return [(number, review) for number, review in db.session.execute(wanted)]


def retired_articles(user: User | None, *, limit: int = 100) -> list[Article]:
    """What was retired, newest first, for people who may restore it; none for others."""
    if not _is_reviewer(user):
        return []
    wanted = select(Article).where(Article.state == ArticleState.RETIRED).order_by(Article.id.desc()).limit(limit)
    return list(db.session.scalars(wanted))


def review_queue(user: User | None, *, limit: int = 100) -> list[Revision]:
    """Revisions that wait for a verdict or for publishing, oldest first, with article and maker; none for people who
    may not review.
    """
    if not _is_reviewer(user):
        return []
    wanted = (
        select(Revision)
        .where(Revision.state.in_(WAITING))
        .order_by(Revision.submitted_at, Revision.id)
        .limit(limit)
        .options(joinedload(Revision.article), joinedload(Revision.created_by))
    )
    return list(db.session.scalars(wanted))


def desk_drafts(user: User, *, limit: int = 100) -> list[Revision]:
    """The open revisions this person has a part in, newest first, each with its article."""
    newer = aliased(Revision)
    has_newer = select(newer.id).where(newer.article_id == Revision.article_id, newer.number > Revision.number).exists()
    mine = select(RevisionAuthor.revision_id).where(RevisionAuthor.user_id == user.id)
    wanted = (
        select(Revision)
        .where(and_(~has_newer, Revision.id.in_(mine), Revision.state.in_(policy.OPEN_REVISIONS)))
        .order_by(Revision.created_at.desc(), Revision.id.desc())
        .limit(limit)
        .options(joinedload(Revision.article))
    )
    return list(db.session.scalars(wanted))


def _is_reviewer(user: User | None) -> bool:
    return user is not None and user.role in policy.REVIEWERS


def _page(article: Article, revision: Revision) -> ArticlePage:
    document = parse_document_text(revision.document)
    rendered = current_form(
        revision.document, stored=revision.rendered, version=revision.renderer_version, document=document
    )
    since = revision.submitted_at or revision.created_at
    approvals = _APPROVALS.all(db.session, revision=revision.id, hash=revision.document_hash, since=since)
    related = address_queries.published_behind(relation.target.partition("#")[0] for relation in document.relations)
    numbers, programs = address_queries.numbers_on(article), programs_behind(revision)
    return ArticlePage(article, revision, document, rendered, approvals, related, numbers, programs)
