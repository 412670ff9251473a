"""Acts of moderation on comments: hide and restore, approve what waits, leave what was flagged or edited. Each has a
reason that everybody can read, and can be taken back (`undo_changes`).
"""

from blog import policy
from blog.accounts.models import User
from blog.accounts.queries import person
from blog.comments.changes import set_state
from blog.comments.models import Comment, CommentState
from blog.errors import Conflict, NotAllowed
from blog.journal.changes import record
from blog.moderation.act_changes import close_appeal, judge_flags, note_act, void_flags
from blog.moderation.act_queries import is_edited_after
from blog.moderation.models import Act, Outcome
from blog.moderation.reason_checks import Reason, checked_reason
from blog.moderation.vocabulary import CODES_OF, Code, Verb

SOMEBODY_WAS_FASTER = "Somebody else changed this comment first. Look at it again."


def hide_comment(*, actor: User, comment: Comment, reason: str, code: str = Code.OTHER) -> Act:
    """Take a comment's words off the page and out of the search, or let nobody see what waited; its place stays. Raises
    `NotAllowed`, `Invalid` at path `reason` or `code`, `Conflict` when somebody was faster.
    """
    said = _checked(Verb.HIDE, actor, comment, code, reason)
    if comment.state not in {CommentState.VISIBLE, CommentState.HELD}:
        raise Conflict(SOMEBODY_WAS_FASTER)
    act = note_act(Verb.HIDE, actor=actor, comment=comment, person_id=comment.user_id, reason=said)
    set_state(comment, CommentState.HIDDEN, after=CommentState(act.was), hidden_reason=said.told)
    judge_flags(act, Outcome.RIGHT)
    _record("comment.hidden", comment, act, actor, said)
    return act


def restore_comment(*, actor: User, comment: Comment, reason: str, code: str = Code.OTHER) -> Act:
    """Undo `hide_comment`, whoever hid it. Raises as it does."""
    said = _checked(Verb.RESTORE, actor, comment, code, reason)
    if comment.state != CommentState.HIDDEN:
        raise Conflict(SOMEBODY_WAS_FASTER)
    act = note_act(Verb.RESTORE, actor=actor, comment=comment, person_id=comment.user_id, reason=said)
    set_state(comment, CommentState.VISIBLE, after=CommentState.HIDDEN)
    void_flags(act)
    close_appeal(act)
    _record("comment.restored", comment, act, actor, said)
    return act


def approve_comment(*, actor: User, comment: Comment, reason: str = "", code: str = Code.FINE) -> Act:
    """Let everybody see what waited for a moderator. Raises as `hide_comment` does."""
    said = _checked(Verb.APPROVE, actor, comment, code, reason)
    if comment.state != CommentState.HELD:
        raise Conflict(SOMEBODY_WAS_FASTER)
    act = note_act(Verb.APPROVE, actor=actor, comment=comment, person_id=comment.user_id, reason=said)
    set_state(comment, CommentState.VISIBLE, after=CommentState.HELD)
    judge_flags(act, Outcome.WRONG)
    _record("comment.approved", comment, act, actor, said)
    return act


def keep_comment(*, actor: User, comment: Comment, reason: str = "", code: str = Code.FINE) -> Act:
    """Leave a comment as it is, after a look at what was flagged or edited. Raises as `hide_comment` does."""
    said = _checked(Verb.KEEP, actor, comment, code, reason)
    if comment.state != CommentState.VISIBLE:
        raise Conflict(SOMEBODY_WAS_FASTER)
    act = note_act(Verb.KEEP, actor=actor, comment=comment, person_id=comment.user_id, reason=said)
    judge_flags(act, Outcome.WRONG)
    _record("comment.kept", comment, act, actor, said)
    return act


def require_as_seen(comment: Comment, seen: int | None) -> None:
    """Raises `Conflict` where its writer changed the comment since the event that a page was made after."""
    if seen is not None and is_edited_after(comment.id, seen):
        raise Conflict("Its writer changed this comment since you looked. Read it again.")


def _checked(verb: Verb, actor: User, comment: Comment, code: str, words: str) -> Reason:
    if not policy.can_moderate(actor):
        raise NotAllowed("Moderators look after comments; you are not one.")
    if not policy.can_moderate_comment(actor, comment):
        raise NotAllowed("You wrote this comment. Another moderator looks after it.")
    writer = person(comment.user_id)
    names = {one.name for one in (writer, actor) if one is not None}
    return checked_reason(code or Code.OTHER, words, among=CODES_OF[verb], names=names)


def _record(kind: str, comment: Comment, act: Act, actor: User, said: Reason) -> None:
    """`was` is the state before: what was held may never have been public."""
    data = {"article": comment.article_id, "act": act.id, "code": str(said.code), "was": act.was}
    act.event_id = record(kind, subject=comment, actor=actor, reason=said.told, data=data).id
