"""Reads of what comments said before they were changed."""

from collections.abc import Sequence

from sqlalchemy import func, select

from blog.comments import queries
from blog.comments.edit_models import CommentEdit
from blog.comments.models import Comment
from blog.errors import NotFound
from blog.extensions import db
from blog.lib.pagination import Page

PAGE = 20  # changes on a page: each is compared with what came after it


def edits_of(comment: Comment, number: int = 1) -> tuple[Sequence[CommentEdit], CommentEdit | None, Page]:
    """Page `number` of its earlier wordings, the newest first; and what came after the first of them, where that is not
    what it says now. Raises `NotFound` beyond the last page.
    """
    own = CommentEdit.comment_id == comment.id
    page = Page(number, PAGE, db.session.scalar(select(func.count()).where(own)) or 0)
    if number > page.last:
        raise NotFound("The history of this comment has no such page.")
    before = (number - 1) * PAGE
    earlier = select(CommentEdit).where(own).order_by(CommentEdit.id.desc())
    rows = db.session.scalars(earlier.limit(PAGE + bool(before)).offset(max(0, before - 1))).all()
    return (rows[1:], rows[0], page) if before else (rows, None, page)


def may_be_answered(comment: Comment, *, deepest: int) -> bool:
    """Whether anybody replied to it. A reply to the `deepest` level stands beside what it answers, so whatever came
    later beside it there may be one.
    """
    if queries.is_answered(comment.id):
        return True
    if comment.parent_id is None or len(queries.ancestors_of(comment.id, most=deepest)) < deepest:
        return False
    beside = select(Comment.id).where(Comment.parent_id == comment.parent_id, Comment.id > comment.id)
    return db.session.scalar(beside.limit(1)) is not None
