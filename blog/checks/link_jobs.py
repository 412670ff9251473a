"""Looking at the links of a draft once it was saved: by a job, through the one door to other hosts."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

from blog.articles.document import parse_document_text
from blog.checks import link_changes
from blog.checks import queries as check_queries
from blog.checks.link_checks import links_of
from blog.checks.link_models import LinkState
from blog.errors import HindsightError
from blog.extensions import db
from blog.journal.reactions import LOOK_AT_LINKS
from blog.journal.worker import ClaimedJob, Handler, prolong
from blog.lib import clock
from blog.lib.database import writing
from blog.lib.fetch import THE_DOOR, Door, NoSuchHost, fetch
from blog.settings import current_settings

log = logging.getLogger(__name__)

AT_ONCE = 8  # links that are looked at side by side; each takes up to five seconds
GONE = {404: "the answer is 404, not found", 410: "the answer is 410, gone"}


class Look(NamedTuple):
    """What one look at an address found."""

    state: LinkState
    found: str
    is_missing_host: bool = False


def look_at(address: str, *, agent: str, door: Door = THE_DOOR) -> Look:
    """Ask for an address and judge the answer. Only what is certainly gone is dead: many sites turn programs away."""
    try:
        status = fetch(address, agent=agent, door=door, max_bytes=0).status
    except NoSuchHost as error:
        return Look(LinkState.UNCLEAR, error.message, is_missing_host=True)
    except HindsightError as error:  # refused, or not reached
        return Look(LinkState.UNCLEAR, error.message)
    if status in GONE:
        return Look(LinkState.DEAD, GONE[status])
    return Look(LinkState.ALIVE if status < 400 else LinkState.UNCLEAR, f"the answer is {status}")


def look(jobs: Sequence[ClaimedJob], *, door: Door = THE_DOOR) -> None:
    """Look at the links of the newest revisions of these write-ups that nobody looked at lately."""
    if not current_settings().link_checks:
        return
    agent = f"Hindsight link check (+{current_settings().site_url})"
    for article_id in dict.fromkeys(job.subject_id for job in jobs):
        due = _due(article_id)
        for start in range(0, len(due), AT_ONCE):
            few = due[start : start + AT_ONCE]
            with ThreadPoolExecutor(AT_ONCE) as pool:
                looks = list(pool.map(partial(look_at, agent=agent, door=door), few))
            with writing(db.session):
                for address, found in zip(few, looks, strict=True):
                    link_changes.note_look(address=address, **found._asdict())
            prolong(LOOK_AT_LINKS, [job.id for job in jobs])


def _due(article_id: int) -> list[str]:
    """The links of a write-up that are to be looked at now. Nothing stays open while that is done."""
    text = check_queries.newest_document(article_id)
    addresses = links_of(parse_document_text(text)) if text else []
    known, now = check_queries.links_known(addresses), clock.now()
    due = [address for address in addresses if not link_changes.is_fresh(known.get(address), now=now)]
    db.session.rollback()
    return due


HANDLERS = {LOOK_AT_LINKS: Handler(look, batch=1, slow=True)}
