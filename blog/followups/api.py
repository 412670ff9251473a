"""The JSON routes of actions: the board, and one action with its history. Programs read; people say what was done."""

from datetime import date, datetime

from flask import request

from blog.accounts.bearer import Caller
from blog.followups import board_queries, queries
from blog.followups.models import ActionItem
from blog.lib.json_api import PAGE, PREFIX, Answer, Operation, Parameter, Shown
from blog.lib.json_api import listing as envelope
from blog.lib.pagination import page_number
from blog.settings import current_settings


class ActionEntry(Shown):
    """A promised action. `state` is promised, in-progress, done, confirmed or dropped; `is_live` says whether the
    write-up still holds it. `closed_on` is the day it was done or dropped; `days_overdue` counts whole days in UTC.
    """

    number: int
    url: str
    article: str
    row: str
    text: str
    kind: str
    state: str
    is_live: bool
    days_overdue: int
    owner_role: str
    owner: str
    promised_by: str
    promised_on: date | None
    due_on: date | None
    closed_on: date | None
    done_by: str
    evidence: str
    evidence_url: str
    confirmed_by: str
    confirmed_on: date | None
    reason: str


class ActionStep(Shown):
    """One step of an action's history, newest first; `text` is the evidence or reason given."""

    what: str
    at: datetime
    by: str
    text: str
    url: str
    owner: str


class ActionWhole(ActionEntry):
    """A promised action with what happened to it."""

    history: list[ActionStep]


def list_actions(*, caller: Caller | None) -> Answer:
    found = board_queries.board(
        caller.user if caller else None,
        board_queries.read_filters(request.args),
        number=page_number(request.args.get("page")),
    )
    address = f"{current_settings().site_url}{PREFIX}/actions"
    arguments = request.args.to_dict(flat=False)
    entries = [ActionEntry(**_facts(action)) for action in found.actions]
    return Answer(envelope(entries, found.page, address=address, arguments=arguments))


def show_action(*, caller: Caller | None, number: int) -> Answer:
    action = queries.action_for(caller.user if caller else None, number)
    history = [
        ActionStep(
            what=one.kind.replace("_", "-"), at=one.at, by=one.actor, text=one.text, url=one.url, owner=one.owner
        )
        for one in queries.history_of(action)
    ]
    return Answer(ActionWhole(**_facts(action), history=history))


def _facts(action: ActionItem) -> dict[str, object]:
    same = (
        "text", "kind", "is_live", "days_overdue", "owner_role", "promised_by", "promised_on", "due_on", "closed_on",
        "evidence", "evidence_url", "confirmed_on", "reason",
    )  # fmt: skip
    people = ("owner", "done_by", "confirmed_by")
    return {
        "number": action.id,
        "url": f"{current_settings().site_url}/actions/{action.id}",
        "article": action.article.slug,
        "row": action.row_id,
        "state": action.state,
        **{name: getattr(action, name) for name in same},
        **{name: person.name if (person := getattr(action, name)) else "" for name in people},
    }


FILTERS = (
    Parameter("state", f"How they stand: {', '.join(board_queries.VIEWS)}; open where it is not given."),
    Parameter("kind", "Only actions of this kind."),
    Parameter("role", "Only those of this owner role, as write-ups name it."),
    Parameter("person", "Only those that belong to the person of this number."),
)
OPERATIONS = (
    Operation(
        name="list_actions",
        method="GET",
        path="/actions",
        run=list_actions,
        about="What published write-ups promised, the longest overdue first.",
        scope="read",
        is_public=True,
        is_list=True,
        shows=ActionEntry,
        parameters=(PAGE, *FILTERS),
    ),
    Operation(
        name="show_action",
        method="GET",
        path="/actions/<int:number>",
        run=show_action,
        about="One promised action with its history.",
        scope="read",
        is_public=True,
        shows=ActionWhole,
    ),
)
