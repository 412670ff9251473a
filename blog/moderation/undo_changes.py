"""Taking an act of moderation back: everything is as it was before it."""

from blog import policy
from blog.accounts.models import User
from blog.accounts.queries import person
from blog.comments.changes import set_state
from blog.comments.models import Comment, CommentState
from blog.comments.queries import comment_for
from blog.errors import Conflict, NotAllowed
from blog.journal.changes import record
from blog.lib import clock
from blog.moderation import act_queries
from blog.moderation.act_changes import close_appeal, reopen_appeal, take_back_flags
from blog.moderation.models import Act, AppealState
from blog.moderation.vocabulary import Verb

# How an act leaves the comment that it is about. The others leave it as it was.
LEFT = {
    Verb.HIDE: CommentState.HIDDEN,
    Verb.RESTORE: CommentState.VISIBLE,
    Verb.APPROVE: CommentState.VISIBLE,
    Verb.GRANT: CommentState.VISIBLE,
}
NOT_THE_NEWEST = "Something was done about this after it. Take that back first."


def undo(*, actor: User, act: Act) -> None:
    """Take an act back; who did it may, and every other moderator, but of a judgement. Raises `NotAllowed`, and
    `Conflict` where it was taken back already or something followed it.
    """
    if not policy.can_undo(actor, act):
        raise NotAllowed("Moderators take acts back, but none about themselves, and judgements only who judged.")
    newest = act_queries.newest_act(comment_id=act.comment_id, person_id=act.person_id)
    if act.undone_at is not None:
        raise Conflict("This was taken back already.")
    if newest is None or newest.id != act.id:
        raise Conflict(NOT_THE_NEWEST)
    if act.comment_id is not None:
        _undo_on_comment(actor, act, comment_for(actor, act.comment_id))
    else:
        _undo_on_person(actor, act)
    act.undone_at, act.undone_by_id = clock.now(), actor.id
    if act.appeal_id is not None:
        act_queries.appeal_for(act.appeal_id).state = AppealState.OPEN
    elif act.verb in {Verb.HIDE, Verb.SUSPEND}:
        close_appeal(act)
    elif act.verb in {Verb.RESTORE, Verb.UNSUSPEND}:
        reopen_appeal(act)


def _undo_on_comment(actor: User, act: Act, comment: Comment) -> None:
    left, was = LEFT.get(act.verb, CommentState(act.was)), CommentState(act.was)
    if comment.state != left:
        raise Conflict(
            "Its writer withdrew the comment since." if comment.state == CommentState.WITHDRAWN else NOT_THE_NEWEST
        )
    if left != was:
        set_state(comment, was, after=left, hidden_reason=act.was_hidden_reason)
    take_back_flags(act)
    data = {"article": comment.article_id, "act": act.id, "verb": str(act.verb), "state": str(was)}
    record("comment.act_undone", subject=comment, actor=actor, data=data)


def _undo_on_person(actor: User, act: Act) -> None:
    whose = person(act.person_id)
    if whose is None:
        raise Conflict("There is no such person any more.")
    if act.verb in {Verb.UNSUSPEND, Verb.GRANT} and not policy.can_suspend(actor, whose):
        raise NotAllowed("This would suspend a moderator or an admin: they lose their role first.")
    if act.verb != Verb.UPHOLD:
        whose.suspended_until = act.was_until
    data = {"act": act.id, "verb": str(act.verb)}
    record("account.act_undone", subject=whose, actor=actor, data=data)
