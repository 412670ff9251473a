"""Projections of live revisions: list columns, facet terms and incident rows. All can be thrown away and rebuilt."""

from typing import Any

from sqlalchemy import delete, insert

from blog.articles.document import Document, Incident
from blog.articles.models import Article, ArticleTerm
from blog.articles.models import Incident as IncidentRow
from blog.articles.vocabulary import Stance
from blog.extensions import db
from blog.taxonomy.changes import ensure_terms

MAX_CARD_TERMS = 8  # of one kind on a list entry; the page shows them all


def project(article: Article, document: Document) -> None:
    """Make the projections of `article` say what `document`, its live revision, says."""
    terms = terms_of(document)
    article.title, article.summary = document.title, document.summary
    article.card = card_of(document, terms)
    clear(article)
    rows = [
        {"article_id": article.id, "facet": facet, "slug": slug, "name": name}
        for facet, named in terms.items()
        for slug, name in named
    ]
    if rows:
        db.session.execute(insert(ArticleTerm), rows)
    incidents = [_incident_row(article.id, incident) for incident in document.incidents]
    if incidents:
        db.session.execute(insert(IncidentRow), incidents)


def clear(article: Article) -> None:
    """Take the article out of facets and statistics (it was retired, or is about to be projected anew)."""
    db.session.execute(delete(ArticleTerm).where(ArticleTerm.article_id == article.id))
    db.session.execute(delete(IncidentRow).where(IncidentRow.article_id == article.id))


def terms_of(document: Document) -> dict[str, list[tuple[str, str]]]:
    """Facet -> `[(slug, name), ...]`, adding to the taxonomy what is new there."""
    incidents = document.incidents
    terms = {
        "tag": ensure_terms("tag", document.tags),
        "service": ensure_terms("service", (row.name for one in incidents for row in one.services)),
        "organisation": ensure_terms("organisation", (row.name for one in incidents for row in one.organisations)),
        "factor": ensure_terms("factor", (row.name for one in incidents for row in one.factors)),
        "kind": sorted({(one.kind.value, one.kind.label) for one in incidents}),
        "severity": sorted({(one.severity.value.lower(), one.severity.label) for one in incidents if one.severity}),
        "year": sorted({(str(year), str(year)) for one in incidents if (year := year_of(one))}),
    }
    return {facet: named for facet, named in terms.items() if named}


def year_of(incident: Incident) -> int | None:
    """The year the incident belongs to: of the first of its times that is known."""
    times = (getattr(incident.times, name) for name in type(incident.times).model_fields)
    return next((moment.at.year for moment in times if moment is not None and moment.at is not None), None)


def card_of(document: Document, terms: dict[str, list[tuple[str, str]]]) -> dict[str, Any]:
    """What a list entry draws (see `Article.card`); of several incidents the first gives times and severity."""
    first = document.incidents[0] if document.incidents else None
    card: dict[str, Any] = {
        f"{facet}s": [list(term) for term in terms.get(facet, [])[:MAX_CARD_TERMS]]
        for facet in ("tag", "service", "organisation")
    }
    card["claims"] = len(document.claims)
    card["disputed"] = sum(claim.stance is Stance.DISPUTES for claim in document.claims)
    card["ai"] = any(incident.ai for incident in document.incidents)
    if first:
        card["kind"] = first.kind.value
        card["severity"] = first.severity.value if first.severity else ""
        card["year"] = year_of(first)
        card["times"] = first.times.model_dump(mode="json", exclude_none=True)
    return card


def _incident_row(article_id: int, incident: Incident) -> dict[str, Any]:
    started, resolved = incident.times.started, incident.times.resolved
    return {
        "article_id": article_id,
        "row_id": incident.id,
        "kind": incident.kind.value,
        "severity": incident.severity.value if incident.severity else "",
        "year": year_of(incident),
        "started_at": started.at if started else None,
        "resolved_at": resolved.at if resolved else None,
        "ai_system": incident.ai.system if incident.ai else "",
    }
