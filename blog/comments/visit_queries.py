"""Reads of visits to a discussion: how far a member has read it, and what came since."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import aliased

from blog.accounts.models import User
from blog.articles.models import Article
from blog.comments.models import WAS_HELD, Comment, CommentState
from blog.comments.queries import has_place
from blog.comments.visit_models import ThreadVisit
from blog.extensions import db
from blog.journal.models import Event
from blog.lib import clock

SITTING = timedelta(minutes=30)  # notes closer together are one visit: a long discussion has several pages


@dataclass(frozen=True)
class ReadUntil:
    """The newest comment that was there when somebody visited last, before this visit, and when that ended."""

    number: int
    at: datetime | None


def read_until(user: User, article: Article) -> ReadUntil | None:
    """How far this person had read before this visit; None for their first one."""
    visit = db.session.get(ThreadVisit, (user.id, article.id), populate_existing=True)
    if visit is None:
        return None
    if clock.now() - visit.at < SITTING:
        return ReadUntil(visit.before_id, visit.before_at)
    return ReadUntil(visit.read_id, visit.at)


def newest_on(article: Article) -> int:
    """The number of the newest comment that everybody may know of; 0 where there is none."""
    known = (Comment.article_id == article.id, has_place(article.id))
    return db.session.scalar(select(func.max(Comment.id)).where(*known)) or 0


def let_through(article: Article, after: ReadUntil) -> list[int]:
    """Comments with older numbers that a moderator let through since: nobody but their writers could read them."""
    if after.at is None:
        return []
    posted = aliased(Event)
    of_comment = (posted.subject_type == "comment", posted.subject_id == Comment.id)
    wanted = select(Comment.id).join(Event, (Event.subject_type == "comment") & (Event.subject_id == Comment.id))
    wanted = wanted.where(Comment.article_id == article.id, WAS_HELD, Comment.id <= after.number)
    wanted = wanted.where(Event.kind == "comment.approved", Event.at > after.at)
    wanted = wanted.where(~exists().where(*of_comment, posted.kind == "comment.posted"))
    return sorted(set(db.session.scalars(wanted)))


def is_new(user: User, article: Article, after: ReadUntil) -> ColumnElement[bool]:
    """What others said since, and everybody sees."""
    return (
        (Comment.article_id == article.id)
        & or_(Comment.id > after.number, Comment.id.in_(let_through(article, after)))
        & (Comment.user_id != user.id)
        & (Comment.state == CommentState.VISIBLE)
    )


def count_new(user: User, article: Article, after: ReadUntil) -> tuple[int, int | None]:
    """How many are new, and the first of them."""
    found = db.session.execute(select(func.count(), func.min(Comment.id)).where(is_new(user, article, after))).one()
    return found[0], found[1]


def visits_of(user: User) -> list[ThreadVisit]:
    """Every visit noted of a person: for the archive of what the site keeps about them."""
    return list(db.session.scalars(select(ThreadVisit).where(ThreadVisit.user_id == user.id)))
