"""Reads of appeals and suspensions: what waits to be judged, and how things stand for the person they are about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from blog import policy
from blog.accounts.models import User
from blog.accounts.queries import names_of
from blog.articles.models import Article
from blog.comments.models import Comment, CommentState
from blog.errors import NotAllowed
from blog.extensions import db
from blog.lib.text import plain_text
from blog.moderation.entry_queries import QueueEntry, comments_to_moderate, entries_of, newest_acts
from blog.moderation.models import Act, Appeal, AppealState
from blog.moderation.vocabulary import Verb, told

APPEALS_PAGE = 50
OWN_PAGE = 30


@dataclass(frozen=True)
class Pending:
    """An appeal to judge: against which act, done by whom; `entry` is the comment, None for a suspension."""

    appeal: Appeal
    act: Act
    reason: str
    acted_by: str
    person: str
    entry: QueueEntry | None


@dataclass(frozen=True)
class Standing:
    """What was done to somebody, as they are told: `appeal` is None while they have not appealed; `answer` is what the
    moderator who judged it said.
    """

    act_id: int
    reason: str
    until: datetime | None
    may_appeal: bool
    appeal: Appeal | None
    answer: str


@dataclass(frozen=True)
class OwnComment:
    """One's own comment in a list: `text` is plain; `standing` is set while it is hidden."""

    id: int
    state: CommentState
    created_at: datetime
    text: str
    slug: str
    title: str
    hidden_reason: str
    held_code: str
    standing: Standing | None


def open_appeals(user: User | None, *, after: int | None = None) -> tuple[list[Pending], int | None]:
    """The oldest first. Raises `NotAllowed`."""
    if not policy.can_moderate(user):
        raise NotAllowed("Moderators judge appeals; you are not one.")
    wanted = select(Appeal, Act).join(Act, Act.id == Appeal.act_id).where(Appeal.state == AppealState.OPEN)
    if after is not None:
        wanted = wanted.where(Appeal.id > after)
    rows = db.session.execute(wanted.order_by(Appeal.id).limit(APPEALS_PAGE + 1)).all()
    pending = _pending(user, rows[:APPEALS_PAGE])
    return pending, pending[-1].appeal.id if len(rows) > APPEALS_PAGE else None


def pending_appeal(user: User | None, appeal: Appeal) -> Pending:
    """One of them, open or not."""
    wanted = select(Appeal, Act).join(Act, Act.id == Appeal.act_id).where(Appeal.id == appeal.id)
    return _pending(user, db.session.execute(wanted).all())[0]


def suspension_of(person: User) -> Standing | None:
    """Why and until when somebody is suspended; None where they are not."""
    if not policy.is_suspended(person):
        return None
    wanted = select(Act).where(Act.person_id == person.id, Act.verb == Verb.SUSPEND, Act.undone_at.is_(None))
    act = db.session.scalar(wanted.where(Act.until == person.suspended_until).order_by(Act.id.desc()).limit(1))
    return _standings(person, [act])[act.id] if act is not None else None


def own_comments(person: User, *, before: int | None = None) -> tuple[list[OwnComment], int | None]:
    """What somebody said, newest first, in whatever state, and the cursor of what is older."""
    wanted = _said_by(person) if before is None else _said_by(person).where(Comment.id < before)
    rows = db.session.execute(wanted.limit(OWN_PAGE + 1)).all()
    hidden = newest_acts([row.id for row in rows if row.state == CommentState.HIDDEN])
    acts = {comment_id: _decided(act) for comment_id, act in hidden.items()}
    standings = _standings(person, [act for act in acts.values() if act is not None])
    shown = [
        OwnComment(
            id=row.id,
            state=row.state,
            created_at=row.created_at,
            text="" if row.state == CommentState.WITHDRAWN else plain_text(row.html),
            slug=row.slug,
            title=row.title,
            hidden_reason=row.hidden_reason,
            held_code=row.held_code,
            standing=standings.get(act.id) if (act := acts.get(row.id)) is not None else None,
        )
        for row in rows[:OWN_PAGE]
    ]
    return shown, shown[-1].id if len(rows) > OWN_PAGE else None


def _said_by(person: User) -> "Select[*tuple[Any, ...]]":
    columns = (Comment.id, Comment.state, Comment.created_at, Comment.html, Comment.hidden_reason, Comment.held_code)
    wanted = select(*columns, Article.slug, Article.title).join(Article, Article.id == Comment.article_id)
    return wanted.where(Comment.user_id == person.id).order_by(Comment.id.desc())


def _decided(act: Act) -> Act | None:
    """What hid the comment: the act itself, or the one that an appeal was refused about."""
    if act.verb == Verb.HIDE:
        return act
    appeal = db.session.get(Appeal, act.appeal_id) if act.appeal_id is not None else None
    return db.session.get(Act, appeal.act_id) if appeal is not None else None


def _standings(person: User, acts: list[Act]) -> dict[int, Standing]:
    ids = [act.id for act in acts]
    appeals = {one.act_id: one for one in db.session.scalars(select(Appeal).where(Appeal.act_id.in_(ids)))}
    judged = select(Act).where(Act.appeal_id.in_([one.id for one in appeals.values()]), Act.undone_at.is_(None))
    answers = {one.appeal_id: told(one.code, one.words) for one in db.session.scalars(judged)}
    found = {}
    for act in acts:
        appeal = appeals.get(act.id)
        found[act.id] = Standing(
            act_id=act.id,
            reason=told(act.code, act.words),
            until=act.until,
            may_appeal=appeal is None and policy.can_appeal(person, act),
            appeal=appeal,
            answer=answers.get(appeal.id, "") if appeal is not None else "",
        )
    return found


def _pending(user: User | None, rows: "list[Row[Appeal, Act]] | Any") -> list[Pending]:
    ids = [act.comment_id for _, act in rows if act.comment_id is not None]
    found = db.session.execute(comments_to_moderate(user).where(Comment.id.in_(ids))).all() if ids else []
    entries = {entry.id: entry for entry in entries_of(found)} if found else {}
    names = names_of({number for _, act in rows for number in (act.actor_id, act.person_id) if number})
    return [
        Pending(
            appeal=appeal,
            act=act,
            reason=told(act.code, act.words),
            acted_by=names.get(act.actor_id or 0, ""),
            person=names.get(act.person_id, ""),
            entry=entries.get(act.comment_id or 0),
        )
        for appeal, act in rows
    ]
