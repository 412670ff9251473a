"""What a moderator sees of a comment: its words, what it answers, its writer, its flags, and what was done about it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from markupsafe import Markup
from sqlalchemy import Row, Select, case, func, select

from blog import policy
from blog.accounts.label_queries import is_labelled
from blog.accounts.models import ProgramLabel, User
from blog.accounts.queries import names_of
from blog.articles.models import Article
from blog.comments.models import Comment, CommentState
from blog.errors import NotAllowed, NotFound
from blog.extensions import db
from blog.lib.renderer import RENDERER_VERSION, render_batch
from blog.lib.text import plain_text
from blog.moderation.models import Act, Flag, Outcome
from blog.moderation.vocabulary import Verb


class Record(NamedTuple):
    """A writer in numbers: comments by their state, and how often they were suspended."""

    visible: int = 0
    held: int = 0
    hidden: int = 0
    withdrawn: int = 0
    suspended: int = 0


@dataclass(frozen=True)
class Parent:
    """What a comment answers. `text` is plain, and empty for what its writer withdrew."""

    id: int
    user_name: str
    state: CommentState
    text: str


@dataclass(frozen=True)
class QueueEntry:
    """A comment as a moderator sees it. `html` is trusted, and empty for what its writer withdrew; `flags` are those
    nobody judged yet; `act` is the newest one that was not taken back, done by `acted_by`.
    """

    id: int
    state: CommentState
    user_id: int
    user_name: str
    joined_at: datetime
    suspended_until: datetime | None
    created_at: datetime
    edited_at: datetime | None
    html: Markup
    hidden_reason: str
    held_code: str
    slug: str
    title: str
    kind: str
    anchor: str  # the place of the write-up it is about
    source: str | None  # of evidence
    program: str  # what wrote it for this person
    parent: Parent | None
    record: Record
    flags: Sequence[Flag]
    act: Act | None
    acted_by: str


def comments_to_moderate(user: User | None) -> "Select[*tuple[Any, ...]]":
    """Raises `NotAllowed` for anybody but moderators."""
    if not policy.can_moderate(user):
        raise NotAllowed("Moderators look after comments; you are not one.")
    is_stale = Comment.renderer_version != RENDERER_VERSION
    return (
        select(
            Comment.id,
            Comment.state,
            Comment.user_id,
            Comment.parent_id,
            User.name.label("user_name"),
            User.created_at.label("joined_at"),
            User.suspended_until,
            Comment.created_at,
            Comment.edited_at,
            case((is_stale, ""), else_=Comment.html).label("html"),
            case((is_stale, Comment.text)).label("raw"),
            Comment.hidden_reason,
            Comment.held_code,
            Comment.kind,
            Comment.anchor,
            Comment.source,
            Article.slug,
            Article.title,
            func.coalesce(ProgramLabel.program, "").label("program"),
        )
        .join(User, User.id == Comment.user_id)
        .outerjoin(ProgramLabel, is_labelled("comment", Comment.id))
        .join(Article, Article.id == Comment.article_id)
    )


def queue_entry(user: User | None, comment_id: int) -> QueueEntry:
    """One comment as the queue shows it. Raises `NotAllowed`, `NotFound`."""
    row = db.session.execute(comments_to_moderate(user).where(Comment.id == comment_id)).first()
    if row is None:
        raise NotFound("There is no such comment.")
    return entries_of([row])[0]


def entries_of(rows: Sequence[Row[Any]]) -> list[QueueEntry]:
    """Rows of `comments_to_moderate` with all around them, in six statements however many they are."""
    html, ids = _html_of(rows), [row.id for row in rows]
    parents = _parents({row.parent_id for row in rows if row.parent_id is not None})
    records, flags, acts = _records({row.user_id for row in rows}), _open_flags(ids), newest_acts(ids)
    names = names_of({act.actor_id for act in acts.values() if act.actor_id is not None})
    entries = []
    for row in rows:
        given = {name: value for name, value in row._mapping.items() if name not in {"raw", "parent_id", "html"}}
        act = acts.get(row.id)
        entries.append(
            QueueEntry(
                **given,
                html=html[row.id],
                parent=parents.get(row.parent_id),
                record=records.get(row.user_id, Record()),
                flags=flags.get(row.id, ()),
                act=act,
                acted_by=names.get(act.actor_id or 0, "") if act is not None else "",
            )
        )
    return entries


def newest_acts(comment_ids: Collection[int]) -> dict[int, Act]:
    """Of each comment the newest act that was not taken back."""
    newest = select(func.max(Act.id)).where(Act.comment_id.in_(comment_ids), Act.undone_at.is_(None))
    found = db.session.scalars(select(Act).where(Act.id.in_(newest.group_by(Act.comment_id))))
    return {act.comment_id: act for act in found if act.comment_id is not None}


def record_of(person: User) -> Record:
    return _records({person.id}).get(person.id, Record())


def _html_of(rows: Sequence[Row[Any]]) -> dict[int, Markup]:
    stale = [row for row in rows if row.raw is not None and row.state != CommentState.WITHDRAWN]
    made = render_batch([("comment", row.raw) for row in stale])
    fresh = {row.id: rendered.html for row, rendered in zip(stale, made, strict=True)}
    return {
        row.id: Markup("" if row.state == CommentState.WITHDRAWN else fresh.get(row.id, row.html))  # noqa: S704 - renderer
        for row in rows
    }


def _parents(comment_ids: Collection[int]) -> dict[int | None, Parent]:
    if not comment_ids:
        return {}
    wanted = select(Comment.id, User.name, Comment.state, Comment.html).join(User, User.id == Comment.user_id)
    rows = db.session.execute(wanted.where(Comment.id.in_(comment_ids)))
    return {
        row.id: Parent(row.id, row.name, row.state, "" if row.state == CommentState.WITHDRAWN else plain_text(row.html))
        for row in rows
    }


def _records(user_ids: Collection[int]) -> dict[int, Record]:
    states = {str(state): func.count().filter(Comment.state == state).label(str(state)) for state in CommentState}
    said = db.session.execute(
        select(Comment.user_id, *states.values()).where(Comment.user_id.in_(user_ids)).group_by(Comment.user_id)
    )
    found = {row.user_id: Record(row.visible, row.held, row.hidden, row.withdrawn) for row in said}
    suspensions = (
        select(Act.person_id, func.count())
        .where(Act.person_id.in_(user_ids), Act.verb == Verb.SUSPEND, Act.undone_at.is_(None))
        .group_by(Act.person_id)
    )
    for person_id, times in db.session.execute(suspensions):
        found[person_id] = found.get(person_id, Record())._replace(suspended=times)
    return found


def _open_flags(comment_ids: Collection[int]) -> dict[int, list[Flag]]:
    wanted = select(Flag).where(Flag.comment_id.in_(comment_ids), Flag.outcome == Outcome.OPEN).order_by(Flag.id)
    found: dict[int, list[Flag]] = {}
    for flag in db.session.scalars(wanted):
        found.setdefault(flag.comment_id, []).append(flag)
    return found
