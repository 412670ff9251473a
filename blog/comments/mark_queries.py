"""Reads of useful marks: whether somebody marked a comment, and which of a write-up."""

from sqlalchemy import select

from blog.accounts.models import User
from blog.articles.models import Article
from blog.comments.mark_models import UsefulMark
from blog.comments.models import Comment
from blog.extensions import db


def has_marked(user: User, comment_id: int) -> bool:
    return db.session.get(UsefulMark, (user.id, comment_id), populate_existing=True) is not None


def marked_on(user: User, article: Article) -> list[int]:
    """The comments of a write-up that this person marked."""
    wanted = select(UsefulMark.comment_id).join(Comment, Comment.id == UsefulMark.comment_id)
    own = wanted.where(UsefulMark.user_id == user.id, Comment.article_id == article.id)
    return list(db.session.scalars(own.order_by(UsefulMark.comment_id)))


def marks_of(user: User) -> list[UsefulMark]:
    """Every mark of a person, oldest first: for the archive of what the site keeps about them."""
    own = select(UsefulMark).where(UsefulMark.user_id == user.id)
    return list(db.session.scalars(own.order_by(UsefulMark.at, UsefulMark.comment_id)))


def marked_by(user: User) -> dict[int, int]:
    """{comment: its write-up} of all that a person marked."""
    wanted = select(Comment.id, Comment.article_id).join(UsefulMark, UsefulMark.comment_id == Comment.id)
    return {row.id: row.article_id for row in db.session.execute(wanted.where(UsefulMark.user_id == user.id))}
