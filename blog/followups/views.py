"""The pages of actions: the board, its table for spreadsheets, one action with its history, and the forms on it."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from blog import policy
from blog.accounts.access import signed_in, user_of_request
from blog.accounts.keeping import kept_answer
from blog.accounts.models import User
from blog.articles.models import ArticleState
from blog.articles.vocabulary import ActionKind
from blog.errors import Busy, Conflict, Fault, HindsightError, Invalid
from blog.extensions import db
from blog.followups import board_queries, changes, lifecycle, queries, reading
from blog.followups.forms import ActionInput
from blog.followups.models import ActionItem
from blog.journal.reactions import ACTIONS, PEOPLE, WRITE_UPS
from blog.lib import clock
from blog.lib.csv_rows import csv_text
from blog.lib.database import writing
from blog.lib.pagination import page_number

blueprint = Blueprint("actions", __name__)

View = str | AnyResponse
Change = Callable[[User, ActionItem, ActionInput], None]
BOARD = (ACTIONS, WRITE_UPS, PEOPLE)  # what the board is made from


@blueprint.get("/actions/")
def board() -> View:
    filters, number = board_queries.read_filters(request.args), page_number(request.args.get("page"))

    def make() -> str:
        found = board_queries.board(user_of_request(), filters, number=number)
        texts = reading.texts_of(found.actions)
        return render_template(
            "followups/board.html",
            board=found,
            texts=texts,
            reading=reading,
            kinds=ActionKind,
            views=board_queries.VIEWS,
        )

    return kept_answer(BOARD, make, is_daily=True)


@blueprint.get("/actions.csv")
def table() -> View:
    """The board as a table, for spreadsheets: everything that the filters leave."""
    filters = board_queries.read_filters(request.args)

    def make() -> Response:
        rows = board_queries.everything(user_of_request(), filters)
        response = Response(csv_text([tuple(board_queries.TABLE), *rows]), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="actions.csv"'
        return response

    return kept_answer(BOARD, make, is_daily=True)


@blueprint.get("/actions/<int:number>")
def show(number: int) -> View:
    user = user_of_request()
    action = queries.action_for(user, number)
    concerned = {person for person in (action.owner_id, action.done_by_id) if person}
    return kept_answer(
        (f"article {action.article_id}", ACTIONS, PEOPLE, WRITE_UPS),
        lambda: _page(user, number),
        owners=lambda: concerned,
        is_daily=True,
    )


def _assign(actor: User, action: ActionItem, given: ActionInput) -> None:
    name = given.owner.strip()
    owner = queries.person_named(name) if name else None
    if name and owner is None:
        raise Invalid([Fault("owner", "Nobody here has this name. Write it as it stands on their page, or nothing.")])
    changes.assign(actor=actor, action=action, owner=owner, seen=given.seen)


def _mark_done(actor: User, action: ActionItem, given: ActionInput) -> None:
    changes.mark_done(
        actor=actor,
        action=action,
        evidence=given.evidence,
        evidence_url=given.evidence_url,
        done_on=given.day,
        seen=given.seen,
    )


# The steps by the last part of their address: what each does, and what is said when it is done.
STEPS: dict[str, tuple[Change, str]] = {
    "take": (lambda by, it, given: changes.assign(actor=by, action=it, owner=by, seen=given.seen), "It is yours now."),
    "assign": (_assign, "Whose it is, is saved."),
    "start": (lambda by, it, given: changes.start(actor=by, action=it, seen=given.seen), "It is in progress."),
    "done": (_mark_done, "It is marked as done. Now somebody else looks at the evidence."),
    "confirm": (
        lambda by, it, given: changes.confirm(actor=by, action=it, note=given.reason, seen=given.seen),
        "It is confirmed.",
    ),
    "send-back": (
        lambda by, it, given: changes.send_back(actor=by, action=it, reason=given.reason, seen=given.seen),
        "It is in progress again.",
    ),
    "drop": (
        lambda by, it, given: changes.drop(actor=by, action=it, reason=given.reason, seen=given.seen),
        "It is dropped, and everybody can read why.",
    ),
    "reopen": (
        lambda by, it, given: changes.reopen(actor=by, action=it, reason=given.reason, seen=given.seen),
        "It is open again.",
    ),
}


@blueprint.post("/actions/<int:number>/<any(take, assign, start, done, confirm, 'send-back', drop, reopen):verb>")
def step(number: int, verb: str) -> View:
    """One step, whole; a refusal shows the page as it is now, with what was typed in the form it was typed in."""
    user, given = signed_in(), ActionInput.read(request.form)
    change, said = STEPS[verb]
    try:
        with writing(db.session):
            change(user, queries.action_for(user, number), given)
    except (Invalid, Conflict, Busy) as refusal:
        return make_response(_page(user, number, given=given, refusal=refusal, tried=verb), refusal.status)
    flash(said, "ok")
    return redirect(url_for("actions.show", number=number), code=303)


def _page(
    user: User | None,
    number: int,
    *,
    given: ActionInput | None = None,
    refusal: HindsightError | None = None,
    tried: str = "",
) -> str:
    action = queries.action_for(user, number)
    return render_template(
        "followups/action.html",
        action=action,
        text=reading.texts_of([action])[action.id],
        history=reading.told(queries.history_of(action)),
        reading=reading,
        is_promised=action.is_live and action.article.state == ArticleState.PUBLISHED,
        may=_may(user, action),
        given=given or ActionInput(),
        refusal=refusal,
        tried=tried,
        today=clock.now().date(),
        limits=lifecycle,
    )


def _may(user: User | None, action: ActionItem) -> dict[str, bool]:
    """Which forms this person gets. Whether a step fits is asked once more when it is sent."""
    works = policy.can_follow_up(user, action) and action.is_open
    return {
        "take": works and user is not None and action.owner_id != user.id,
        "assign": works,
        "start": works and action.state == "promised",
        "done": works,
        "confirm": policy.can_confirm_action(user, action) and not action.is_rewritten,
        "send-back": policy.can_send_back_action(user, action),
        "drop": policy.can_drop_action(user, action),
        "reopen": policy.can_reopen_action(user, action),
    }
