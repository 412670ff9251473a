"""Changing the words of a comment: freely at first, later with what it said before kept for readers."""

from datetime import timedelta
from hashlib import blake2s

from blog import policy
from blog.accounts.models import User
from blog.comments import edit_queries
from blog.comments.changes import MAX_DEPTH
from blog.comments.edit_models import CommentEdit
from blog.comments.hold_changes import hold
from blog.comments.mention_queries import people_in
from blog.comments.models import FLAGGED, Comment, CommentKind, CommentState
from blog.comments.rate_changes import check_links
from blog.comments.rule_queries import codes_for
from blog.comments.text_checks import Prepared, checked_source
from blog.comments.wording import joined_codes
from blog.errors import Conflict, NotAllowed
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock

FREE = timedelta(minutes=15)  # a slip of the pen is mended without a mark, while nobody answered
NOT_TO_CHANGE = "Only its writer changes a comment, while it is visible or waits, and its discussion is open."


def print_of(comment: Comment) -> str:
    """What tells two wordings of a comment apart: the form names the one it began from."""
    return blake2s(f"{comment.text}\0{comment.source or ''}".encode(), digest_size=8).hexdigest()


def edit_comment(*, actor: User, comment: Comment, text: Prepared, source: str | None = None, seen: str = "") -> bool:
    """Give one's own comment other words, and evidence another source. False where nothing differs. What it said is
    kept once it is 15 minutes old, and before that where somebody answered it, if everybody could read it. Rules are
    asked as for a new comment; what waits goes on waiting.

    Raises `NotAllowed`, `Invalid` at the paths `text` and `source`, and `Conflict` where it does not say any more what
    the form began from (`seen`, by `print_of`).
    """
    if not policy.can_edit_comment(actor, comment, comment.article):
        raise NotAllowed(NOT_TO_CHANGE)
    if comment.kind == CommentKind.EVIDENCE and source is not None:
        source = checked_source(source, kind=CommentKind.EVIDENCE, prepared=text)
    else:
        source = comment.source
    if (text.text, source) == (comment.text, comment.source):
        return False
    if seen and seen != print_of(comment):
        raise Conflict("You changed this comment in another window since. Your words are kept below.")
    check_links(actor, text, source=source)
    was_answered, now = edit_queries.may_be_answered(comment, deepest=MAX_DEPTH), clock.now()
    is_kept = _was_read_by_all(comment) and (was_answered or now - comment.created_at >= FREE)
    if is_kept:
        _keep(comment, answered=was_answered)
        comment.edited_at = now
    known = set(people_in([comment.text]).values())
    comment.text, comment.source = text.text, source
    comment.html, comment.renderer_version = text.html, text.version
    db.session.flush()
    mentions = [one for one in text.people if one not in known and one != actor.id]
    data = {"article": comment.article_id, "kept": is_kept} | ({"mentions": mentions} if mentions else {})
    record("comment.edited", subject=comment, actor=actor, data=data)
    codes = codes_for(actor, text, source=source or "", comment_id=comment.id)
    if comment.state == CommentState.HELD:
        comment.held_code = joined_codes(dict.fromkeys([*comment.held_code.split(), *codes]))
    elif codes:
        hold(comment=comment, codes=codes, actor=actor)
    return True


def _was_read_by_all(comment: Comment) -> bool:
    """Whether these words were public: what a rule held never was, what members flagged was."""
    return comment.state == CommentState.VISIBLE or FLAGGED in comment.held_code.split()


def _keep(comment: Comment, *, answered: bool) -> None:
    earlier = CommentEdit(
        comment_id=comment.id,
        text=comment.text,
        source=comment.source,
        written_at=comment.edited_at or comment.created_at,
        replaced_at=clock.now(),
        answered=answered,
    )
    db.session.add(earlier)
