"""One appeal against what was done, by whom it was done to; judged by another moderator than who acted."""

from blog import policy
from blog.accounts.models import User
from blog.accounts.queries import person
from blog.comments.changes import set_state
from blog.comments.models import Comment, CommentState
from blog.comments.queries import comment_for
from blog.errors import Conflict, Invalid, NotAllowed
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock
from blog.moderation import act_queries
from blog.moderation.act_changes import note_act, void_flags
from blog.moderation.models import Act, Appeal, AppealState
from blog.moderation.reason_checks import checked_paragraph, checked_reason
from blog.moderation.vocabulary import CODES_OF, Code, Verb

MAX_APPEAL = 2_000  # characters; what is to be said about one comment
JUDGED = {"uphold": Verb.UPHOLD, "grant": Verb.GRANT}
OVER = "There is nothing to judge any more: what was done was taken back, or is over."


def appeal(*, actor: User, act: Act, text: str) -> Appeal:
    """Ask that somebody else looks at it. Raises `NotAllowed`, `Invalid` (`text`), `Conflict` for a second one."""
    if not policy.can_appeal(actor, act):
        raise NotAllowed("Whose comment was hidden, or who was suspended, can appeal against it.")
    if act_queries.appeal_of(act.id) is not None:
        raise Conflict("You appealed against this already. There is one appeal, and its outcome stands here.")
    if not _still_holds(act):
        raise Conflict(OVER)
    said = checked_paragraph(text, path="text", most=MAX_APPEAL)
    made = Appeal(act_id=act.id, user_id=actor.id, text=said, at=clock.now(), state=AppealState.OPEN)
    db.session.add(made)
    db.session.flush()
    if act.comment_id is None:
        record("account.suspension_appealed", subject=actor, actor=actor, data={"act": act.id})
    else:
        comment = comment_for(actor, act.comment_id)
        data = {"article": comment.article_id, "act": act.id}
        record("comment.appealed", subject=comment, actor=actor, data=data)
    return made


def judge(*, actor: User, appeal: Appeal, verdict: str, code: str, reason: str) -> Act:
    """Let what was done stand (`uphold`), or take it back (`grant`). Raises `NotAllowed`, `Invalid`, `Conflict`."""
    against = act_queries.act_for(appeal.act_id)
    if not policy.can_judge(actor, against):
        raise NotAllowed("Another moderator than who acted judges an appeal, and nobody their own.")
    if verdict not in JUDGED:
        raise Invalid("An appeal is granted, or what was done is upheld.")
    verb = JUDGED[verdict]
    whose = person(appeal.user_id)
    names = {one.name for one in (whose, actor) if one is not None}
    said = checked_reason(code or Code.OTHER, reason, among=CODES_OF[verb], names=names)
    if appeal.state != AppealState.OPEN or not _still_holds(against):
        raise Conflict(OVER)
    comment = comment_for(actor, against.comment_id) if against.comment_id is not None else None
    act = note_act(
        verb,
        actor=actor,
        person_id=against.person_id,
        reason=said,
        comment=comment,
        was_until=whose.suspended_until if whose is not None else None,
        appeal_id=appeal.id,
    )
    appeal.state = AppealState.GRANTED if verb == Verb.GRANT else AppealState.UPHELD
    if verb == Verb.GRANT:
        _take_back(act, comment, whose)
    _tell(act, actor, comment, whose, told=said.told)
    return act


def _take_back(act: Act, comment: Comment | None, whose: User | None) -> None:
    if comment is not None:
        set_state(comment, CommentState.VISIBLE, after=CommentState.HIDDEN)
        void_flags(act)
    elif whose is not None:
        whose.suspended_until = None


def _tell(act: Act, actor: User, comment: Comment | None, whose: User | None, *, told: str) -> None:
    is_granted = act.verb == Verb.GRANT
    data: dict[str, object] = {"act": act.id, "code": str(act.code)}
    if comment is not None:
        kind = "comment.appeal_granted" if is_granted else "comment.appeal_refused"
        data["article"] = comment.article_id
        act.event_id = record(kind, subject=comment, actor=actor, reason=told, data=data).id
    else:
        kind = "account.suspension_ended" if is_granted else "account.suspension_upheld"
        act.event_id = record(kind, subject=whose, actor=actor, reason=told, data=data).id


def _still_holds(act: Act) -> bool:
    """Whether there is something to take back: the comment is hidden, the suspension runs, by this act."""
    if act.undone_at is not None:
        return False
    if act.comment_id is not None:
        comment = db.session.get(Comment, act.comment_id, populate_existing=True)
        return comment is not None and comment.state == CommentState.HIDDEN
    whose = person(act.person_id)
    return whose is not None and policy.is_suspended(whose) and whose.suspended_until == act.until
