"""Reads of comments that wait for a moderator, for those who wrote them."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from blog.accounts.models import User
from blog.articles.models import Article
from blog.comments.models import IS_HELD, Comment
from blog.extensions import db
from blog.lib.ready import Ready

MOST_SHOWN = 20  # of one person on one page

_WRITERS = Ready(select(Comment.user_id).where(Comment.article_id == bindparam("article"), IS_HELD))


def writers_waiting(article: Article) -> set[int]:
    """Who has something waiting on a write-up: its page shows that to each of them alone."""
    return {writer for (writer,) in _WRITERS.all(db.session, article=article.id)}


def waiting_of(user: User, article: Article) -> list[Comment]:
    """What this person has waiting on a write-up, with its writer, the oldest first."""
    own = select(Comment).where(Comment.article_id == article.id, IS_HELD, Comment.user_id == user.id)
    wanted = own.order_by(Comment.id).limit(MOST_SHOWN).options(joinedload(Comment.user), joinedload(Comment.article))
    return list(db.session.scalars(wanted.execution_options(populate_existing=True)))


def waiting(comment_id: int) -> Comment:
    """A comment with its writer and write-up, for whoever was let see it."""
    wanted = (
        select(Comment).where(Comment.id == comment_id).options(joinedload(Comment.user), joinedload(Comment.article))
    )
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()
