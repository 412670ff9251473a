"""Writes of useful marks: one a member and comment, which they may take back. The count on the comment moves along."""

from sqlalchemy import delete, insert, update

from blog import policy
from blog.accounts.models import User
from blog.comments import mark_queries
from blog.comments.mark_models import UsefulMark
from blog.comments.models import Comment
from blog.errors import NotAllowed
from blog.extensions import db
from blog.journal.changes import record
from blog.journal.versions import move_names
from blog.lib import clock


def mark_useful(*, actor: User, comment: Comment) -> bool:
    """Say that a comment was useful. Whether that is new; doing it twice counts once. Raises `NotAllowed`."""
    require_may_mark(actor, comment)
    if mark_queries.has_marked(actor, comment.id):
        return False
    row = {"user_id": actor.id, "comment_id": comment.id, "at": clock.now()}
    db.session.execute(insert(UsefulMark), [row])
    _count([comment.id], 1)
    record("comment.marked_useful", subject=comment, actor=actor, data={"article": comment.article_id})
    return True


def unmark_useful(*, actor: User, comment: Comment) -> bool:
    """Take one's mark back. Whether there was one. Raises `NotAllowed`."""
    require_may_mark(actor, comment)
    if not mark_queries.has_marked(actor, comment.id):
        return False
    db.session.execute(delete(UsefulMark).where(UsefulMark.user_id == actor.id, UsefulMark.comment_id == comment.id))
    _count([comment.id], -1)
    record("comment.unmarked_useful", subject=comment, actor=actor, data={"article": comment.article_id})
    return True


def forget_marks(person: User) -> None:
    """Take all marks of a person back, of whom nothing is to be kept. Records no event of its own."""
    marked = mark_queries.marked_by(person)
    db.session.execute(delete(UsefulMark).where(UsefulMark.user_id == person.id))
    _count(list(marked), -1)
    move_names(f"thread {article_id}" for article_id in marked.values())


def require_may_mark(actor: User, comment: Comment) -> None:
    """Raises `NotAllowed` for one's own words and those that are not visible."""
    if not policy.can_mark_comment(actor, comment, comment.article):
        raise NotAllowed("Members mark what others said, while it is visible.")


def _count(comment_ids: list[int], change: int) -> None:
    """In the database, not from a number read before: two people may mark at once."""
    for start in range(0, len(comment_ids), 500):
        some = Comment.id.in_(comment_ids[start : start + 500])
        moved = update(Comment).where(some).values(useful_count=Comment.useful_count + change)
        db.session.execute(moved, execution_options={"synchronize_session": False})
