"""Holding: a comment waits until a moderator has looked at it. Letting it through is a moderator's act."""

from collections.abc import Iterable

from blog.accounts.models import User
from blog.comments.changes import set_state
from blog.comments.models import Comment, CommentState
from blog.comments.spam_checks import NO_PROOF
from blog.comments.wording import joined_codes
from blog.journal import once_changes
from blog.journal.changes import record
from blog.lib.once import Once


def hold(*, comment: Comment, codes: Iterable[str], actor: User | None) -> None:
    """Have a comment that everybody saw wait: its writer changed it to what a rule holds (`rule_queries.codes_for`), or
    members flagged it. `actor` is whose change it follows from, None for none. Raises `Conflict` when somebody moved it
    first.
    """
    held_code = joined_codes(codes)
    set_state(comment, CommentState.HELD, after=CommentState.VISIBLE, held_code=held_code)
    record("comment.held", subject=comment, actor=actor, data={"article": comment.article_id, "codes": held_code})


def use_proof(proof: Once | None) -> list[str]:
    """Spend the work that came with a form, in the transaction of what it pays for. What a comment is held for where
    there is none, or it was spent before.
    """
    if proof is None or once_changes.answered(proof) is not None:
        return [NO_PROOF]
    once_changes.keep(proof, status=303, location="")
    return []
