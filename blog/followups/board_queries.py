"""The board of actions: everything that published write-ups promise, filtered, counted and a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Row, Select, case, func, literal, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from blog.accounts.models import User
from blog.articles.models import Article
from blog.articles.queries import visible_articles
from blog.articles.vocabulary import ActionKind
from blog.errors import Fault, Invalid, NotFound
from blog.extensions import db
from blog.followups.models import OPEN, ActionItem, ActionState
from blog.lib import clock
from blog.lib.pagination import Page
from blog.lib.row_numbers import row_number

PAGE_SIZE = 25
MAX_ROLE = 120  # characters, the width of the column
SHOWN_ROLES = 12  # of the owners, those with the most to do
MOST_EXPORTED = 10_000  # rows of one table; filters give the others
ADDRESS = "/actions/"
VIEWS = ("open", "overdue", "done", "confirmed", "dropped", "all")  # what one can look at; done waits for somebody

_OVERDUE = "overdue"


_owner, _doer, _confirmer = aliased(User), aliased(User), aliased(User)
# The columns of the table for spreadsheets, by their headings.
TABLE: dict[str, Any] = {
    "number": ActionItem.id,
    "action": ActionItem.text,
    "state": ActionItem.state,
    "due on": ActionItem.due_on,
    "owner role": ActionItem.owner_role,
    "owner": _owner.name,
    "promised by": ActionItem.promised_by,
    "promised on": ActionItem.promised_on,
    "kind": ActionItem.kind,
    "closed on": ActionItem.closed_on,
    "done by": _doer.name,
    "evidence": ActionItem.evidence,
    "evidence address": ActionItem.evidence_url,
    "confirmed by": _confirmer.name,
    "confirmed on": ActionItem.confirmed_on,
    "reason": ActionItem.reason,
    "write-up": Article.title,
    "write-up address": literal("/postmortems/") + Article.slug,
}


@dataclass(frozen=True)
class BoardFilters:
    """What the board is narrowed to: `view` is one of `VIEWS`, `role` an owner role, `person` an owner's number."""

    view: str = "open"
    kind: str = ""
    role: str = ""
    person: int | None = None

    def address(self, **changed: Any) -> str:
        """The board with these filters, and some of them different."""
        return ADDRESS + replace(self, **changed).query()

    def query(self) -> str:
        """As a query string, with its question mark; empty for what is shown without any."""
        given = {
            "state": self.view if self.view != "open" else "",
            "kind": self.kind,
            "role": self.role,
            "person": str(self.person or ""),
        }
        query = urlencode({name: value for name, value in given.items() if value})
        return f"?{query}" if query else ""

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the state is asked for."""
        return bool(self.kind or self.role or self.person)


@dataclass(frozen=True)
class Board:
    """One page of the board. `counts` are by view, under the other filters; `roles` are (role, open actions)."""

    filters: BoardFilters
    page: Page
    actions: list[ActionItem]
    counts: dict[str, int]
    roles: list[tuple[str, int]] = field(default_factory=list)
    person: str = ""


def read_filters(arguments: Mapping[str, str]) -> BoardFilters:
    """Filters from a query string. Raises `Invalid` for what cannot be."""
    view, kind = arguments.get("state", "") or "open", arguments.get("kind", "")
    role, person = arguments.get("role", ""), arguments.get("person", "")
    if view not in VIEWS:
        raise Invalid([Fault("state", f"this is one of: {', '.join(VIEWS)}")])
    if kind and kind not in set(ActionKind):
        raise Invalid([Fault("kind", f"this is one of: {', '.join(ActionKind)}")])
    if len(role) > MAX_ROLE or "\x00" in role or not role.isprintable():
        raise Invalid([Fault("role", "there is no owner of this name")])
    number = row_number(person)
    if person and number is None:
        raise Invalid([Fault("person", "this is not the number of a person")])
    return BoardFilters(view, kind, role, number)


def board(user: User | None, filters: BoardFilters, *, number: int = 1) -> Board:
    """Page `number` of what the filters leave. Raises `NotFound` beyond the last page. Four statements, or five with a
    person, whatever the size.
    """
    counts = _counts(user, filters)
    page = Page(number, PAGE_SIZE, counts[filters.view])
    if number > page.last:
        raise NotFound("The board has no such page.")
    actions = _rows(user, filters, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    person = db.session.get(User, filters.person) if filters.person else None
    return Board(filters, page, actions, counts, _roles(user, filters), person.name if person else "")


def everything(user: User | None, filters: BoardFilters) -> Sequence[Row[Any]]:
    """All that the filters leave, in the order of the board, as plain rows of `TABLE`; at most `MOST_EXPORTED`."""
    found = _narrowed(_promised(user, *TABLE.values()), filters).where(*_in_view(filters.view))
    for person, column in ((_owner, ActionItem.owner_id), (_doer, ActionItem.done_by_id)):
        found = found.outerjoin(person, person.id == column)
    found = found.outerjoin(_confirmer, _confirmer.id == ActionItem.confirmed_by_id)
    return db.session.execute(found.order_by(*_order(filters.view)).limit(MOST_EXPORTED)).all()


def _rows(user: User | None, filters: BoardFilters, *, limit: int, offset: int) -> list[ActionItem]:
    """First the numbers, which an index and few columns give, then what is shown of them."""
    order = _order(filters.view)
    found = _narrowed(_promised(user, ActionItem.id), filters).where(*_in_view(filters.view))
    ids = list(db.session.scalars(found.order_by(*order).limit(limit).offset(offset)))
    wanted = (
        select(ActionItem)
        .join(ActionItem.article)
        .where(ActionItem.id.in_(ids))
        .options(
            contains_eager(ActionItem.article),
            joinedload(ActionItem.owner),
            joinedload(ActionItem.done_by),
            joinedload(ActionItem.confirmed_by),
        )
    )
    by_id = {action.id: action for action in db.session.scalars(wanted)}
    return [by_id[number] for number in ids]


def _promised(user: User | None, *columns: Any) -> Select[Any]:
    seen = visible_articles(user).with_only_columns(*columns).select_from(Article)
    return seen.join(ActionItem, ActionItem.article_id == Article.id).where(ActionItem.is_live)


def _narrowed(wanted: Select[Any], filters: BoardFilters) -> Select[Any]:
    if filters.kind:
        wanted = wanted.where(ActionItem.kind == filters.kind)
    if filters.role:
        wanted = wanted.where(ActionItem.owner_role == filters.role)
    if filters.person:
        wanted = wanted.where(ActionItem.owner_id == filters.person)
    return wanted


def _in_view(view: str) -> tuple[ColumnElement[bool], ...]:
    if view == "all":
        return ()
    if view == _OVERDUE:
        return ActionItem.state.in_(OPEN), ActionItem.due_on < clock.now().date()
    return (ActionItem.state.in_(OPEN) if view == "open" else ActionItem.state == view,)


def _order(view: str) -> tuple[Any, ...]:
    """What is longest overdue first; of what waits to be confirmed the oldest; of what is over the newest."""
    by_due = (ActionItem.due_on.is_(None), ActionItem.due_on, ActionItem.id)
    if view in ("open", _OVERDUE):
        return by_due
    if view == "all":
        return case(_AFTER_THE_OPEN, value=ActionItem.state, else_=0), *by_due
    if view == "done":
        return ActionItem.changed_at, ActionItem.id
    return ActionItem.changed_at.desc(), ActionItem.id.desc()


_AFTER_THE_OPEN = {ActionState.DONE.value: 1, ActionState.CONFIRMED.value: 2, ActionState.DROPPED.value: 3}


def _counts(user: User | None, filters: BoardFilters) -> dict[str, int]:
    is_late = ActionItem.due_on < clock.now().date()
    counted = _narrowed(_promised(user, ActionItem.state, is_late, func.count()), filters)
    counts = dict.fromkeys(VIEWS, 0)
    for state, late, number in db.session.execute(counted.group_by(ActionItem.state, is_late)):
        counts["all"] += number
        if state in OPEN:
            counts["open"] += number
            counts[_OVERDUE] += number if late else 0
        else:
            counts[state] += number
    return counts


def _roles(user: User | None, filters: BoardFilters) -> list[tuple[str, int]]:
    """Whose the open actions are, as write-ups name them."""
    number = func.count().label("number")
    counted = _narrowed(_promised(user, ActionItem.owner_role, number), replace(filters, role=""))
    counted = counted.where(ActionItem.owner_role != "", ActionItem.state.in_(OPEN))
    counted = counted.group_by(ActionItem.owner_role).order_by(number.desc(), ActionItem.owner_role)
    return [(role, count) for role, count in db.session.execute(counted.limit(SHOWN_ROLES))]
