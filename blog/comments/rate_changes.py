"""How much one person may post: links, the same words again, and comments in a while."""

from datetime import timedelta

from limits import RateLimitItem

from blog.accounts.models import User
from blog.comments import queries
from blog.comments.text_checks import Prepared
from blog.errors import Conflict, Fault, Invalid, TooMany
from blog.lib import clock
from blog.lib.rate_limits import rates
from blog.settings import current_settings

MAX_LINKS = 10
MAX_LINKS_YOUNG = 2  # for accounts younger than YOUNG: links are what spam is for
YOUNG = timedelta(days=3)
SAME_TEXT = timedelta(minutes=10)  # within it the same words are a second click, or spam


def check_links(actor: User, prepared: Prepared, *, source: str | None = None) -> None:
    """Accounts count as old where rate limits are off: a load test makes new ones. The source of evidence is a link,
    too, unless it stands in the text.
    """
    is_young = current_settings().rate_limits and clock.now() - actor.created_at < YOUNG
    most = MAX_LINKS_YOUNG if is_young else MAX_LINKS
    links = prepared.links + bool(source and source.startswith("http") and source not in prepared.text)
    if links > most:
        why = f" while an account is younger than {YOUNG.days} days" if is_young else ""
        raise Invalid([Fault("text", f"This comment has {links} links. Keep {most} of them{why}.")])


def check_rates(actor: User, text: str) -> None:
    now = clock.now()
    if queries.has_said(actor, text, since=now - SAME_TEXT):
        minutes = SAME_TEXT // timedelta(minutes=1)
        raise Conflict(f"You posted exactly this less than {minutes} minutes ago. It is there; once is enough.")
    limits = rates(current_settings().comment_rates)
    times = queries.times_of(
        actor,
        since=now - timedelta(seconds=limits[-1].get_expiry()),
        most=max(limit.amount for limit in limits),
    )
    for limit in limits:
        most, span = limit.amount, timedelta(seconds=limit.get_expiry())
        if len(times) >= most and now - times[most - 1] < span:
            seconds = int((times[most - 1] + span - now).total_seconds()) + 1
            wait = f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
            raise TooMany(
                f"You can post {most} comments {_every(limit)}. Send this one again in {wait}.",
                retry_after_seconds=seconds,
            )


def _every(limit: RateLimitItem) -> str:
    unit = limit.GRANULARITY.name
    if limit.multiples > 1:
        return f"in {limit.multiples} {unit}s"
    return f"an {unit}" if unit == "hour" else f"a {unit}"
