"""Reads of actions: one, those of a write-up, its history, and what was open when a related incident happened."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, Select, bindparam, or_, select, union
from sqlalchemy.orm import joinedload

from blog import policy
from blog.accounts.models import User
from blog.accounts.names import key_of_name
from blog.accounts.queries import names_of
from blog.articles.address_models import FormerSlug, Merge
from blog.articles.address_queries import published_behind
from blog.articles.document import Document
from blog.articles.models import Article
from blog.articles.queries import visible_articles
from blog.errors import NotFound
from blog.extensions import db
from blog.followups.models import ActionItem, RelatedWriteUp
from blog.journal.models import Event
from blog.lib.ready import Ready

MAX_SHOWN_OPEN = 5  # actions that were open when something happened; the page of the other write-up has them all
SUBJECT = "action_item"

# What every page of a write-up asks is made once: that takes longer than running it. Whether an action is live is asked
# of the rows: SQLite would take the index of the board for it, and read every action there is.
_ARTICLE = bindparam("article", type_=Integer())
_PROMISED = (
    select(ActionItem)
    .where(ActionItem.article_id == _ARTICLE)
    .options(joinedload(ActionItem.owner).load_only(User.name))
)


def _naming() -> Select[int]:
    """The numbers of write-ups that name this one, or one that was merged into it."""
    top = select(_ARTICLE.label("id")).cte("tree", recursive=True)
    tree = select(top.union(select(Merge.article_id).join(top, Merge.into_id == top.c.id)).c.id)
    present = select(Article.slug).where(Article.id.in_(tree))
    former = select(FormerSlug.slug).where(FormerSlug.article_id.in_(tree))
    return select(RelatedWriteUp.article_id).where(RelatedWriteUp.target_slug.in_(union(present, former)))


_NAMING = _naming()
_NAMING_READY = Ready(_NAMING)
_OPEN_THEN = (
    visible_articles(None)
    .with_only_columns(ActionItem, Article.slug, Article.title)
    .join(ActionItem, ActionItem.article_id == Article.id)
    .where(Article.id.in_(bindparam("related", expanding=True)))
    .where(ActionItem.promised_on < bindparam("last"))
    .where(or_(ActionItem.closed_on.is_(None), ActionItem.closed_on > bindparam("first")))
    .order_by(ActionItem.due_on.is_(None), ActionItem.due_on, ActionItem.id)
)


@dataclass(frozen=True)
class Happening:
    """One entry of an action's history. `text` is a reason or evidence as it was written, `url` where evidence stands;
    `recorded_at` differs from `at` where something was told later; `owner` is the name of whom it was given to.
    """

    kind: str
    at: datetime
    recorded_at: datetime
    actor: str
    text: str
    url: str = ""
    done_on: date | None = None
    owner: str = ""


@dataclass(frozen=True)
class OpenThen:
    """An action of a related write-up that was promised and not done when an incident began."""

    action: ActionItem
    slug: str
    title: str


def action_for(user: User | None, number: int) -> ActionItem:
    """The action of this number with its write-up and people, if this person may see it. Raises `NotFound`."""
    wanted = (
        select(ActionItem)
        .where(ActionItem.id == number)
        .options(
            joinedload(ActionItem.article),
            joinedload(ActionItem.owner),
            joinedload(ActionItem.done_by),
            joinedload(ActionItem.confirmed_by),
        )
    )
    action = db.session.scalar(wanted.execution_options(populate_existing=True))
    if action is None or not policy.can_see_article(user, action.article):
        raise NotFound("There is no such action.")
    return action


def items_of(article_id: int) -> list[ActionItem]:
    """Every action that this write-up promises or ever promised, by number."""
    wanted = select(ActionItem).where(ActionItem.article_id == article_id).order_by(ActionItem.id)
    return list(db.session.scalars(wanted))


def actions_on(article: Article) -> dict[str, ActionItem]:
    """Row id -> action with its owner, of what a write-up promises now."""
    promised = db.session.scalars(_PROMISED, {"article": article.id})
    return {action.row_id: action for action in promised if action.is_live}


def history_of(action: ActionItem) -> list[Happening]:
    """What the journal tells of an action, newest first."""
    wanted = select(Event).where(Event.subject_type == SUBJECT, Event.subject_id == action.id).order_by(Event.id.desc())
    events = list(db.session.scalars(wanted))
    people = {event.actor_id for event in events} | {event.data.get("owner") for event in events}
    names = names_of([number for number in people if number is not None]) if any(people) else {}
    return [_happening(event, names) for event in events]


def _happening(event: Event, names: dict[int, str]) -> Happening:
    data = event.data
    return Happening(
        kind=event.kind.removeprefix("action."),
        at=datetime.fromisoformat(data["at"]) if "at" in data else event.at,
        recorded_at=event.at,
        actor=names.get(event.actor_id or 0, ""),
        text=event.reason,
        url=data.get("url", ""),
        done_on=date.fromisoformat(data["on"]) if "on" in data else None,
        owner=names.get(data.get("owner") or 0, ""),
    )


def person_named(name: str) -> User | None:
    """The active person of this name as typed."""
    wanted = select(User).where(User.name_key == key_of_name(name), User.disabled_at.is_(None))
    return db.session.scalar(wanted)


def targets_of(article_id: int) -> set[str]:
    """The slugs that a write-up names as related, as they were projected."""
    wanted = select(RelatedWriteUp.target_slug).where(RelatedWriteUp.article_id == article_id)
    return set(db.session.scalars(wanted))


def related_ids(article_id: int) -> set[int]:
    """The published write-ups that this one names as related, and those that name it, by any slug they ever had."""
    wanted = visible_articles(None).with_only_columns(Article.id).where(Article.id.in_(_NAMING))
    naming = db.session.scalars(wanted, {"article": article_id})
    named = published_behind(targets_of(article_id))
    return ({one.id for one in named.values()} | set(naming)) - {article_id}


def open_then(article: Article, document: Document, *, named: Collection[int]) -> dict[str, list[OpenThen]]:
    """By the id of the incident row, the actions of related write-ups that were certainly open when it began: promised
    on an earlier day, and not done or dropped on that day or before. `named` are the numbers of the published write-ups
    that this one names as related. One statement, two where any is related, none without a known beginning.
    """
    began = {str(one.id): bounds for one in document.incidents if (bounds := _beginning(one.times.started))}
    if not began:
        return {}
    naming = {number for (number,) in _NAMING_READY.all(db.session, article=article.id)}
    related = (naming | {*named}) - {article.id}
    if not related:
        return {}
    last, first = max(latest for _, latest in began.values()), min(earliest for earliest, _ in began.values())
    given = {"related": list(related), "last": last, "first": first}
    promises = [OpenThen(*row) for row in db.session.execute(_OPEN_THEN, given)]
    found = {row_id: [one for one in promises if _was_open(one.action, *span)] for row_id, span in began.items()}
    return {row_id: then[:MAX_SHOWN_OPEN] for row_id, then in found.items() if then}


def _beginning(started: Any) -> tuple[date, date] | None:
    bounds = started.bounds() if started is not None else None
    return (bounds[0].date(), bounds[1].date()) if bounds else None


def _was_open(action: ActionItem, first: date, last: date) -> bool:
    if not action.is_live or action.promised_on is None or action.promised_on >= first:
        return False
    return action.closed_on is None or action.closed_on > last
