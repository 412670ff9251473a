"""Reads of what comments said before they were changed."""

from sqlalchemy import select

from blog.comments.edit_models import CommentEdit
from blog.comments.models import Comment
from blog.extensions import db


def is_answered(comment: Comment) -> bool:
    """Whether anybody replied to it, whatever became of the reply."""
    return db.session.scalar(select(Comment.id).where(Comment.parent_id == comment.id).limit(1)) is not None


def edits_of(comment: Comment) -> list[CommentEdit]:
    """Its earlier wordings, the first one first."""
    earlier = select(CommentEdit).where(CommentEdit.comment_id == comment.id)
    return list(db.session.scalars(earlier.order_by(CommentEdit.id)))
