"""What the checks say of a document, and which of it was waived; what is known of its links."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from blog.articles.document import Document
from blog.articles.models import Revision
from blog.checks.document_checks import findings_of
from blog.checks.findings import Finding
from blog.checks.link_checks import links_of
from blog.checks.link_models import Link, LinkState
from blog.checks.waiver_models import CheckWaiver
from blog.extensions import db


@dataclass(frozen=True)
class Checked:
    """A finding, with the waiver that holds for it in this write-up, if one does."""

    finding: Finding
    waiver: CheckWaiver | None = None


def checked(document: Document, article_id: int | None) -> list[Checked]:
    """Everything that the checks find, waived or not; `article_id` is None for a write-up that was never saved."""
    findings = findings_of(document, dead=dead_links(links_of(document)))
    waivers = waivers_of(article_id) if findings and article_id is not None else {}
    return [Checked(finding, waivers.get(finding.fingerprint)) for finding in findings]


def waivers_of(article_id: int) -> dict[str, CheckWaiver]:
    """The waivers of a write-up by fingerprint, each with who gave it."""
    wanted = select(CheckWaiver).where(CheckWaiver.article_id == article_id)
    return {one.fingerprint: one for one in db.session.scalars(wanted.options(joinedload(CheckWaiver.created_by)))}


def dead_links(addresses: Iterable[str]) -> dict[str, str]:
    """Those of these addresses that lead nowhere, each with what was found there."""
    hashes = [hash_of_address(address) for address in addresses]
    wanted = select(Link.address, Link.found).where(Link.address_hash.in_(hashes), Link.state == LinkState.DEAD)
    return dict(db.session.execute(wanted).all()) if hashes else {}


def links_known(addresses: Iterable[str]) -> dict[str, Link]:
    """What was found at these addresses, of those that were looked at."""
    hashes = [hash_of_address(address) for address in addresses]
    found = db.session.scalars(select(Link).where(Link.address_hash.in_(hashes))) if hashes else ()
    return {link.address: link for link in found}


def is_any_alive_since(instant: datetime) -> bool:
    """Whether any link answered since then: the network works, and a host without an address has none."""
    wanted = select(Link.address_hash).where(Link.state == LinkState.ALIVE, Link.looked_at >= instant).limit(1)
    return db.session.scalar(wanted) is not None


def newest_document(article_id: int) -> str | None:
    """The text of the newest revision of a write-up, whatever its state."""
    newest = select(Revision.document).where(Revision.article_id == article_id).order_by(Revision.number.desc())
    return db.session.scalar(newest.limit(1))


def hash_of_address(address: str) -> str:
    """What a link is known by."""
    return hashlib.sha256(address.encode()).hexdigest()
