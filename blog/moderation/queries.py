"""Reads of moderation: comments for the queue as plain rows, and the public log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row, Select, case, func, select

from blog import policy
from blog.accounts.label_queries import is_labelled
from blog.accounts.models import ProgramLabel, User
from blog.articles.models import Article
from blog.comments.models import Comment, CommentState
from blog.errors import Fault, Invalid, NotAllowed, NotFound
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.renderer import RENDERER_VERSION, render_batch
from blog.lib.row_numbers import row_number

QUEUE_PAGE = 50
LOG_PAGE = 100
LOGGED = ("comment.hidden", "comment.restored")


@dataclass(frozen=True)
class QueueEntry:
    """A comment as a moderator sees it. `html` is trusted, and empty for what its writer withdrew."""

    id: int
    state: CommentState
    user_id: int
    user_name: str
    created_at: datetime
    html: Markup
    hidden_reason: str
    slug: str
    title: str
    program: str = ""  # what wrote it for this person


@dataclass(frozen=True)
class LogEntry:
    """One act of moderation, without the people in it: `kind` is the event's."""

    id: int
    at: datetime
    kind: str
    reason: str
    comment_id: int
    slug: str
    title: str


def queue(user: User | None, *, state: str = "", before: int | None = None) -> tuple[list[QueueEntry], int | None]:
    """Comments, newest first, and the cursor of the older ones (None at the end). `state` is one of `CommentState` or
    empty for all. Raises `NotAllowed` for anybody but moderators, `Invalid` for a state that does not exist.
    """
    wanted = _for_moderators(user).order_by(Comment.id.desc()).limit(QUEUE_PAGE + 1)
    if state:
        if state not in set(CommentState):
            raise Invalid([Fault("state", f"A comment is one of: {', '.join(CommentState)}.")])
        wanted = wanted.where(Comment.state == state)
    if before is not None:
        wanted = wanted.where(Comment.id < before)
    rows = db.session.execute(wanted).all()
    entries = _queue_entries(rows[:QUEUE_PAGE])
    return entries, entries[-1].id if len(rows) > QUEUE_PAGE else None


def queue_entry(user: User | None, comment_id: int) -> QueueEntry:
    """One comment as the queue shows it. Raises `NotAllowed`, `NotFound`."""
    row = db.session.execute(_for_moderators(user).where(Comment.id == comment_id)).first()
    if row is None:
        raise NotFound("There is no such comment.")
    return _queue_entries([row])[0]


def public_log(*, comment_id: int | None = None, before: int | None = None) -> tuple[list[LogEntry], int | None]:
    """What moderators did, newest first, and the cursor of what was before; of one comment where its id is given."""
    wanted = (
        select(
            Event.id,
            Event.at,
            Event.kind,
            Event.reason,
            Event.subject_id.label("comment_id"),
            Article.slug,
            Article.title,
        )
        .join(Comment, Comment.id == Event.subject_id)
        .join(Article, Article.id == Comment.article_id)
        .where(Event.kind.in_(LOGGED))
        .order_by(Event.id.desc())
        .limit(LOG_PAGE + 1)
    )
    if comment_id is not None:
        wanted = wanted.where(Event.subject_type == "comment", Event.subject_id == comment_id)
    if before is not None:
        wanted = wanted.where(Event.id < before)
    entries = [LogEntry(*row) for row in db.session.execute(wanted)]
    return entries[:LOG_PAGE], entries[LOG_PAGE - 1].id if len(entries) > LOG_PAGE else None


def cursor(text: str | None) -> int | None:
    """The cursor of a query string; None when it says nothing. Raises `Invalid` for anything made up by hand."""
    if not text:
        return None
    number = row_number(text)
    if number is None:
        raise Invalid([Fault("before", "This is no place in the list. Start again at its beginning.")])
    return number


def _for_moderators(user: User | None) -> Select[Any]:
    if not policy.can_moderate(user):
        raise NotAllowed("Moderators look after comments; you are not one.")
    is_stale = Comment.renderer_version != RENDERER_VERSION
    return (
        select(
            Comment.id,
            Comment.state,
            Comment.user_id,
            User.name.label("user_name"),
            Comment.created_at,
            case((is_stale, ""), else_=Comment.html).label("html"),
            case((is_stale, Comment.text)).label("raw"),
            Comment.hidden_reason,
            Article.slug,
            Article.title,
            func.coalesce(ProgramLabel.program, "").label("program"),
        )
        .join(User, User.id == Comment.user_id)
        .outerjoin(ProgramLabel, is_labelled("comment", Comment.id))
        .join(Article, Article.id == Comment.article_id)
    )


def _queue_entries(rows: Sequence[Row[Any]]) -> list[QueueEntry]:
    stale = [row for row in rows if row.raw is not None]
    made = render_batch([("comment", row.raw) for row in stale])
    fresh = {row.id: rendered.html for row, rendered in zip(stale, made, strict=True)}
    return [
        QueueEntry(
            id=row.id,
            state=row.state,
            user_id=row.user_id,
            user_name=row.user_name,
            created_at=row.created_at,
            html=Markup("" if row.state == CommentState.WITHDRAWN else fresh.get(row.id, row.html)),  # noqa: S704 - renderer
            hidden_reason=row.hidden_reason,
            slug=row.slug,
            title=row.title,
            program=row.program,
        )
        for row in rows
    ]
