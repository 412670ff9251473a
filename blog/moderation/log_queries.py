"""Reads of the log of moderation: everybody's, without people, and the moderators' own, with what can be taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from blog import policy
from blog.accounts.models import User
from blog.accounts.queries import names_of
from blog.articles.models import Article
from blog.comments.models import Comment, CommentState
from blog.errors import NotAllowed
from blog.extensions import db
from blog.moderation.models import Act
from blog.moderation.vocabulary import Verb, told

LOG_PAGE = 100


@dataclass(frozen=True)
class LogEntry:
    """One act of moderation, without the people in it. `comment_id`, `slug` and `title` are None for an act about a
    member; `is_shown` says whether the comment has a place that everybody can see; `until` is that of a suspension.
    """

    id: int
    at: datetime
    verb: Verb
    reason: str
    until: datetime | None
    undone_at: datetime | None
    comment_id: int | None
    slug: str | None
    title: str | None
    is_shown: bool


@dataclass(frozen=True)
class DoneAct:
    """An act as moderators see it: `act` with who did it and about whom."""

    entry: LogEntry
    act: Act
    actor: str
    person: str


def public_log(*, comment_id: int | None = None, before: int | None = None) -> tuple[list[LogEntry], int | None]:
    """What moderators did, newest first, and the cursor of what was before; of one comment where its id is given."""
    rows, older = _page(_acts() if comment_id is None else _acts().where(Act.comment_id == comment_id), before)
    return [_entry(row) for row in rows], older


def done_acts(
    user: User | None, *, person_id: int | None = None, before: int | None = None
) -> tuple[list[DoneAct], int | None]:
    """The same for moderators, with the people; about one of them where their number is given. Raises `NotAllowed`."""
    if not policy.can_moderate(user):
        raise NotAllowed("Moderators look after comments; you are not one.")
    rows, older = _page(_acts() if person_id is None else _acts().where(Act.person_id == person_id), before)
    names = names_of({number for row in rows for number in (row.Act.actor_id, row.Act.person_id) if number})
    return [
        DoneAct(_entry(row), row.Act, names.get(row.Act.actor_id or 0, ""), names.get(row.Act.person_id, ""))
        for row in rows
    ], older


def _acts() -> "Select[*tuple[Any, ...]]":
    return (
        select(Act, Comment.state, Comment.is_unseen, Article.slug, Article.title)
        .outerjoin(Comment, Comment.id == Act.comment_id)
        .outerjoin(Article, Article.id == Comment.article_id)
        .order_by(Act.id.desc())
    )


def _page(wanted: "Select[*tuple[Any, ...]]", before: int | None) -> tuple[list[Any], int | None]:
    if before is not None:
        wanted = wanted.where(Act.id < before)
    rows = list(db.session.execute(wanted.limit(LOG_PAGE + 1)))
    return rows[:LOG_PAGE], rows[LOG_PAGE - 1].Act.id if len(rows) > LOG_PAGE else None


def _entry(row: Any) -> LogEntry:
    act: Act = row.Act
    return LogEntry(
        id=act.id,
        at=act.at,
        verb=act.verb,
        reason=told(act.code, act.words),
        until=act.until,
        undone_at=act.undone_at,
        comment_id=act.comment_id,
        slug=row.slug,
        title=row.title,
        is_shown=row.state is not None and row.state != CommentState.HELD and not row.is_unseen,
    )
