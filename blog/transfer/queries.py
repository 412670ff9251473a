"""Reads for import and export: what is here already, and the streams that an export writes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, func, select, union
from sqlalchemy.orm import contains_eager, joinedload

from blog.accounts.models import User
from blog.articles.address_queries import owners_of, standing_for
from blog.articles.models import Article, ArticleState, Revision, RevisionAuthor
from blog.articles.queries import visible_articles
from blog.comments.models import Comment, CommentState
from blog.comments.queries import visible_comments
from blog.extensions import db
from blog.followups.models import ActionItem

CHUNK = 500  # values in one IN list, and rows of a stream in memory
Moment = tuple[int, int, datetime]  # article id, user id, instant


def articles_from(sources: Sequence[str]) -> dict[str, int]:
    """Import source -> id, for those of `sources` that were brought in before."""
    found: dict[str, int] = {}
    for start in range(0, len(sources), CHUNK):
        wanted = select(Article.imported_from, Article.id).where(
            Article.imported_from.in_(sources[start : start + CHUNK])
        )
        found |= {source: article_id for source, article_id in db.session.execute(wanted) if source}
    ends = standing_for(found.values())
    return {source: ends.get(article_id, article_id) for source, article_id in found.items()}


def articles_at(slugs: Sequence[str]) -> dict[str, tuple[int, list[str]]]:
    """Slug -> (id, hashes of all its revisions), for the write-ups that have these addresses, or once had them. Of one
    that was merged the id is that of the write-up it stands in, and the hashes are its own.
    """
    owners = owners_of(slugs)
    ids, hashes = sorted(set(owners.values())), dict[int, list[str]]()
    for start in range(0, len(ids), CHUNK):
        wanted = select(Revision.article_id, Revision.document_hash).order_by(Revision.id)
        for article_id, document_hash in db.session.execute(
            wanted.where(Revision.article_id.in_(ids[start : start + CHUNK]))
        ):
            hashes.setdefault(article_id, []).append(document_hash)
    ends = standing_for(ids)
    return {slug: (ends.get(number, number), hashes[number]) for slug, number in owners.items() if number in hashes}


def people_by_key(keys: Sequence[str]) -> dict[str, User]:
    """E-mail key -> person."""
    return {user.email_key: user for user in db.session.scalars(select(User).where(User.email_key.in_(keys)))}


@dataclass(frozen=True)
class Said:
    """A comment that is here, as far as an import needs to know it."""

    id: int
    text: str
    is_visible: bool


def comments_said(article_ids: Sequence[int], since: datetime, until: datetime) -> dict[Moment, list[Said]]:
    """(article id, user id, instant) -> the comments said then, within the stretch from `since` to `until`."""
    wanted = select(
        Comment.article_id, Comment.user_id, Comment.created_at, Comment.id, Comment.text, Comment.state
    ).where(Comment.article_id.in_(article_ids), Comment.created_at.between(since, until))
    found: dict[Moment, list[Said]] = {}
    for row in db.session.execute(wanted):
        said = Said(row.id, row.text, row.state == CommentState.VISIBLE)
        found.setdefault((row.article_id, row.user_id, row.created_at), []).append(said)
    return found


def comments_from(sources: Sequence[str]) -> dict[str, int]:
    """Import source -> id, for those of `sources` that were brought in before."""
    found: dict[str, int] = {}
    for start in range(0, len(sources), CHUNK):
        known = select(Comment.imported_from, Comment.id).where(
            Comment.imported_from.in_(sources[start : start + CHUNK])
        )
        found |= {source: comment_id for source, comment_id in db.session.execute(known) if source}
    return found


def size_of_export() -> int:
    """How many write-ups and comments an export writes."""
    published = visible_articles(None).with_only_columns(func.count())
    visible = visible_comments(None).with_only_columns(func.count())
    return (db.session.scalar(published) or 0) + (db.session.scalar(visible) or 0)


def people_to_export() -> Iterator[User]:
    """Everybody who wrote a published write-up, a visible comment on one, or has to do with its actions, by address."""
    published = visible_articles(None).with_only_columns(Article.live_revision_id)
    authors = select(RevisionAuthor.user_id).where(RevisionAuthor.revision_id.in_(published))
    commenters = visible_comments(None).with_only_columns(Comment.user_id)
    concerned = union(authors, commenters, *_concerned_by_actions())
    wanted = select(User).where(User.id.in_(concerned.scalar_subquery()), User.erased_at.is_(None))
    yield from db.session.scalars(wanted.order_by(User.email_key).execution_options(yield_per=CHUNK))


def _concerned_by_actions() -> list[Select[Any]]:
    people = (ActionItem.owner_id, ActionItem.done_by_id, ActionItem.confirmed_by_id)
    published = visible_articles(None).with_only_columns(Article.id)
    live = ActionItem.is_live, ActionItem.article_id.in_(published)
    return [select(person).where(person.is_not(None), *live) for person in people]


def actions_to_export() -> Iterator[ActionItem]:
    """The actions of published write-ups with their people, by slug and row."""
    wanted = (
        select(ActionItem)
        .join(ActionItem.article)
        .where(Article.state == ArticleState.PUBLISHED, ActionItem.is_live)
        .options(
            contains_eager(ActionItem.article),
            joinedload(ActionItem.owner),
            joinedload(ActionItem.done_by),
            joinedload(ActionItem.confirmed_by),
        )
        .order_by(Article.slug, ActionItem.row_id)
    )
    yield from db.session.scalars(wanted.execution_options(yield_per=CHUNK))


def articles_to_export() -> Iterator[Row[str, datetime | None, list[str], str, int, int]]:
    """(slug, published_at, byline, document, live revision, number) of every published write-up, by slug."""
    wanted = (
        select(Article.slug, Article.published_at, Article.authors, Revision.document, Revision.id, Article.id)
        .join(Revision, Revision.id == Article.live_revision_id)
        .where(Article.state == ArticleState.PUBLISHED)
        .order_by(Article.slug)
    )
    yield from db.session.execute(wanted.execution_options(yield_per=100))


def authors_of(revision_id: int) -> list[tuple[str, str]]:
    """(name, address) of everybody who wrote a part of a revision, by address."""
    wanted = (
        select(User.name, User.email)
        .join(RevisionAuthor, RevisionAuthor.user_id == User.id)
        .where(RevisionAuthor.revision_id == revision_id, User.erased_at.is_(None))
        .order_by(User.email_key)
    )
    return [(name, email) for name, email in db.session.execute(wanted)]


class SaidRow(NamedTuple):
    """A visible comment with what other programs want to know of it. `address` is its writer's."""

    slug: str
    id: int
    parent_id: int | None
    address: str
    created_at: datetime
    text: str
    name: str
    html: str
    title: str


def comments_to_export() -> Iterator[list[SaidRow]]:
    """Every visible comment, by slug and time; those of one write-up and instant together, in an order that does not
    hang on their numbers.
    """
    wanted = (
        visible_comments(None)
        .with_only_columns(
            Article.slug,
            Comment.id,
            Comment.parent_id,
            User.email,
            Comment.created_at,
            Comment.text,
            User.name,
            Comment.html,
            Article.title,
        )
        .join(User, User.id == Comment.user_id)
        .order_by(Article.slug, Comment.created_at)
        .execution_options(yield_per=CHUNK)
    )
    rows = (SaidRow(*row) for row in db.session.execute(wanted))
    for _, together in groupby(rows, key=lambda row: (row.slug, row.created_at)):
        yield sorted(together, key=lambda row: (row.address, row.text, row.id))
