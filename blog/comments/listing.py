"""Comments of a write-up as a flat list, oldest first: what programs read."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from blog.accounts.label_queries import Label, labels_of
from blog.accounts.models import User
from blog.articles.models import Article
from blog.comments.models import Comment, CommentKind, CommentState
from blog.comments.queries import has_place
from blog.errors import NotFound
from blog.extensions import db
from blog.lib.pagination import Page

PAGE_SIZE = 100


@dataclass(frozen=True)
class Said:
    """One comment. `text` is empty unless the comment is visible, and of one that waits nothing tells whose it is or
    what it is about; `said_on` is `Comment.said_on_id`.
    """

    id: int
    parent_id: int | None
    user_id: int
    user_name: str
    created_at: datetime
    state: CommentState
    kind: str
    anchor: str
    said_on: int | None
    text: str
    source: str | None
    standing: str | None
    answer_id: int | None
    edited_at: datetime | None
    useful: int
    label: Label | None = None


def comments_of(article: Article, *, number: int = 1) -> tuple[list[Said], Page]:
    """Page `number` of the comments of a write-up that the caller was let see, hidden and withdrawn ones as places.

    Three statements. Raises `NotFound` beyond the last page.
    """
    own = (Comment.article_id == article.id, has_place(article.id))
    total = db.session.scalar(select(func.count()).select_from(Comment).where(*own)) or 0
    page = Page(number, PAGE_SIZE, total)
    if number > page.last:
        raise NotFound("The discussion has no such page.")
    wanted = select(Comment, User.name).join(User, User.id == Comment.user_id).where(*own)
    rows = db.session.execute(wanted.order_by(Comment.id).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE))
    found = rows.all()
    labels = labels_of("comment", [comment.id for comment, _ in found])
    return [_said(comment, name, labels.get(comment.id)) for comment, name in found], page


def _said(comment: Comment, name: str, label: Label | None) -> Said:
    is_held = comment.state == CommentState.HELD
    return Said(
        id=comment.id,
        parent_id=comment.parent_id,
        user_id=0 if is_held else comment.user_id,
        user_name="" if is_held else name,
        created_at=comment.created_at,
        state=comment.state,
        kind=CommentKind.COMMENT if is_held else comment.kind,
        anchor="" if is_held else comment.anchor,
        said_on=comment.said_on_id,
        text=comment.text if comment.state == CommentState.VISIBLE else "",
        source=comment.source if comment.state == CommentState.VISIBLE else None,
        standing=None if is_held else comment.standing,
        answer_id=None if is_held else comment.answer_id,
        edited_at=None if is_held else comment.edited_at,
        useful=comment.useful_count if comment.state == CommentState.VISIBLE else 0,
        label=None if is_held else label,
    )
