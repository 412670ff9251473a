"""Keeping what was found at the end of a link."""

from datetime import datetime, timedelta

from blog.checks import queries as check_queries
from blog.checks.link_models import Link, LinkState
from blog.extensions import db
from blog.lib import clock

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# How long a look holds. Who mends a dead link on their own site need not wait long.
FRESH = {LinkState.ALIVE: 7 * DAY, LinkState.DEAD: HOUR / 6, LinkState.UNCLEAR: HOUR}
MAX_FOUND = 200


def is_fresh(link: Link | None, *, now: datetime) -> bool:
    """Whether this was looked at lately enough."""
    return link is not None and now - link.looked_at < FRESH[LinkState(link.state)]


def note_look(*, address: str, state: LinkState, found: str, is_missing_host: bool = False) -> None:
    """Keep what a look at an address found. A host without an address counts as dead only at the second look, an hour
    later, and only where other links answered meanwhile: a site that is cut off would find every link dead.
    """
    now = clock.now()
    link = check_queries.links_known([address]).get(address)
    if link is None:
        link = Link(address_hash=check_queries.hash_of_address(address), address=address, misses=0, looked_at=now)
        db.session.add(link)
    if is_missing_host:
        link.misses += 1
        is_dead = link.misses > 1 and check_queries.is_any_alive_since(now - DAY)
        state = LinkState.DEAD if is_dead else LinkState.UNCLEAR
    else:
        link.misses = 0
    link.state, link.found, link.looked_at = state, found[:MAX_FOUND], now
    db.session.flush()
