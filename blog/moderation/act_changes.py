"""What every act of moderation leaves: its row, and what becomes of the flags and appeals about the same thing."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from blog.accounts.models import User
from blog.comments.models import Comment
from blog.extensions import db
from blog.lib import clock
from blog.moderation.act_queries import newest_appeal_of
from blog.moderation.models import Act, AppealState, Flag, Outcome
from blog.moderation.reason_checks import Reason
from blog.moderation.vocabulary import Verb


def note_act(
    verb: Verb,
    *,
    actor: User | None,
    person_id: int,
    reason: Reason,
    comment: Comment | None = None,
    until: datetime | None = None,
    was_until: datetime | None = None,
    appeal_id: int | None = None,
) -> Act:
    """Add the act, before what it does: it keeps how the comment stands."""
    act = Act(
        verb=verb,
        comment_id=comment.id if comment is not None else None,
        person_id=person_id,
        actor_id=actor.id if actor is not None else None,
        code=reason.code,
        words=reason.words,
        at=clock.now(),
        was=str(comment.state) if comment is not None else "",
        was_hidden_reason=comment.hidden_reason if comment is not None else "",
        until=until,
        was_until=was_until,
        appeal_id=appeal_id,
    )
    db.session.add(act)
    db.session.flush()
    return act


def judge_flags(act: Act, outcome: Outcome) -> None:
    """Say of the open flags of the comment whether they were right."""
    _move_flags({"outcome": outcome, "act_id": act.id}, Flag.comment_id == act.comment_id, Flag.outcome == Outcome.OPEN)


def void_flags(act: Act) -> None:
    """What was hidden is back: who flagged it was not wrong to ask."""
    _move_flags({"outcome": Outcome.VOID}, Flag.comment_id == act.comment_id, Flag.outcome == Outcome.RIGHT)


def take_back_flags(act: Act) -> None:
    """The flags as they were before this act."""
    _move_flags({"outcome": Outcome.OPEN, "act_id": None}, Flag.act_id == act.id)
    if act.verb in {Verb.RESTORE, Verb.GRANT}:
        _move_flags({"outcome": Outcome.RIGHT}, Flag.comment_id == act.comment_id, Flag.outcome == Outcome.VOID)


def close_appeal(act: Act) -> None:
    """What somebody appealed against is gone before anybody judged."""
    appeal = newest_appeal_of(act.comment_id, act.person_id)
    if appeal is not None and appeal.state == AppealState.OPEN:
        appeal.state = AppealState.MOOT


def reopen_appeal(act: Act) -> None:
    """What made an appeal pointless was taken back."""
    appeal = newest_appeal_of(act.comment_id, act.person_id)
    if appeal is not None and appeal.state == AppealState.MOOT:
        appeal.state = AppealState.OPEN


def _move_flags(values: dict[str, Any], *which: Any) -> None:
    db.session.execute(update(Flag).where(*which).values(values).execution_options(synchronize_session="fetch"))
