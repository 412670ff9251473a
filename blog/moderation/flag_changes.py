"""Flagging a comment. Enough members who flag it put it aside until a moderator has looked."""

from datetime import timedelta

from blog import policy
from blog.accounts.models import User
from blog.comments.changes import set_state
from blog.comments.models import Comment, CommentState
from blog.errors import Conflict, NotAllowed, TooMany
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock
from blog.moderation import act_queries, flag_queries
from blog.moderation.act_changes import note_act
from blog.moderation.models import Flag, Outcome
from blog.moderation.reason_checks import Reason, checked_flag
from blog.moderation.vocabulary import Code, Verb
from blog.settings import current_settings

FULL_WEIGHT = 100  # hundredths: of somebody new, and of everybody who was not wrong yet
MEMBERS_TO_HOLD = 3  # fewer never put a comment aside, whatever they weigh
WEIGHT_TO_HOLD = MEMBERS_TO_HOLD * FULL_WEIGHT
FLAGS_A_DAY = 20  # of one member; who sees more than that writes to a moderator
DAY = timedelta(days=1)


def flag_comment(*, actor: User, comment: Comment, code: str, words: str = "") -> Flag:
    """Say that something is wrong with a comment. Raises `NotAllowed`, `Invalid` (`code`, `reason`), `Conflict` for a
    second flag of the same member, `TooMany`.
    """
    require_may_flag(actor, comment)
    said = checked_flag(code, words)
    if flag_queries.flag_of(actor, comment.id) is not None:
        raise Conflict("You flagged this comment already. Once is enough: a moderator will see it.")
    now = clock.now()
    if current_settings().rate_limits and flag_queries.flags_since(actor, now - DAY) >= FLAGS_A_DAY:
        raise TooMany(
            f"You can flag {FLAGS_A_DAY} comments a day. What you flagged will be looked at.", retry_after_seconds=3600
        )
    right, wrong = flag_queries.record_of(actor)
    flag = Flag(
        comment_id=comment.id,
        user_id=actor.id,
        code=said.code,
        words=said.words,
        weight=weight_of(right, wrong),
        at=now,
    )
    db.session.add(flag)
    db.session.flush()
    record("comment.flagged", subject=comment, actor=actor, data={"article": comment.article_id})
    _hold_if_enough(comment)
    return flag


def take_back_flag(*, actor: User, comment: Comment) -> None:
    """As if it had never been flagged by this member, who may flag it again. Raises `NotAllowed`, and `Conflict` where
    there is no flag, or a moderator judged it.
    """
    require_may_flag(actor, comment)
    flag = flag_queries.flag_of(actor, comment.id)
    if flag is None:
        raise Conflict("You have not flagged this comment.")
    if flag.outcome != Outcome.OPEN:
        raise Conflict("A moderator has looked at it since, so the flag stays.")
    db.session.delete(flag)
    db.session.flush()
    record("comment.unflagged", subject=comment, actor=actor, data={"article": comment.article_id})


def require_may_flag(user: User, comment: Comment) -> None:
    """Raises `NotAllowed`."""
    if policy.is_suspended(user):
        raise NotAllowed("You are suspended for now: you can read, and flag again when that is over.")
    if not policy.can_flag_comment(user, comment):
        raise NotAllowed("Members flag the comments of others, while these are visible.")


def weight_of(right: int, wrong: int) -> int:
    """What the flag of a member weighs, in hundredths, who was right and wrong so often: 100 (right + 2) / (right +
    wrong + 2). Laplace's rule of succession, begun with two flags that were right: one error makes it 67, two make it
    50; being right never makes it more than that of somebody new.
    """
    return round(FULL_WEIGHT * (right + 2) / (right + wrong + 2))


def _hold_if_enough(comment: Comment) -> None:
    """What a moderator read and left is not put aside again, unless its words changed since: more flags queue it."""
    members, weight = flag_queries.weight_on(comment.id)
    if members < MEMBERS_TO_HOLD or weight < WEIGHT_TO_HOLD:
        return
    if act_queries.was_looked_at(comment.id):
        return
    act = note_act(Verb.HOLD, actor=None, comment=comment, person_id=comment.user_id, reason=Reason(Code.FLAGS, ""))
    set_state(comment, CommentState.HELD, after=CommentState.VISIBLE, held_code=str(Code.FLAGS))
    data = {"article": comment.article_id, "act": act.id, "code": str(Code.FLAGS)}
    act.event_id = record("comment.put_aside", subject=comment, data=data).id
