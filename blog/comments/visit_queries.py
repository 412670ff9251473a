"""Reads of visits to a discussion: how far a member has read it, and what came since."""

from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from blog.accounts.models import User
from blog.articles.models import Article
from blog.comments.models import Comment, CommentState
from blog.comments.queries import has_place
from blog.comments.visit_models import ThreadVisit
from blog.extensions import db
from blog.lib import clock

SITTING = timedelta(minutes=30)  # notes closer together are one visit: a long discussion has several pages


def read_until(user: User, article: Article) -> int | None:
    """The newest comment that was there when this person visited last, before this visit; None for their first one."""
    visit = db.session.get(ThreadVisit, (user.id, article.id), populate_existing=True)
    if visit is None:
        return None
    return visit.before_id if clock.now() - visit.at < SITTING else visit.read_id


def newest_on(article: Article) -> int:
    """The number of the newest comment that everybody may know of; 0 where there is none."""
    known = (Comment.article_id == article.id, has_place(article.id))
    return db.session.scalar(select(func.max(Comment.id)).where(*known)) or 0


def is_new(user: User, article: Article, after: int) -> ColumnElement[bool]:
    """What others said since, and everybody sees."""
    return (
        (Comment.article_id == article.id)
        & (Comment.id > after)
        & (Comment.user_id != user.id)
        & (Comment.state == CommentState.VISIBLE)
    )


def count_new(user: User, article: Article, after: int) -> tuple[int, int | None]:
    """How many are new, and the first of them."""
    found = db.session.execute(select(func.count(), func.min(Comment.id)).where(is_new(user, article, after))).one()
    return found[0], found[1]


def visits_of(user: User) -> list[ThreadVisit]:
    """Every visit noted of a person: for the archive of what the site keeps about them."""
    return list(db.session.scalars(select(ThreadVisit).where(ThreadVisit.user_id == user.id)))
