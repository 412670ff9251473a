"""Reads of rules, and of what they ask: which hold, what they held, what somebody said before."""

from collections import Counter
from datetime import timedelta

from flask import current_app
from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.orm import joinedload

from blog import policy
from blog.accounts.models import User
from blog.accounts.names import key_of_name
from blog.comments.models import WAS_HELD, Comment, CommentState
from blog.comments.rule_checks import Facts, Rule, Sketch, concerns, sketch_of
from blog.comments.rule_models import CommentRule, RuleKind, RuleState, code_of
from blog.comments.text_checks import Prepared
from blog.errors import NotAllowed, NotFound
from blog.extensions import db
from blog.journal.models import Event
from blog.lib import clock
from blog.lib.ready import Ready

RECENT = timedelta(days=1)
MOST_RECENT = 300  # comments that a new one is compared with: a few milliseconds
MOST_SKETCHED = 100  # of them are read for one comment, the newest first, while others wait to write: 0.4 s at worst

_LIVE = Ready(  # a comment pays for it while all other writers wait
    select(CommentRule.id, CommentRule.kind, CommentRule.amount, CommentRule.words, CommentRule.person_id)
    .where(CommentRule.state == literal_column("'live'"))
    .order_by(CommentRule.id)
)
_STANDS = (
    select(Comment.id)
    .where(Comment.user_id == bindparam("user"), Comment.state == CommentState.VISIBLE)
    .limit(1)
    .offset(bindparam("skip"))
)
_NEWEST = (
    select(Comment.id, (Comment.created_at > bindparam("since")).label("is_recent"))
    .where(Comment.imported_from.is_(None))
    .order_by(Comment.id.desc())
    .limit(MOST_RECENT)
)
# Also of changes that leave no mark: what was harmless when it was posted may say something else by now.
_CHANGED = (
    select(Event.subject_id, Event.id)
    .where(Event.kind == "comment.edited")
    .order_by(Event.id.desc())
    .limit(MOST_RECENT)
)
_Key = tuple[int, int]  # number of a comment, and of the event that it was last changed in; 0 for none


def codes_for(user: User, prepared: Prepared, *, source: str = "", comment_id: int | None = None) -> list[str]:
    """What the rules that are live hold this comment for, as `links-7`; one statement where none is. `source` is what
    evidence stands on. `comment_id` is of one that was edited: it is not compared with itself, and is no first one any
    more. What moderators say is never held: they would only let it through.
    """
    if policy.can_moderate(user):
        return []
    rules = live_rules()
    if not rules:
        return []
    facts = Facts(
        user_id=user.id,
        text=f"{prepared.text}\n{source}",
        html=prepared.html,
        links=prepared.links + (source.startswith("http") and source not in prepared.text),
        stands=lambda number: comment_id is not None or _has_standing(user, number),
        before=lambda: _said_recently(except_id=comment_id),
    )
    return [code_of(rule.kind, rule.id) for rule in rules if concerns(rule, facts)]


def live_rules() -> list[Rule]:
    found = _LIVE.all(db.session)
    return [Rule(row.id, RuleKind(row.kind), row.amount or 0, row.words, row.person_id) for row in found]


def all_rules(user: User | None) -> list[CommentRule]:
    """Every rule with the person it is about, the newest first. Raises `NotAllowed`."""
    _require_moderator(user)
    wanted = select(CommentRule).options(joinedload(CommentRule.person)).order_by(CommentRule.id.desc())
    return list(db.session.scalars(wanted))


def rule_for(user: User | None, rule_id: int) -> CommentRule:
    """A rule with the person it is about. Raises `NotAllowed`, `NotFound`."""
    _require_moderator(user)
    wanted = select(CommentRule).options(joinedload(CommentRule.person)).where(CommentRule.id == rule_id)
    rule = db.session.scalar(wanted.execution_options(populate_existing=True))
    if rule is None:
        raise NotFound("There is no such rule.")
    return rule


def person_named(name: str) -> User | None:
    """Who has this name, however it is written."""
    return db.session.scalar(select(User).where(User.name_key == key_of_name(name))) if name.strip() else None


def number_of_live() -> int:
    return db.session.scalar(select(func.count()).where(CommentRule.state == RuleState.LIVE)) or 0


def number_of_rules() -> int:
    return db.session.scalar(select(func.count()).select_from(CommentRule)) or 0


def held_by_rules() -> dict[str, Counter[str]]:
    """What became of the comments that each code held: `{"links-7": {"held": 2, "visible": 5, "hidden": 1}}`."""
    wanted = select(Comment.held_code, Comment.state, func.count()).where(WAS_HELD)
    found: dict[str, Counter[str]] = {}
    for codes, state, number in db.session.execute(wanted.group_by(Comment.held_code, Comment.state)):
        for code in codes.split():
            found.setdefault(code, Counter())[state] += number
    return found


def _require_moderator(user: User | None) -> None:
    if not policy.can_set_rules(user):
        raise NotAllowed("Moderators look after the rules; you are not one.")


def _has_standing(user: User, number: int) -> bool:
    """Whether this person has so many comments that everybody sees."""
    return number < 1 or db.session.scalar(_STANDS, {"user": user.id, "skip": number - 1}) is not None


def _said_recently(*, except_id: int | None) -> list[Sketch]:
    """The sketches of what was said within `RECENT`, by anybody, whatever became of it. Each is made once a process:
    after a start the first comments are compared with fewer.
    """
    connection = db.session.connection()
    rows = connection.execute(_NEWEST, {"since": clock.now() - RECENT}).all()
    changed = {row.subject_id: row.id for row in reversed(connection.execute(_CHANGED).all())}
    keys: list[_Key] = [(row.id, changed.get(row.id, 0)) for row in rows if row.is_recent]
    sketches: dict[_Key, Sketch] = current_app.extensions.setdefault("hindsight_sketches", {})
    known = {key: sketch for key in keys if (sketch := sketches.get(key)) is not None}
    if missing := [key for key in keys if key not in known][:MOST_SKETCHED]:
        texts = select(Comment.id, Comment.html).where(Comment.id.in_([number for number, _ in missing]))
        html = {row.id: row.html for row in connection.execute(texts)}
        known |= {key: sketch_of(html.get(key[0], "")) for key in missing}
        current_app.extensions["hindsight_sketches"] = known
    return [sketch for (number, _), sketch in known.items() if number != except_id]
