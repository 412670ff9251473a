"""The moderators' queues: what waits for a moderator, by why it waits, and all comments."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select

from blog import policy
from blog.accounts.models import User
from blog.comments.models import IS_HELD, Comment, CommentState
from blog.errors import Fault, Invalid, NotAllowed
from blog.extensions import db
from blog.lib.row_numbers import row_number
from blog.moderation.act_queries import last_looks, was_edited_after
from blog.moderation.entry_queries import QueueEntry, comments_to_moderate, entries_of
from blog.moderation.models import Appeal, AppealState, Flag, Outcome

QUEUE_PAGE = 50


class Queue(StrEnum):
    """Why something waits; the first one that is not empty is shown first."""

    HELD = "held"
    FLAGGED = "flagged"
    EDITED = "edited"
    APPEALS = "appeals"


@dataclass(frozen=True)
class Waiting:
    """Comments on a page of a list, and the cursor of the next page (None at the end)."""

    entries: list[QueueEntry]
    next: int | None


def queue_sizes(user: User | None) -> dict[Queue, int]:
    """How much waits in each queue. Raises `NotAllowed`."""
    if not policy.can_moderate(user):
        raise NotAllowed("Moderators look after comments; you are not one.")
    comments = {queue: _waiting(queue) for queue in Queue if queue != Queue.APPEALS}
    counted = [
        select(func.count()).select_from(ids.subquery()).scalar_subquery().label(queue)
        for queue, ids in comments.items()
    ]
    appeals = select(func.count()).where(Appeal.state == AppealState.OPEN).scalar_subquery().label(Queue.APPEALS)
    row = db.session.execute(select(*counted, appeals)).one()
    return {queue: getattr(row, queue) for queue in Queue}


def waiting(user: User | None, queue: Queue, *, after: int | None = None) -> Waiting:
    """What waits in a queue of comments, the oldest comment first. Raises `NotAllowed`."""
    wanted = comments_to_moderate(user).where(Comment.id.in_(_waiting(queue))).order_by(Comment.id)
    return _page(wanted if after is None else wanted.where(Comment.id > after))


def all_comments(user: User | None, *, state: str = "", before: int | None = None) -> Waiting:
    """Comments, newest first. `state` is one of `CommentState` or empty for all. Raises `NotAllowed`, and `Invalid` for
    a state that does not exist.
    """
    wanted = comments_to_moderate(user).order_by(Comment.id.desc())
    if state:
        if state not in set(CommentState):
            raise Invalid([Fault("state", f"A comment is one of: {', '.join(CommentState)}.")])
        wanted = wanted.where(Comment.state == state)
    return _page(wanted if before is None else wanted.where(Comment.id < before))


def queue_named(name: str) -> Queue | None:
    """None for the list of all comments. Raises `Invalid` for a name made up by hand."""
    if name == "all":
        return None
    if name not in set(Queue):
        raise Invalid([Fault("queue", f"A queue is one of: {', '.join(Queue)}, all.")])
    return Queue(name)


def cursor(text: str | None, name: str = "before") -> int | None:
    """The cursor of a query string; None when it says nothing. Raises `Invalid` for anything made up by hand."""
    if not text:
        return None
    number = row_number(text)
    if number is None:
        raise Invalid([Fault(name, "This is no place in the list. Start again at its beginning.")])
    return number


def _waiting(queue: Queue) -> "Select[*tuple[Any, ...]]":
    """The ids of the comments in a queue."""
    if queue == Queue.HELD:
        return select(Comment.id).where(IS_HELD)
    visible = select(Comment.id).where(Comment.state == CommentState.VISIBLE)
    if queue == Queue.FLAGGED:
        return visible.where(Comment.id.in_(select(Flag.comment_id).where(Flag.outcome == Outcome.OPEN)))
    looks = last_looks().subquery()
    edited = select(looks.c.comment_id).where(was_edited_after(looks.c.comment_id, looks.c.event_id))
    return visible.where(Comment.id.in_(edited))


def _page(wanted: "Select[*tuple[Any, ...]]") -> Waiting:
    rows = db.session.execute(wanted.limit(QUEUE_PAGE + 1)).all()
    entries = entries_of(rows[:QUEUE_PAGE])
    return Waiting(entries, entries[-1].id if len(rows) > QUEUE_PAGE else None)
