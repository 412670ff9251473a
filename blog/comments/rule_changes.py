"""Changes of rules: written, changed, tried, put in force and switched off. None is ever removed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, update

from blog import policy
from blog.accounts.models import Role, User
from blog.accounts.names import MAX_TYPED
from blog.comments import rule_queries
from blog.comments.rule_checks import fold, lines_of
from blog.comments.rule_models import AMOUNTS, CommentRule, RuleKind, RuleState
from blog.comments.trial_queries import Trial
from blog.errors import Conflict, Fault, Invalid, NotAllowed
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock
from blog.lib.text import clean_line, clean_text

MAX_NOTE = 200
MAX_WORDS = 500
MAX_WORD = 100  # characters of one word or phrase
MAX_LIVE = 20  # each is asked at every comment
MAX_RULES = 500


@dataclass(frozen=True)
class RuleGiven:
    """What a rule says, as typed: `amount` a number, `words` one a line, `person` the name of a member."""

    kind: str = ""
    note: str = ""
    amount: str = ""
    words: str = ""
    person: str = ""


def make_rule(*, actor: User, given: RuleGiven) -> CommentRule:
    """Write a rule. It holds nothing before it was tried and put in force. Raises `NotAllowed`, `Conflict`, and
    `Invalid` at the paths `kind`, `note`, `amount`, `words`, `person`.
    """
    _require(actor)
    if given.kind not in set(RuleKind):
        raise Invalid([Fault("kind", f"A rule is one of: {', '.join(RuleKind)}.")])
    if rule_queries.number_of_rules() >= MAX_RULES:
        raise Conflict(f"There are {MAX_RULES} rules already. Change one that is switched off.")
    now = clock.now()
    rule = CommentRule(
        kind=RuleKind(given.kind), state=RuleState.DRAFT, created_at=now, changed_at=now, tried_at=None, trial={}
    )
    _fill(rule, given)
    db.session.add(rule)
    db.session.flush()
    record("rule.made", subject=rule, actor=actor, data={"kind": rule.kind})
    return rule


def change_rule(*, actor: User, rule: CommentRule, given: RuleGiven) -> None:
    """Say it otherwise; its kind stays. It must be tried anew. Raises as `make_rule`, `Conflict` while it is live."""
    _require(actor)
    if rule.state == RuleState.LIVE:
        raise Conflict("This rule holds comments now. Switch it off, change it, and try it before it holds again.")
    _fill(rule, given)
    rule.changed_at, rule.tried_at, rule.trial = clock.now(), None, {}
    db.session.flush()
    record("rule.changed", subject=rule, actor=actor, data={"kind": rule.kind})


def note_trial(*, actor: User, rule: CommentRule, trial: Trial, read_at: datetime) -> None:
    """Keep what a trial found; `read_at` is the rule's `changed_at` then. Raises `Conflict` for one changed since."""
    _require(actor)
    if rule.changed_at != read_at:
        raise Conflict("Somebody changed this rule while it was tried. Look at it again, and try it again.")
    rule.tried_at, rule.trial = clock.now(), trial.as_json()
    db.session.flush()
    record("rule.tried", subject=rule, actor=actor, data={"looked": trial.looked, "matched": trial.matched})


def switch_on(*, actor: User, rule: CommentRule) -> None:
    """Let it hold comments from now on. Raises `NotAllowed`, `Conflict` where it was not tried as it reads now."""
    _require(actor)
    if rule.tried_at is None:
        raise Conflict("Try this rule on past comments first: nobody knows yet what it would hold.")
    if rule_queries.number_of_live() >= MAX_LIVE:
        raise Conflict(f"{MAX_LIVE} rules are live, which is the most. Switch one off first.")
    _move(rule, RuleState.LIVE, {RuleState.DRAFT, RuleState.OFF})
    record("rule.live", subject=rule, actor=actor, data={"kind": rule.kind})


def switch_off(*, actor: User, rule: CommentRule) -> None:
    """Let it hold nothing more; what waits still waits. Raises `NotAllowed`, `Conflict`."""
    _require(actor)
    _move(rule, RuleState.OFF, {RuleState.LIVE})
    record("rule.off", subject=rule, actor=actor, data={"kind": rule.kind})


def _require(actor: User) -> None:
    if not policy.can_set_rules(actor):
        raise NotAllowed("Moderators look after the rules; you are not one.")


def _move(rule: CommentRule, state: RuleState, after: set[RuleState]) -> None:
    moved = db.session.execute(
        update(CommentRule)
        .where(CommentRule.id == rule.id, CommentRule.state.in_(after))
        .values(state=state, changed_at=clock.now())
    )
    if not isinstance(moved, CursorResult) or moved.rowcount != 1:
        raise Conflict("Somebody else switched this rule first. Look at it again.")


def _fill(rule: CommentRule, given: RuleGiven) -> None:
    faults: list[Fault] = []
    rule.amount = _amount(rule.kind, given.amount, faults)
    rule.words = _words(given.words, faults) if rule.kind == RuleKind.WORDS else ""
    rule.person_id = _person(given.person, faults) if rule.kind == RuleKind.PERSON else None
    rule.note = _note(given.note, faults)
    if faults:
        raise Invalid(faults)


def _note(typed: str, faults: list[Fault]) -> str:
    try:
        note = clean_line(typed)
    except ValueError as error:
        faults.append(Fault("note", str(error)))
        return ""
    if not note:
        faults.append(Fault("note", "Say why this rule is there, for the moderators after you."))
    elif len(note) > MAX_NOTE:
        faults.append(Fault("note", f"Keep it to {MAX_NOTE} characters; it has {len(note)}.", is_too_long=True))
    return note


def _amount(kind: RuleKind, typed: str, faults: list[Fault]) -> int | None:
    if kind not in AMOUNTS:
        return None
    least, most = AMOUNTS[kind]
    digits = typed.strip()
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 4 else -1
    if not least <= number <= most:
        faults.append(Fault("amount", f"Enter a number from {least} to {most}."))
    return number


def _words(typed: str, faults: list[Fault]) -> str:
    try:
        lines = lines_of(clean_text(typed))
    except ValueError as error:
        faults.append(Fault("words", str(error)))
        return ""
    lines = [line for line in lines if fold(line).strip()]
    if not lines:
        faults.append(Fault("words", "Enter at least one word, one a line."))
    if len(lines) > MAX_WORDS:
        faults.append(Fault("words", f"Keep it to {MAX_WORDS} lines; there are {len(lines):,}.", is_too_long=True))
    if any(len(line) > MAX_WORD for line in lines):
        faults.append(Fault("words", f"Keep each line to {MAX_WORD} characters.", is_too_long=True))
    return "\n".join(lines)


def _person(typed: str, faults: list[Fault]) -> int | None:
    person = rule_queries.person_named(typed[:MAX_TYPED])
    if person is None:
        faults.append(Fault("person", "Nobody has this name. Enter it as it stands beside their comments."))
        return None
    if person.role in {Role.MODERATOR, Role.ADMIN}:
        faults.append(Fault("person", "Moderators would let their own comments through. Change the role first."))
    return person.id
