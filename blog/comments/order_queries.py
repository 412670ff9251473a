"""Reads of the order in which threads stand: by time, or by what members found useful (decision 0025)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Integer, Select, bindparam, case, func, literal, select

from blog.comments.models import IS_MARKED, Comment, CommentState
from blog.comments.queries import has_place
from blog.errors import Fault, Invalid
from blog.extensions import db
from blog.lib import clock
from blog.lib.database import UTCDateTime
from blog.lib.ready import Ready

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


_ARTICLE = bindparam("article", type_=Integer())
_SINCE = bindparam("since", type_=UTCDateTime())
_IS_ROOT = (Comment.article_id == _ARTICLE, Comment.parent_id.is_(None), has_place(_ARTICLE))


def _by_usefulness() -> Select[int, int]:
    """(id, place) of first comments: the young ones, then by the marks of the most useful comment in the thread, of
    what is visible and not young any more.
    """
    counted = (Comment.article_id == _ARTICLE, IS_MARKED, Comment.state == CommentState.VISIBLE)
    most = select(Comment.root_id, func.max(Comment.useful_count).label("useful"))
    best = most.where(*counted, Comment.created_at <= _SINCE).group_by(Comment.root_id).subquery()
    is_young = case((Comment.created_at > _SINCE, -Comment.id), else_=0)
    place = func.row_number().over(order_by=[is_young, -func.coalesce(best.c.useful, 0), Comment.id]).label("place")
    rooted = select(Comment.id, place).outerjoin(best, best.c.root_id == Comment.id).where(*_IS_ROOT)
    return rooted.order_by(place)


def _roots(ranked: Select[int, int]) -> Select[int, int, int, int]:
    """(threads in all, newest comment, first comment, size of its thread) of one page of these."""
    ids = ranked.limit(bindparam("size")).offset(bindparam("before")).subquery()
    size = select(func.count()).where(Comment.root_id == ids.c.id, has_place(_ARTICLE)).scalar_subquery()
    total = select(func.count()).where(*_IS_ROOT).scalar_subquery()
    newest = select(func.max(Comment.id)).where(Comment.article_id == _ARTICLE, has_place(_ARTICLE)).scalar_subquery()
    # The counts come from the left side, so that they are there for a page without threads, too.
    one = select(total.label("total"), newest.label("newest")).subquery()
    wanted = (
        select(one.c.total, one.c.newest, ids.c.id, size.label("size")).select_from(one).outerjoin(ids, literal(True))
    )
    return wanted.order_by(ids.c.place)


# (id, place) of first comments, in order; by time straight from the index, whatever page is asked for.
_RANKED: dict[Order, Select[int, int]] = {
    Order.OLDEST: select(Comment.id, Comment.id.label("place")).where(*_IS_ROOT).order_by(Comment.id),
    Order.NEWEST: select(Comment.id, (-Comment.id).label("place")).where(*_IS_ROOT).order_by(Comment.id.desc()),
    Order.USEFUL: _by_usefulness(),
}
_ROOTS = {order: Ready(_roots(ranked)) for order, ranked in _RANKED.items()}


def read_order(text: str | None) -> Order:
    """The order a query string asks for. Raises `Invalid` for one that does not exist."""
    try:
        return Order(text or Order.OLDEST)
    except ValueError:
        raise Invalid([Fault("order", f"threads are ordered by one of: {', '.join(Order)}")]) from None


def roots_of(article_id: int, order: Order, *, size: int, number: int) -> Roots:
    """Page `number` of the threads of a write-up, in one statement."""
    asked = {"article": article_id, "since": clock.now() - YOUNG, "size": size, "before": (number - 1) * size}
    rows = _ROOTS[order].all(db.session, **asked)
    return Roots({row.id: row.size for row in rows if row.id is not None}, rows[0].total, rows[0].newest or 0)


def roots_before(article_id: int, root_id: int, order: Order) -> int:
    """How many threads stand before this one."""
    if order == Order.USEFUL:
        asked = {"article": article_id, "since": clock.now() - YOUNG}
        ids = list(db.session.scalars(_RANKED[order], asked))
        return ids.index(root_id) if root_id in ids else 0
    is_before = Comment.id < root_id if order == Order.OLDEST else Comment.id > root_id
    wanted = select(func.count()).where(*_IS_ROOT, is_before)
    return db.session.scalar(wanted, {"article": article_id}) or 0
