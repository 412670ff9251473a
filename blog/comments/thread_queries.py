"""Reads of threads: pages of whole threads as plain rows, one long thread, and the place of a comment in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, bindparam, func, select

from blog.accounts.models import User
from blog.comments.entry_queries import ENTRY_ROWS, Entry, entries_of
from blog.comments.models import Comment, CommentState
from blog.comments.order_queries import Order, Roots, roots_before, roots_of
from blog.comments.queries import ancestors_of, has_place
from blog.errors import NotFound
from blog.extensions import db
from blog.lib.pagination import Page
from blog.lib.read_path import answer_once
from blog.lib.ready import Ready
from blog.lib.tree import fair_share, flatten

ROOTS_PER_PAGE = 30  # threads on a page of a write-up
MOST_PER_PAGE = 120  # comments on it, whatever the threads hold; the rest is one click away
THREAD_PAGE = 120  # comments on a page of one long thread
FLAT_PAGE = 50  # comments on a page of a list without threads

# All comments of the threads of a page, and the `share` oldest of each.
_ROOTS = [bindparam(f"root_{place}", type_=Integer()) for place in range(ROOTS_PER_PAGE)]
_IS_IN = (Comment.root_id.in_(_ROOTS), has_place(bindparam("article", type_=Integer())))
_PLACE = func.row_number().over(partition_by=Comment.root_id, order_by=Comment.id).label("place")
_NUMBERED = select(Comment.id, _PLACE).where(*_IS_IN).subquery()
_WHOLE_THREADS = Ready(ENTRY_ROWS.where(*_IS_IN).order_by(Comment.id))
_CUT_THREADS = Ready(
    ENTRY_ROWS.join(_NUMBERED, _NUMBERED.c.id == Comment.id)
    .where(_NUMBERED.c.place <= bindparam("share"))
    .order_by(Comment.id)
)


@dataclass(frozen=True)
class ThreadPage:
    """A page of whole threads, flat and in reading order. `page` counts threads (or, of one thread, comments);
    `newest_id` is the newest comment of the write-up, wherever it stands.
    """

    page: Page
    entries: list[Entry]
    order: Order = Order.OLDEST
    newest_id: int = 0


@dataclass(frozen=True)
class Place:
    """Where a comment is shown: page `number` of its write-up, or of its own long thread when `root_id` is set."""

    number: int
    root_id: int | None = None


def thread_page(user: User | None, article_id: int, number: int = 1, order: Order = Order.OLDEST) -> ThreadPage:
    """Page `number` of the threads of a write-up that this person may see, in two statements; within a thread the
    oldest comes first in every order.

    Very long threads are cut so that all of them share `MOST_PER_PAGE`. Raises `NotFound` for a page beyond the last.
    """
    if order == Order.USEFUL:
        answer_once()  # what was young yesterday stands elsewhere today, without any event
    roots = roots_of(article_id, order, size=ROOTS_PER_PAGE, number=number)
    page = Page(number=number, size=ROOTS_PER_PAGE, total=roots.total)
    if number > page.last:
        raise NotFound("The discussion has no such page.")
    return page_of_threads(article_id, roots, page, order)


def page_of_threads(article_id: int, roots: Roots, page: Page, order: Order = Order.OLDEST) -> ThreadPage:
    """These threads of a write-up, in this order, as one page."""
    share = fair_share(list(roots.sizes.values()), most=MOST_PER_PAGE)
    entries = entries_of(_rows_of_threads(article_id, roots, share))
    for place, entry in enumerate(entries):
        is_last = place + 1 == len(entries) or entries[place + 1].root_id != entry.root_id
        if is_last and roots.sizes.get(entry.root_id, 0) > share:
            entries[place] = replace(entry, more=roots.sizes[entry.root_id] - share)
    return ThreadPage(page, entries, order, roots.newest_id)


def long_thread(user: User | None, root: Comment, number: int = 1) -> ThreadPage:
    """Page `number` of one whole thread, in two statements. Raises `NotFound` for a page beyond the last."""
    order = _order_of_thread(root)
    page = Page(number=number, size=THREAD_PAGE, total=len(order))
    if number > page.last:
        raise NotFound("The thread has no such page.")
    shown = dict(order[(number - 1) * THREAD_PAGE : number * THREAD_PAGE])
    return ThreadPage(page, entries_of(db.session.execute(ENTRY_ROWS.where(Comment.id.in_(shown))).all(), order=shown))


def flat_page(wanted: ColumnElement[bool], number: int = 1) -> ThreadPage:
    """Page `number` of the comments asked for, oldest first, each by itself. Raises `NotFound` beyond the last."""
    page = Page(number, FLAT_PAGE, db.session.scalar(select(func.count()).select_from(Comment).where(wanted)) or 0)
    if number > page.last:
        raise NotFound("There is no such page.")
    asked = ENTRY_ROWS.where(wanted).order_by(Comment.id).limit(FLAT_PAGE).offset((number - 1) * FLAT_PAGE)
    rows = db.session.execute(asked).all()
    return ThreadPage(page, entries_of(rows, order={row.id: 1 for row in rows}))


def newest_visible(article_id: int, *, most: int) -> list[tuple[int, int]]:
    """(comment, its writer) of the newest that everybody sees, the newest first."""
    own = (Comment.article_id == article_id, Comment.state == CommentState.VISIBLE)
    wanted = select(Comment.id, Comment.user_id).where(*own).order_by(Comment.id.desc()).limit(most)
    return [(row.id, row.user_id) for row in db.session.execute(wanted)]


def place_of(comment: Comment, order: Order = Order.OLDEST) -> Place:
    """Where the permalink of a comment leads, in this order of threads."""
    root_id = comment.root_id or comment.id
    number = roots_before(comment.article_id, root_id, order) // ROOTS_PER_PAGE + 1
    if comment.parent_id is None:
        return Place(number)
    roots = roots_of(comment.article_id, order, size=ROOTS_PER_PAGE, number=number)
    is_older = (Comment.root_id == root_id, Comment.id < comment.id, has_place(comment.article_id))
    older = db.session.scalar(select(func.count()).where(*is_older)) or 0
    if older < fair_share(list(roots.sizes.values()), most=MOST_PER_PAGE):
        return Place(number)
    ids = [one for one, _ in _order_of_thread(comment)]
    return Place(ids.index(comment.id) // THREAD_PAGE + 1, root_id)


def entry_of(comment: Comment) -> Entry:
    """One comment as it stands in its thread, for the answer to a script."""
    chain = ancestors_of(comment.id, most=100)
    row = db.session.execute(ENTRY_ROWS.where(Comment.id == comment.id)).one()
    above = (Comment.id == comment.parent_id, Comment.state == CommentState.VISIBLE)
    named = select(User.name).join(Comment, Comment.user_id == User.id).where(*above)
    name = db.session.scalar(named) if comment.parent_id else None
    return replace(entries_of([row])[0], depth=len(chain), parent_name=name or "")


def _rows_of_threads(article_id: int, roots: Roots, share: int) -> Sequence[Row[Any]]:
    """All comments of these threads, thread by thread, the `share` oldest of each."""
    if not roots.sizes:
        return []
    wanted = _CUT_THREADS if share < max(roots.sizes.values()) else _WHOLE_THREADS
    given = {f"root_{place}": 0 for place in range(ROOTS_PER_PAGE)}
    given |= {f"root_{place}": root_id for place, root_id in enumerate(roots.sizes)}
    rows = wanted.all(db.session, article=article_id, share=share, **given)
    places = {root_id: place for place, root_id in enumerate(roots.sizes)}
    return sorted(rows, key=lambda row: places[row.root_id])  # stable: within a thread as they came


def _order_of_thread(comment: Comment) -> list[tuple[int, int]]:
    is_in = (Comment.root_id == (comment.root_id or comment.id), has_place(comment.article_id))
    pairs = select(Comment.id, Comment.parent_id).where(*is_in).order_by(Comment.id)
    return flatten((row.id, row.parent_id) for row in db.session.execute(pairs))
