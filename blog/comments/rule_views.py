"""The pages of the rules that hold comments: all of them, one with what it would have held, its form and its switch."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from blog import policy
from blog.accounts.access import signed_in
from blog.comments import reading, rule_changes, rule_queries, trial_queries, wording
from blog.comments.rule_changes import RuleGiven
from blog.comments.rule_forms import AMOUNT_WORDS, empty_rule, read_rule, rule_as_given
from blog.comments.rule_models import AMOUNTS, CommentRule, RuleKind, RuleState
from blog.errors import Busy, Conflict, HindsightError, Invalid, NotAllowed
from blog.extensions import db
from blog.lib.database import end_reading, writing
from blog.lib.row_numbers import MAX_ROW_NUMBER

blueprint = Blueprint("comment_rules", __name__, url_prefix="/moderation/rules")

View = str | Response
RULE = f"/<int(min=1, max={MAX_ROW_NUMBER}):rule_id>"


@blueprint.get("/")
def index() -> View:
    rules = rule_queries.all_rules(signed_in())
    return render_template(
        "comments/rules/index.html",
        rules={state: [rule for rule in rules if rule.state == state] for state in RuleState},
        held=rule_queries.held_by_rules(),
        kinds=wording.KIND_WORDS,
        words_of=wording.rule_words,
    )


@blueprint.get("/new")
def new_rule() -> View:
    _require_moderator()
    given = empty_rule(request.args.get("kind", ""))
    if not given.kind:
        return redirect(url_for("comment_rules.index", _anchor="new"), code=302)
    return _form(given)


@blueprint.post("/")
def make_rule() -> View:
    user = signed_in()
    given = read_rule(request.form)
    try:
        with writing(db.session):
            rule = rule_changes.make_rule(actor=user, given=given)
    except (Invalid, Conflict, Busy) as refusal:
        _require_moderator()
        return _form(given, refusal=refusal)
    flash("The rule is written. It holds nothing yet: try it on past comments first.", "ok")
    return redirect(url_for("comment_rules.rule", rule_id=rule.id), code=303)


@blueprint.get(RULE)
def rule(rule_id: int) -> View:
    return _page(rule_id)


@blueprint.get(f"{RULE}/edit")
def edit_rule(rule_id: int) -> View:
    found = rule_queries.rule_for(signed_in(), rule_id)
    return _page(rule_id) if found.state == RuleState.LIVE else _form(rule_as_given(found), rule=found)


@blueprint.post(RULE)
def change_rule(rule_id: int) -> View:
    user = signed_in()
    given = read_rule(request.form)
    try:
        with writing(db.session):
            changed = rule_queries.rule_for(user, rule_id)
            rule_changes.change_rule(actor=user, rule=changed, given=given)
    except (Invalid, Conflict, Busy) as refusal:
        found = rule_queries.rule_for(user, rule_id)
        return _form(replace(given, kind=found.kind), rule=found, refusal=refusal)
    flash("The rule is changed. Try it on past comments before it holds any.", "ok")
    return redirect(url_for("comment_rules.rule", rule_id=rule_id), code=303)


@blueprint.post(f"{RULE}/try")
def try_rule(rule_id: int) -> View:
    """Look at past comments before anything is written: it may take two seconds, and nobody waits for it."""
    user = signed_in()
    asked = rule_queries.rule_for(user, rule_id)
    trial = trial_queries.run_trial(asked)
    read_at = asked.changed_at
    end_reading(db.session)

    def note(*, actor: Any, rule: CommentRule) -> None:
        rule_changes.note_trial(actor=actor, rule=rule, trial=trial, read_at=read_at)

    return _act(note, rule_id)


@blueprint.post(f"{RULE}/on")
def switch_on(rule_id: int) -> View:
    return _act(rule_changes.switch_on, rule_id, told="The rule is live: what it concerns waits for a moderator.")


@blueprint.post(f"{RULE}/off")
def switch_off(rule_id: int) -> View:
    return _act(rule_changes.switch_off, rule_id, told="The rule is off. What it held still waits for a moderator.")


def _act(change: Callable[..., None], rule_id: int, *, told: str = "") -> View:
    user = signed_in()
    try:
        with writing(db.session):
            change(actor=user, rule=rule_queries.rule_for(user, rule_id))
    except (Conflict, Busy) as refusal:
        return _page(rule_id, refusal=refusal)
    if told:
        flash(told, "ok")
    return redirect(url_for("comment_rules.rule", rule_id=rule_id), code=303)


def _require_moderator() -> None:
    if not policy.can_set_rules(signed_in()):
        raise NotAllowed("Moderators look after the rules; you are not one.")


def _page(rule_id: int, *, refusal: HindsightError | None = None) -> Response:
    rule = rule_queries.rule_for(signed_in(), rule_id)
    numbers = rule.trial.get("examples", ())
    shown = render_template(
        "comments/rules/rule.html",
        rule=rule,
        words=wording.rule_words(rule),
        became=rule_queries.held_by_rules().get(rule.code, {}),
        examples=trial_queries.examples_of(numbers) if isinstance(numbers, list) else [],
        shown=reading.comment_html,
        most=trial_queries.MOST,
        refused=refusal.message if refusal else "",
    )
    return make_response(shown, refusal.status if refusal else 200)


def _form(given: RuleGiven, *, rule: CommentRule | None = None, refusal: HindsightError | None = None) -> Response:
    kind = RuleKind(given.kind) if given.kind in set(RuleKind) else None
    shown = render_template(
        "comments/rules/form.html",
        given=given,
        rule=rule,
        kind_words=wording.KIND_WORDS.get(kind, "Rule") if kind else "Rule",
        amount=(*AMOUNT_WORDS[kind], *AMOUNTS[kind]) if kind in AMOUNTS else None,
        faults=refusal.faults if isinstance(refusal, Invalid) else [],
        refused=refusal.message if refusal and not isinstance(refusal, Invalid) else "",
    )
    return make_response(shown, refusal.status if refusal else 200)
