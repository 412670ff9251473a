"""Reads of the order in which threads stand: by time, or by what members found useful (decision 0025)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, case, func, literal, select

from blog.comments.models import IS_MARKED, Comment, CommentState
from blog.comments.queries import has_place
from blog.errors import Fault, Invalid
from blog.extensions import db
from blog.lib import clock

YOUNG = timedelta(hours=24)  # so long the marks of a comment order nothing: who comes first would stay first


class Order(StrEnum):
    """`USEFUL`: what was begun in the last day stands first, the newest on top, so that everybody sees it once. Then a
    thread is as useful as its most useful comment, and of two alike the older one comes first.
    """

    OLDEST = "oldest"
    NEWEST = "newest"
    USEFUL = "useful"


@dataclass(frozen=True)
class Roots:
    """The first comments of a page of threads in their order, each with the size of its thread; there are `total`
    threads in all, and `newest_id` is the newest comment of the write-up that everybody may know of.
    """

    sizes: dict[int, int]
    total: int
    newest_id: int


def read_order(text: str | None) -> Order:
    """The order a query string asks for. Raises `Invalid` for one that does not exist."""
    try:
        return Order(text or Order.OLDEST)
    except ValueError:
        raise Invalid([Fault("order", f"threads are ordered by one of: {', '.join(Order)}")]) from None


def roots_of(article_id: int, order: Order, *, size: int, number: int) -> Roots:
    """Page `number` of the threads of a write-up, in one statement."""
    ids = _ranked(article_id, order).limit(size).offset((number - 1) * size).subquery()
    replies = select(func.count()).where(Comment.root_id == ids.c.id, has_place(article_id)).scalar_subquery()
    total = select(func.count()).where(*_is_root(article_id)).scalar_subquery()
    newest = (
        select(func.max(Comment.id)).where(Comment.article_id == article_id, has_place(article_id)).scalar_subquery()
    )
    # The counts come from the left side, so that they are there for a page without threads, too.
    one = select(total.label("total"), newest.label("newest")).subquery()
    wanted = select(one.c.total, one.c.newest, ids.c.id, replies).select_from(one).outerjoin(ids, literal(True))
    rows = db.session.execute(wanted.order_by(ids.c.place)).all()
    return Roots({row[2]: row[3] for row in rows if row[2] is not None}, rows[0].total, rows[0].newest or 0)


def roots_before(article_id: int, root_id: int, order: Order) -> int:
    """How many threads stand before this one."""
    if order == Order.USEFUL:
        ids = [row.id for row in db.session.execute(_ranked(article_id, order))]
        return ids.index(root_id) if root_id in ids else 0
    is_before = Comment.id < root_id if order == Order.OLDEST else Comment.id > root_id
    return db.session.scalar(select(func.count()).where(*_is_root(article_id), is_before)) or 0


def _is_root(article_id: int) -> tuple[ColumnElement[bool], ...]:
    return Comment.article_id == article_id, Comment.parent_id.is_(None), has_place(article_id)


def _ranked(article_id: int, order: Order) -> Select[int, int]:
    """(id, place) of first comments, in order; by time straight from the index, whatever page is asked for."""
    if order != Order.USEFUL:
        by_time = Comment.id if order == Order.OLDEST else -Comment.id
        ranked = select(Comment.id, by_time.label("place")).where(*_is_root(article_id))
        return ranked.order_by(Comment.id if order == Order.OLDEST else Comment.id.desc())
    since = clock.now() - YOUNG
    best = _most_useful(article_id, since).subquery()
    is_young = case((Comment.created_at > since, -Comment.id), else_=0)
    place = func.row_number().over(order_by=[is_young, -func.coalesce(best.c.useful, 0), Comment.id]).label("place")
    rooted = select(Comment.id, place).outerjoin(best, best.c.root_id == Comment.id).where(*_is_root(article_id))
    return rooted.order_by(place)


def _most_useful(article_id: int, since: datetime) -> Select[int | None, int]:
    """(first comment, marks of the most useful comment in its thread), of what is visible and not young any more."""
    counted = (Comment.article_id == article_id, IS_MARKED, Comment.state == CommentState.VISIBLE)
    most = func.max(Comment.useful_count).label("useful")
    return select(Comment.root_id, most).where(*counted, Comment.created_at <= since).group_by(Comment.root_id)
