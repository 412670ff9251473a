"""Reads of threads: pages of whole threads as plain rows, one long thread, and the place of a comment in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row, Select, case, func, literal, select

from blog.accounts.label_queries import is_labelled
from blog.accounts.models import ProgramLabel, User
from blog.comments.models import Comment, CommentState
from blog.comments.queries import ancestors_of, has_place
from blog.errors import NotFound
from blog.extensions import db
from blog.lib.pagination import Page
from blog.lib.read_path import answer_once
from blog.lib.renderer import RENDERER_VERSION, render_batch
from blog.lib.tree import fair_share, flatten

ROOTS_PER_PAGE = 30  # threads on a page of a write-up
MOST_PER_PAGE = 120  # comments on it, whatever the threads hold; the rest is one click away
THREAD_PAGE = 120  # comments on a page of one long thread


@dataclass(frozen=True, slots=True)
class Entry:
    """One place in a thread. `html` is trusted, and empty unless the comment is visible; `more` is set on the last
    entry of a thread that was cut and says how many replies are left out; `said_on_id` is the number of the write-up
    that it was said on, where it came along with that one.
    """

    id: int
    parent_id: int | None
    root_id: int
    depth: int
    user_id: int
    user_name: str
    created_at: datetime
    state: CommentState
    kind: str
    anchor: str
    html: Markup
    parent_name: str = ""
    more: int = 0
    said_on_id: int | None = None
    useful: int = 0  # members who marked it
    program: str = ""  # what wrote it for this person, and `model` what that said it runs
    model: str = ""


@dataclass(frozen=True)
class ThreadPage:
    """A page of whole threads, flat and in reading order. `page` counts threads (or, of one thread, comments)."""

    page: Page
    entries: list[Entry]


@dataclass(frozen=True)
class Place:
    """Where a comment is shown: page `number` of its write-up, or of its own long thread when `root_id` is set."""

    number: int
    root_id: int | None = None


def thread_page(user: User | None, article_id: int, number: int = 1) -> ThreadPage:
    """Page `number` of the threads of a write-up that this person may see, oldest first, in two statements.

    Very long threads are cut so that all of them share `MOST_PER_PAGE`. Raises `NotFound` for a page beyond the last.
    """
    roots, total = _roots_of_page(article_id, number)
    page = Page(number=number, size=ROOTS_PER_PAGE, total=total)
    if number > page.last:
        raise NotFound("The discussion has no such page.")
    share = fair_share(list(roots.values()), most=MOST_PER_PAGE)
    entries = _entries(_rows_of_threads(list(roots), share if share < max(roots.values(), default=0) else None))
    for place, entry in enumerate(entries):
        is_last = place + 1 == len(entries) or entries[place + 1].root_id != entry.root_id
        if is_last and roots.get(entry.root_id, 0) > share:
            entries[place] = replace(entry, more=roots[entry.root_id] - share)
    return ThreadPage(page, entries)


def long_thread(user: User | None, root: Comment, number: int = 1) -> ThreadPage:
    """Page `number` of one whole thread, in two statements. Raises `NotFound` for a page beyond the last."""
    order = _order_of_thread(root.id)
    page = Page(number=number, size=THREAD_PAGE, total=len(order))
    if number > page.last:
        raise NotFound("The thread has no such page.")
    shown = dict(order[(number - 1) * THREAD_PAGE : number * THREAD_PAGE])
    return ThreadPage(page, _entries(db.session.execute(_rows().where(Comment.id.in_(shown))).all(), order=shown))


def place_of(comment: Comment) -> Place:
    """Where the permalink of a comment leads."""
    root_id = comment.root_id or comment.id
    before = select(func.count()).where(
        Comment.article_id == comment.article_id, Comment.parent_id.is_(None), Comment.id < root_id, has_place()
    )
    number = (db.session.scalar(before) or 0) // ROOTS_PER_PAGE + 1
    if comment.parent_id is None:
        return Place(number)
    roots, _ = _roots_of_page(comment.article_id, number)
    older = select(func.count()).where(Comment.root_id == root_id, Comment.id < comment.id, has_place())
    if (db.session.scalar(older) or 0) < fair_share(list(roots.values()), most=MOST_PER_PAGE):
        return Place(number)
    ids = [one for one, _ in _order_of_thread(root_id)]
    return Place(ids.index(comment.id) // THREAD_PAGE + 1, root_id)


def entry_of(comment: Comment) -> Entry:
    """One comment as it stands in its thread, for the answer to a script."""
    chain = ancestors_of(comment.id, most=100)
    row = db.session.execute(_rows().where(Comment.id == comment.id)).one()
    named = select(User.name).join(Comment, Comment.user_id == User.id).where(Comment.id == comment.parent_id)
    name = db.session.scalar(named) if comment.parent_id else None
    return replace(_entries([row])[0], depth=len(chain), parent_name=name or "")


def _roots_of_page(article_id: int, number: int) -> tuple[dict[int, int], int]:
    """({root id: comments in its thread}, threads of the write-up)."""
    first = (Comment.article_id == article_id, Comment.parent_id.is_(None), has_place())
    page = select(Comment.id).where(*first).order_by(Comment.id)
    ids = page.limit(ROOTS_PER_PAGE).offset((number - 1) * ROOTS_PER_PAGE).subquery()
    total = select(func.count()).select_from(Comment).where(*first).scalar_subquery()
    size = select(func.count()).where(Comment.root_id == ids.c.id, has_place()).scalar_subquery()
    # The count comes from the left side, so that it is there for a page without threads, too.
    one = select(total.label("total")).subquery()
    wanted = select(one.c.total, ids.c.id, size).select_from(one).outerjoin(ids, literal(True)).order_by(ids.c.id)
    rows = db.session.execute(wanted).all()
    return {row[1]: row[2] for row in rows if row[1] is not None}, rows[0].total


def _rows() -> "Select[*tuple[Any, ...]]":
    """What a thread shows. Text is read only where the HTML must be made anew; hidden HTML is not read at all."""
    is_visible = Comment.state == CommentState.VISIBLE
    is_stale = Comment.renderer_version != RENDERER_VERSION
    return (
        select(
            Comment.id,
            Comment.parent_id,
            func.coalesce(Comment.root_id, Comment.id).label("root_id"),
            Comment.user_id,
            User.name.label("user_name"),
            Comment.created_at,
            Comment.state,
            Comment.kind,
            Comment.anchor,
            Comment.said_on_id,
            Comment.useful_count,
            case((is_visible & ~is_stale, Comment.html), else_="").label("html"),
            case((is_visible & is_stale, Comment.text)).label("raw"),
            func.coalesce(ProgramLabel.program, "").label("program"),
            func.coalesce(ProgramLabel.model, "").label("model"),
        )
        .join(User, User.id == Comment.user_id)
        .outerjoin(ProgramLabel, is_labelled("comment", Comment.id))
    )


def _rows_of_threads(root_ids: list[int], share: int | None) -> Sequence[Row[Any]]:
    if not root_ids:
        return []
    wanted = _rows().where(Comment.root_id.in_(root_ids), has_place())
    if share is not None:
        place = func.row_number().over(partition_by=Comment.root_id, order_by=Comment.id).label("place")
        numbered = select(Comment.id, place).where(Comment.root_id.in_(root_ids), has_place()).subquery()
        wanted = _rows().join(numbered, numbered.c.id == Comment.id).where(numbered.c.place <= share)
    return db.session.execute(wanted.order_by(Comment.root_id, Comment.id)).all()


def _order_of_thread(root_id: int) -> list[tuple[int, int]]:
    pairs = select(Comment.id, Comment.parent_id).where(Comment.root_id == root_id, has_place()).order_by(Comment.id)
    return flatten((row.id, row.parent_id) for row in db.session.execute(pairs))


def _entries(rows: Sequence[Row[Any]], *, order: dict[int, int] | None = None) -> list[Entry]:
    """Rows in reading order. `order` gives {id: depth} where it is known; else the rows are whole threads."""
    by_id = {row.id: row for row in rows}
    placed = order or dict(flatten((row.id, row.parent_id) for row in rows))
    html = _html_of(rows)
    entries = []
    for comment_id, depth in placed.items():
        row = by_id[comment_id]
        parent = by_id.get(row.parent_id)
        entries.append(
            Entry(
                id=row.id,
                parent_id=row.parent_id,
                root_id=row.root_id,
                depth=depth,
                user_id=row.user_id,
                user_name=row.user_name,
                created_at=row.created_at,
                state=row.state,
                kind=row.kind,
                anchor=row.anchor,
                html=html[comment_id],
                parent_name=parent.user_name if parent is not None and parent.state == CommentState.VISIBLE else "",
                said_on_id=row.said_on_id,
                useful=row.useful_count,
                program=row.program,
                model=row.model,
            )
        )
    return entries


def _html_of(rows: Sequence[Row[Any]]) -> dict[int, Markup]:
    """The HTML of each row, made anew for this page where another renderer made the stored one."""
    stale = [row for row in rows if row.raw is not None]
    made = render_batch([("comment", row.raw) for row in stale])
    if not all(one.version for one in made):
        answer_once()
    fresh = {row.id: one.html for row, one in zip(stale, made, strict=True)}
    # The renderer made both kinds: nothing else writes the column, and a row without its version is rendered here.
    return {row.id: Markup(fresh.get(row.id, row.html)) for row in rows}  # noqa: S704
