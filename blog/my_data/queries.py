"""Reads of all that the site knows of one person, for an archive, and of what erasing them touches."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, exists, func, or_, select
from sqlalchemy.orm import aliased

from blog.accounts.models import User
from blog.articles.models import Article, Review, Revision, RevisionAuthor
from blog.comments.mark_models import UsefulMark
from blog.comments.models import Comment, CommentState
from blog.editor.remark_models import Remark
from blog.extensions import db
from blog.journal.models import Event, KeptAnswer
from blog.lib.database import Base
from blog.my_data.holdings import HOLDINGS, Holding

CHUNK = 500  # rows of a stream in memory
EXPORTED = "account.exported"


def table_of(holding: Holding) -> Table:
    return Base.metadata.tables[holding.table]


def is_of(holding: Holding, person: User) -> ColumnElement[bool]:
    """Which rows of a table are this person's."""
    column = table_of(holding).c[holding.column]
    if not holding.of:
        return column == person.id
    owned = Base.metadata.tables[holding.of]
    return column.in_(select(owned.c.id).where(owned.c.user_id == person.id))


def rows_of(holding: Holding, person: User) -> Iterator[dict[str, Any]]:
    """What a table holds of a person, oldest first where rows are numbered, without the columns that are left out."""
    table = table_of(holding)
    kept = [column for column in table.columns if column.name not in holding.left_out]
    wanted = select(*kept).where(is_of(holding, person)).order_by(*table.primary_key.columns)
    for row in db.session.connection().execution_options(yield_per=CHUNK).execute(wanted):
        yield dict(row._mapping)


def counts_of(person: User) -> dict[str, int]:
    """How many rows of each kind an archive would hold, by title; kinds without any are left out."""
    counts: dict[str, int] = {}
    for holding in HOLDINGS:
        if holding.title and holding.table not in ("users", "events"):
            counted = select(func.count()).select_from(table_of(holding)).where(is_of(holding, person))
            number = db.session.scalar(counted) or 0
            counts |= {holding.title: number} if number else {}
    return counts


def told_of(person: User) -> Iterator[Row[datetime, str, str]]:
    """(at, kind, reason) of the events about this account, whoever acted: who that was is theirs."""
    about = (Event.subject_type == "user", Event.subject_id == person.id)
    yield from db.session.execute(select(Event.at, Event.kind, Event.reason).where(*about).order_by(Event.id))


def comments_of(person: User) -> Iterator[Row[int, str, str, datetime, str, CommentState]]:
    """(id, title and slug of the write-up, time, text, state) of every comment, oldest first."""
    wanted = (
        select(Comment.id, Article.title, Article.slug, Comment.created_at, Comment.text, Comment.state)
        .join(Article, Article.id == Comment.article_id)
        .where(Comment.user_id == person.id)
        .order_by(Comment.id)
    )
    yield from db.session.execute(wanted.execution_options(yield_per=CHUNK))


def revisions_of(person: User) -> Iterator[Row[str, int, str]]:
    """(slug, number, document) of every revision they made."""
    wanted = (
        select(Article.slug, Revision.number, Revision.document)
        .join(Article, Article.id == Revision.article_id)
        .where(Revision.created_by_id == person.id)
        .order_by(Revision.id)
    )
    yield from db.session.execute(wanted.execution_options(yield_per=50))


def exported_at(person: User) -> datetime | None:
    """When they had an archive made last."""
    wanted = select(Event.at).where(Event.actor_id == person.id, Event.kind == EXPORTED)
    return db.session.scalar(wanted.order_by(Event.id.desc()).limit(1))


def visible_by_article(person: User) -> dict[int, int]:
    """Number of a write-up -> how many comments of theirs everybody sees there."""
    wanted = select(Comment.article_id, func.count()).where(Comment.user_id == person.id)
    rows = db.session.execute(wanted.where(Comment.state == CommentState.VISIBLE).group_by(Comment.article_id))
    return dict(rows.all())


def marked_by(person: User) -> Select[int]:
    """For a condition: the numbers of the comments that they marked as useful."""
    return select(UsefulMark.comment_id).where(UsefulMark.user_id == person.id)


@dataclass(frozen=True)
class Byline:
    """`others` are the names, as they are now, of the other people who wrote on it, in the order they came."""

    article_id: int
    names: tuple[str, ...]
    others: tuple[str, ...]
    is_imported: bool


def bylines_of(person: User) -> list[Byline]:
    """Those of the write-ups that this person began or wrote a part of."""
    written = select(Revision.article_id).join(RevisionAuthor, RevisionAuthor.revision_id == Revision.id)
    mine = or_(Article.id.in_(written.where(RevisionAuthor.user_id == person.id)), Article.created_by_id == person.id)
    rows = db.session.execute(select(Article.id, Article.authors, Article.imported_from).where(mine)).all()
    others: dict[int, list[str]] = {}
    for start in range(0, len(rows), CHUNK):
        some = [row.id for row in rows[start : start + CHUNK]]
        wanted = (
            select(Revision.article_id, User.name)
            .join(RevisionAuthor, RevisionAuthor.revision_id == Revision.id)
            .join(User, User.id == RevisionAuthor.user_id)
            .where(Revision.article_id.in_(some), User.id != person.id)
            .group_by(Revision.article_id, User.id)
            .order_by(func.min(Revision.id))
        )
        for article_id, name in db.session.execute(wanted):
            others.setdefault(article_id, []).append(name)
    return [
        Byline(row.id, tuple(row.authors), tuple(others.get(row.id, ())), row.imported_from is not None) for row in rows
    ]


def own_drafts(person: User) -> list[int]:
    """Write-ups that were never published, and in which nobody else had a part: no revision, review or remark."""
    revision, author = aliased(Revision), aliased(RevisionAuthor)
    of_article = revision.article_id == Article.id
    by_others = exists().where(of_article, author.revision_id == revision.id, author.user_id != person.id)
    reviewed = exists().where(of_article, Review.revision_id == revision.id)
    remarked = exists().where(of_article, Remark.revision_id == revision.id, Remark.user_id != person.id)
    wanted = select(Article.id).where(Article.created_by_id == person.id, Article.published_at.is_(None))
    return list(db.session.scalars(wanted.where(~by_others, ~reviewed, ~remarked)))


def answers_naming(words: Collection[str]) -> list[str]:
    """The keys of kept answers in which one of these stands, as JSON writes it or as it is."""
    forms = {form for word in words for form in (word, json.dumps(word)[1:-1]) if form}
    told = select(KeptAnswer.key_hash, KeptAnswer.answer).where(KeptAnswer.answer != "")
    rows = db.session.execute(told.execution_options(yield_per=CHUNK))
    return [key for key, answer in rows if any(form in answer for form in forms)]


def erased_people() -> list[int]:
    """The numbers of everybody who was erased."""
    return list(db.session.scalars(select(User.id).where(User.erased_at.is_not(None)).order_by(User.id)))
