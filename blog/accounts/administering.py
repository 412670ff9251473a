"""Changes of other people's accounts by an admin: role, disabling, enabling."""

from blog import policy
from blog.accounts import queries, sessions
from blog.accounts.models import Role, User
from blog.errors import Conflict, Fault, Invalid, NotAllowed, NotFound
from blog.extensions import db
from blog.journal import changes as journal
from blog.lib import clock
from blog.lib.text import clean_text

MAX_REASON = 500  # a sentence or three
LAST_ADMIN = "This is the last admin. Make somebody else an admin first, or nobody could look after this site."


def change_role(*, actor: User, user_id: int, role: str, reason: str = "") -> None:
    """Give a person another role; their sessions end, so that no page made for the old one stays in use.

    Raises `NotAllowed`, `NotFound`, `Invalid` (`role`, `reason`), and `Conflict` for the last admin.
    """
    user = _person_to_administer(actor, user_id)
    if role not in set(Role):
        raise Invalid([Fault("role", "Choose one of the roles in the list.")])
    old, reason = user.role, _clean_reason(reason)
    if old == role:
        return
    if queries.is_last_admin(user):
        raise Conflict(LAST_ADMIN)
    user.role = Role(role)
    sessions.end_all(user)
    data = {"from": str(old), "to": role}
    journal.record("account.role_changed", subject=user, actor=actor, reason=reason, data=data)


def disable(*, actor: User, user_id: int, reason: str) -> None:
    """Take away everything a person may do, and sign them out. What they wrote stays. Can be undone by `enable`.

    Raises `NotAllowed`, `NotFound`, `Invalid` (`reason`: it must be given), and `Conflict` for the last admin.
    """
    user = _person_to_administer(actor, user_id)
    reason = _clean_reason(reason)
    if not reason:
        raise Invalid([Fault("reason", "Say why. The person and other admins can read it.")])
    if not user.is_active:
        return
    if queries.is_last_admin(user):
        raise Conflict(LAST_ADMIN)
    user.disabled_at = clock.now()
    sessions.end_all(user)
    journal.record("account.disabled", subject=user, actor=actor, reason=reason)


def enable(*, actor: User, user_id: int, reason: str = "") -> None:
    """Undo `disable`. Raises `NotAllowed`, `NotFound`, `Invalid` (`reason`)."""
    user = _person_to_administer(actor, user_id)
    reason = _clean_reason(reason)
    if user.is_active:
        return
    user.disabled_at = None
    journal.record("account.enabled", subject=user, actor=actor, reason=reason)


def _person_to_administer(actor: User, user_id: int) -> User:
    if not policy.can_administer(actor):
        raise NotAllowed
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound
    if user.erased_at is not None:
        raise Conflict("This person was erased; nothing is left to look after.")
    return user


def _clean_reason(raw: str) -> str:
    try:
        reason = clean_text(raw).strip()
    except ValueError as error:
        raise Invalid([Fault("reason", str(error))]) from error
    if len(reason) > MAX_REASON:
        raise Invalid([Fault("reason", f"Use at most {MAX_REASON} characters.", is_too_long=True)])
    return reason
