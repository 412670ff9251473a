"""Waiving findings, with reasons that are kept; and the gate that lets nothing pass that stands unexplained."""

from collections.abc import Iterable, Mapping

from blog import policy
from blog.accounts.models import User
from blog.articles.document import parse_document_text
from blog.articles.models import Article, Revision
from blog.checks import queries as check_queries
from blog.checks.findings import Finding
from blog.checks.queries import Checked
from blog.checks.waiver_models import CheckWaiver
from blog.errors import Fault, Invalid, NotAllowed
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock
from blog.lib.text import clean_text

MAX_WAIVER_REASON = 1_000  # it is read beside the field it is about

Waivers = Mapping[str, str]  # fingerprint -> reason


def waive(*, actor: User, article: Article, revision: Revision, waivers: Waivers) -> list[Checked]:
    """Let the findings of these fingerprints stand, each with its reason; what the checks say of the revision then.
    Blank reasons waive nothing, fingerprints that nothing has any more are passed over, and a waiver that holds stays
    as it is. Raises `Invalid` at `waivers.<fingerprint>` for a reason that cannot be kept.
    """
    if not policy.can_waive(actor, revision, article):
        raise NotAllowed("Who works on a draft says why something in it stays as it is, before it is submitted.")
    found = check_queries.checked(parse_document_text(revision.document), article.id)
    faults: list[Fault] = []
    given = {}
    for one in found:
        fingerprint = one.finding.fingerprint
        if one.waiver is None and (typed := waivers.get(fingerprint, "")):
            try:
                given[fingerprint] = _reason(typed)
            except ValueError as error:
                faults.append(Fault(f"waivers.{fingerprint}", str(error), is_too_long=len(typed) > MAX_WAIVER_REASON))
    if faults:
        raise Invalid(faults)
    made = {
        one.finding.fingerprint: _add(actor, article, revision, one.finding, reason)
        for one in found
        if (reason := given.get(one.finding.fingerprint))
    }
    db.session.flush()
    return [Checked(one.finding, one.waiver or made.get(one.finding.fingerprint)) for one in found]


def require_checked(*, actor: User, article: Article, revision: Revision, waivers: Waivers) -> None:
    """Raises `Invalid` with a fault for each finding that is neither mended nor waived, here or before; its
    `fingerprint` is what a waiver names.
    """
    if faults := faults_of(waive(actor=actor, article=article, revision=revision, waivers=waivers)):
        raise Invalid(faults)


def faults_of(found: Iterable[Checked]) -> list[Fault]:
    """The findings that nobody waived, as faults."""
    return [
        Fault(one.finding.path, one.finding.message, fingerprint=one.finding.fingerprint)
        for one in found
        if one.waiver is None
    ]


def _add(actor: User, article: Article, revision: Revision, finding: Finding, reason: str) -> CheckWaiver:
    waiver = CheckWaiver(
        article_id=article.id,
        fingerprint=finding.fingerprint,
        check_name=finding.check,
        reason=reason,
        created_by_id=actor.id,
        created_at=clock.now(),
    )
    db.session.add(waiver)
    told = {"check": str(finding.check), "place": finding.place, "revision": revision.id}
    record("article.check_waived", subject=article, actor=actor, reason=reason, data=told)
    return waiver


def _reason(typed: str) -> str:
    kept = clean_text(typed).strip()
    if len(kept) > MAX_WAIVER_REASON:
        raise ValueError(f"a reason is at most {MAX_WAIVER_REASON} characters")
    return kept
