"""Acts of moderation on comments: hide and restore, each with a reason that everybody can read."""

from blog import policy
from blog.accounts.models import User
from blog.comments.changes import set_state
from blog.comments.models import Comment, CommentState
from blog.errors import Fault, Invalid, NotAllowed
from blog.journal.changes import record
from blog.lib.text import clean_line

MAX_REASON = 500  # characters; a reason is a sentence


def hide_comment(*, actor: User, comment: Comment, reason: str) -> None:
    """Take a comment's words off the page and out of the search; its place stays. Raises `NotAllowed`, `Invalid` at
    path `reason`, `Conflict` when somebody was faster.
    """
    if not policy.can_moderate(actor):
        raise NotAllowed("Moderators hide comments; you are not one.")
    said = _checked(reason)
    set_state(comment, CommentState.HIDDEN, after=CommentState.VISIBLE, hidden_reason=said)
    record("comment.hidden", subject=comment, actor=actor, reason=said, data={"article": comment.article_id})


def restore_comment(*, actor: User, comment: Comment, reason: str) -> None:
    """Undo `hide_comment`. Raises as it does."""
    if not policy.can_moderate(actor):
        raise NotAllowed("Moderators restore comments; you are not one.")
    said = _checked(reason)
    set_state(comment, CommentState.VISIBLE, after=CommentState.HIDDEN)
    record("comment.restored", subject=comment, actor=actor, reason=said, data={"article": comment.article_id})


def _checked(reason: str) -> str:
    try:
        said = clean_line(reason)
    except ValueError as error:
        raise Invalid([Fault("reason", str(error))]) from None
    if not said:
        raise Invalid([Fault("reason", "Say why, in a sentence that everybody may read.")])
    if len(said) > MAX_REASON:
        why = f"Keep the reason to {MAX_REASON} characters; this one has {len(said)}."
        raise Invalid([Fault("reason", why, is_too_long=True)])
    return said
