"""What people say of promised actions: whose they are, that they are begun, done, confirmed, dropped, open again.

Each change takes an action that the open transaction has read (`queries.action_for`) and `seen`, the step that the
person had before their eyes. Raises `NotAllowed`, `Conflict` where somebody was faster, `Invalid` with the paths of
the form.
"""

from datetime import date, datetime
from typing import Any

from blog import policy
from blog.accounts.models import User
from blog.errors import Fault, Invalid, NotAllowed
from blog.followups import lifecycle, queries
from blog.followups.lifecycle import MAX_EVIDENCE, MAX_REASON, Step, checked_text
from blog.followups.models import ActionItem
from blog.journal.changes import record
from blog.journal.versions import move_names
from blog.lib import clock

WORKERS_ONLY = "Authors, reviewers and whoever an action belongs to say how it stands; you are none of them."
REVIEWERS_ONLY = "Only a reviewer drops a promise or opens it again."
WHY = "Say why, for everybody who was promised this."


def assign(
    *, actor: User, action: ActionItem, owner: User | None, seen: int | None = None, at: datetime | None = None
) -> None:
    """Say whose action it is: one person beside the role that the write-up names, or nobody."""
    lifecycle.require_seen(action, seen=seen)
    if not policy.can_follow_up(actor, action):
        raise NotAllowed(WORKERS_ONLY)
    lifecycle.require_open(action)
    if owner is not None and not owner.is_active:
        raise Invalid([Fault("owner", "This account is disabled; name somebody who can do it.")])
    action.owner_id = owner.id if owner else None
    _tell(actor, action, "action.assigned", at=at, owner=action.owner_id)


def start(*, actor: User, action: ActionItem, seen: int | None = None, at: datetime | None = None) -> None:
    """Somebody works on it."""
    lifecycle.require_seen(action, seen=seen)
    if not policy.can_follow_up(actor, action):
        raise NotAllowed(WORKERS_ONLY)
    _move(actor, action, lifecycle.START, at=at)


def mark_done(
    *,
    actor: User,
    action: ActionItem,
    evidence: str = "",
    evidence_url: str = "",
    done_on: date | None = None,
    seen: int | None = None,
    at: datetime | None = None,
) -> None:
    """Say that it is done, and show it: in words, by an address, or both. `done_on` is today where it is not given."""
    lifecycle.require_seen(action, seen=seen)
    if not policy.can_follow_up(actor, action):
        raise NotAllowed(WORKERS_ONLY)
    lifecycle.require_step(action, lifecycle.DONE)
    said = checked_text(evidence, path="evidence", most=MAX_EVIDENCE)
    url = lifecycle.checked_address(evidence_url)
    if not said and not url:
        raise Invalid([Fault("evidence", "Show that it is done: say what was done and seen, or give an address.")])
    day = lifecycle.checked_day(done_on, today=(at or clock.now()).date())
    action.evidence, action.evidence_url, action.closed_on = said, url, day
    action.done_by_id, action.done_text = actor.id, action.text
    action.confirmed_by_id = action.confirmed_on = None
    _move(actor, action, lifecycle.DONE, reason=said, at=at, url=url, on=day.isoformat())


def confirm(
    *, actor: User, action: ActionItem, note: str = "", seen: int | None = None, at: datetime | None = None
) -> None:
    """Confirm that the evidence shows it. Never by whoever said it is done, nor by whose action it is."""
    lifecycle.require_seen(action, seen=seen)
    if not policy.can_confirm_action(actor, action):
        raise NotAllowed(
            "Somebody else confirms what is done: an author or reviewer, not who did it or says it is done."
        )
    if action.is_rewritten:
        raise Invalid(
            "The write-up promises something else since this was marked as done. Ask for it to be shown anew."
        )
    said = checked_text(note, path="reason", most=MAX_REASON)
    action.confirmed_by_id, action.confirmed_on = actor.id, (at or clock.now()).date()
    _move(actor, action, lifecycle.CONFIRM, reason=said, at=at)


def send_back(
    *, actor: User, action: ActionItem, reason: str, seen: int | None = None, at: datetime | None = None
) -> None:
    """The evidence does not show it, or does no more: it is in progress again."""
    lifecycle.require_seen(action, seen=seen)
    if not policy.can_send_back_action(actor, action):
        raise NotAllowed("Authors and reviewers judge evidence; you are none of them.")
    lifecycle.require_step(action, lifecycle.SEND_BACK)
    said = checked_text(reason, path="reason", most=MAX_REASON, missing="Say what the evidence does not show.")
    _open_again(action)
    _move(actor, action, lifecycle.SEND_BACK, reason=said, at=at)


def drop(*, actor: User, action: ActionItem, reason: str, seen: int | None = None, at: datetime | None = None) -> None:
    """Take the promise back, in the open. Undone by `reopen`."""
    lifecycle.require_seen(action, seen=seen)
    if not policy.can_drop_action(actor, action):
        raise NotAllowed(REVIEWERS_ONLY)
    lifecycle.require_step(action, lifecycle.DROP)
    said = checked_text(reason, path="reason", most=MAX_REASON, missing=WHY)
    action.reason, action.closed_on = said, (at or clock.now()).date()
    _move(actor, action, lifecycle.DROP, reason=said, at=at)


def reopen(
    *, actor: User, action: ActionItem, reason: str, seen: int | None = None, at: datetime | None = None
) -> None:
    """What was confirmed holds no more, or what was dropped is wanted after all: it is promised again."""
    lifecycle.require_seen(action, seen=seen)
    if not policy.can_reopen_action(actor, action):
        raise NotAllowed(REVIEWERS_ONLY)
    lifecycle.require_step(action, lifecycle.REOPEN)
    said = checked_text(reason, path="reason", most=MAX_REASON, missing=WHY)
    _open_again(action)
    _move(actor, action, lifecycle.REOPEN, reason=said, at=at)


def _open_again(action: ActionItem) -> None:
    """The journal keeps what was shown before."""
    action.closed_on = action.done_by_id = action.confirmed_by_id = action.confirmed_on = None
    action.evidence = action.evidence_url = action.done_text = action.reason = ""


def _move(
    actor: User,
    action: ActionItem,
    step: Step,
    *,
    reason: str = "",
    at: datetime | None = None,
    **data: Any,
) -> None:
    lifecycle.require_step(action, step)
    action.state = step.to
    _tell(actor, action, step.event, reason=reason, at=at, **data)


def _tell(
    actor: User, action: ActionItem, event: str, *, reason: str = "", at: datetime | None = None, **data: Any
) -> None:
    """The event, and another version for every page that shows the action. `at` is when it happened, where that is told
    later, as in the demo world: the journal's own time stays that of writing.
    """
    action.step += 1
    action.changed_at = at or clock.now()
    told = {"article": action.article_id, **({"at": clock.iso(at)} if at else {}), **data}
    record(event, subject=action, actor=actor, reason=reason, data=told)
    move_names(f"article {number}" for number in queries.related_ids(action.article_id))
