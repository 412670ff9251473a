"""Keeping a member from taking part for some days, and ending that early. They read on, and are told why and until
when; so is everybody who looks at their page.
"""

from datetime import timedelta

from blog import policy
from blog.accounts.models import User
from blog.errors import Conflict, Fault, Invalid, NotAllowed
from blog.journal.changes import record
from blog.lib import clock
from blog.lib.clock import iso
from blog.moderation.act_changes import close_appeal, note_act
from blog.moderation.models import Act
from blog.moderation.reason_checks import checked_reason
from blog.moderation.vocabulary import CODES_OF, SUSPENSION_DAYS, Code, Verb


def suspend(*, actor: User, person: User, days: str, reason: str, code: str = Code.OTHER) -> Act:
    """For so many days from now, also where they are suspended already. Raises `NotAllowed`, `Invalid` (`days`, `code`,
    `reason`).
    """
    if not policy.can_suspend(actor, person):
        raise NotAllowed("Moderators suspend members, and neither each other nor themselves.")
    if days not in {str(one) for one in SUSPENSION_DAYS}:
        known = ", ".join(map(str, SUSPENSION_DAYS))
        raise Invalid([Fault("days", f"Choose for how many days: {known}.")])
    said = checked_reason(code or Code.OTHER, reason, among=CODES_OF[Verb.SUSPEND], names={person.name, actor.name})
    until = clock.now().replace(microsecond=0) + timedelta(days=int(days))
    act = note_act(
        Verb.SUSPEND, actor=actor, person_id=person.id, reason=said, until=until, was_until=person.suspended_until
    )
    close_appeal(act)
    person.suspended_until = until
    data = {"act": act.id, "code": str(said.code), "until": iso(until)}
    act.event_id = record("account.suspended", subject=person, actor=actor, reason=said.told, data=data).id
    return act


def unsuspend(*, actor: User, person: User, reason: str = "", code: str = Code.FINE) -> Act:
    """End a suspension early. Raises as `suspend`, and `Conflict` where there is none."""
    if not policy.can_suspend(actor, person):
        raise NotAllowed("Moderators end suspensions, and never their own.")
    said = checked_reason(code or Code.OTHER, reason, among=CODES_OF[Verb.UNSUSPEND], names={person.name, actor.name})
    if not policy.is_suspended(person):
        raise Conflict("The suspension is over already.")
    act = note_act(Verb.UNSUSPEND, actor=actor, person_id=person.id, reason=said, was_until=person.suspended_until)
    close_appeal(act)
    person.suspended_until = None
    data = {"act": act.id, "code": str(said.code)}
    act.event_id = record("account.suspension_ended", subject=person, actor=actor, reason=said.told, data=data).id
    return act
