"""How an action stood elsewhere, brought in by an operator's bundle (docs/decisions/0009). Nobody else calls this."""

from dataclasses import dataclass, replace
from datetime import date

from blog.accounts.models import User
from blog.errors import Fault, Invalid
from blog.followups import queries
from blog.followups.lifecycle import MAX_EVIDENCE, MAX_REASON, checked_address, checked_text
from blog.followups.models import ActionItem, ActionState
from blog.followups.projections import project_actions
from blog.journal.changes import record
from blog.journal.reactions import ACTIONS
from blog.journal.versions import move_names
from blog.lib import clock

PROVEN = (ActionState.DONE, ActionState.CONFIRMED)


@dataclass(frozen=True)
class Standing:
    """How an action stands; people are those of this site, None where nobody here is known by the address given."""

    state: ActionState
    promised_on: date | None = None
    owner: User | None = None
    evidence: str = ""
    evidence_url: str = ""
    reason: str = ""
    closed_on: date | None = None
    done_by: User | None = None
    done_text: str = ""
    confirmed_by: User | None = None
    confirmed_on: date | None = None


def bring_in_standing(*, article_id: int, row_id: str, standing: Standing, source: str) -> bool:
    """Set how an action stands that nobody here has touched; False where somebody has. The rules of the changes hold.

    Raises `Invalid` where the write-up promises nothing under this id, or the state lacks what it needs.
    """
    _check(standing)
    evidence = checked_text(standing.evidence, path="evidence", most=MAX_EVIDENCE)
    url = checked_address(standing.evidence_url)
    reason = checked_text(standing.reason, path="reason", most=MAX_REASON)
    standing = replace(standing, evidence=evidence, evidence_url=url, reason=reason)
    action = _action(article_id, row_id)
    if action.step:
        return False
    was_promised_on = action.promised_on
    action.promised_on = standing.promised_on or was_promised_on
    is_touched = standing.state != ActionState.PROMISED or standing.owner is not None
    if is_touched:
        _set(action, standing)
        data = {"article": article_id, "file": source, "url": standing.evidence_url}
        record("action.imported", subject=action, reason=standing.evidence or standing.reason, data=data)
    move_names([ACTIONS, *(f"article {number}" for number in (article_id, *queries.related_ids(article_id)))])
    return is_touched or action.promised_on != was_promised_on


def _action(article_id: int, row_id: str) -> ActionItem:
    project_actions(article_id)  # the job of its import may not have run yet
    found = next((one for one in queries.items_of(article_id) if one.row_id == row_id and one.is_live), None)
    if found is None:
        raise Invalid([Fault("row", f"the write-up promises nothing under the id {row_id!r}")])
    return found


def _set(action: ActionItem, standing: Standing) -> None:
    action.state, action.step, action.changed_at = standing.state, 1, clock.now()
    action.owner_id = standing.owner.id if standing.owner else None
    if standing.state in PROVEN:
        action.evidence, action.evidence_url = standing.evidence, standing.evidence_url
        action.done_by_id = standing.done_by.id if standing.done_by else None
        action.done_text = standing.done_text or action.text
    if standing.state == ActionState.CONFIRMED:
        action.confirmed_by_id = standing.confirmed_by.id if standing.confirmed_by else None
        action.confirmed_on = standing.confirmed_on
    if standing.state == ActionState.DROPPED:
        action.reason = standing.reason
    if not action.is_open:
        action.closed_on = standing.closed_on or clock.now().date()


def _check(standing: Standing) -> None:
    if standing.state in PROVEN and not (standing.evidence.strip() or standing.evidence_url.strip()):
        raise Invalid([Fault("evidence", "what is done has evidence")])
    if standing.state == ActionState.DROPPED and not standing.reason.strip():
        raise Invalid([Fault("reason", "what is dropped has a reason")])
    by = standing.confirmed_by if standing.state == ActionState.CONFIRMED else None
    if by is not None and any(one is not None and one.id == by.id for one in (standing.done_by, standing.owner)):
        raise Invalid([Fault("confirmed_by", "somebody else confirms what is done")])
