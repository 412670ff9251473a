"""The checks before a review: everything that somebody should look at once more, from a document alone."""

from collections.abc import Mapping

from blog.articles.document import Document
from blog.checks.duration_checks import duration_findings
from blog.checks.findings import Check, Finding, passages_of
from blog.checks.link_checks import link_findings
from blog.checks.secret_checks import address_findings, secret_findings
from blog.checks.time_checks import time_findings
from blog.checks.word_checks import word_findings

MAX_FINDINGS = 2_000  # every row of every list may have some; more than this nobody reads


def findings_of(document: Document, *, dead: Mapping[str, str] | None = None) -> list[Finding]:
    """What stands in the way of a review, each once, gravest kinds first. `dead` maps the addresses of links that are
    known to be dead to what was found there.
    """
    passages = passages_of(document)
    found = [
        *secret_findings(passages),
        *address_findings(passages),
        *time_findings(document),
        *duration_findings(document, passages),
        *_claims_without_source(document),
        *_actions_without_owner(document),
        *word_findings(passages, document.language),
        *link_findings(passages, dead or {}),
    ]
    return list({finding.fingerprint: finding for finding in reversed(found)}.values())[::-1][:MAX_FINDINGS]


def _claims_without_source(document: Document) -> list[Finding]:
    told = "say where this was said; a reader cannot check a claim without a source"
    return [
        Finding(Check.SOURCE, f"claims.{number}.source", f"claims.{row.id}.source", told, f"{row.claimant}: {row.text}")
        for number, row in enumerate(document.claims)
        if row.source is None
    ]


def _actions_without_owner(document: Document) -> list[Finding]:
    told = "say which role or team does this; what nobody owns is seldom done"
    return [
        Finding(Check.OWNER, f"actions.{number}.owner_role", f"actions.{row.id}.owner_role", told, row.text)
        for number, row in enumerate(document.actions)
        if not row.owner_role
    ]
