"""Projections of live revisions: list columns, facet terms and incident rows. All can be thrown away and rebuilt."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert

from blog.articles.addresses import number_incidents
from blog.articles.document import Document, Incident
from blog.articles.models import Article, ArticleTerm
from blog.articles.models import Incident as IncidentRow
from blog.articles.vocabulary import Stance
from blog.extensions import db
from blog.lib.slugs import slug_of
from blog.taxonomy.changes import ensure_terms

Terms = dict[str, list[tuple[str, str]]]  # facet -> [(slug, name), ...]
MAX_CARD_TERMS = 8  # of one kind on a list entry; the page shows them all


def project(article: Article, document: Document) -> None:
    """Make the projections of `article` say what `document`, its live revision, says."""
    terms = terms_of(document)
    article.title, article.summary = document.title, document.summary
    article.card = card_of(document, terms)
    clear(article)
    add_rows([(article.id, document, terms)])


def add_rows(projected: Sequence[tuple[int, Document, Terms]]) -> None:
    """The facet and incident rows of (article id, document, its terms), for articles that have none yet."""
    rows = [
        {"article_id": article_id, "facet": facet, "slug": slug, "name": name}
        for article_id, _, terms in projected
        for facet, named in terms.items()
        for slug, name in named
    ]
    if rows:
        db.session.execute(insert(ArticleTerm), rows)
    incidents = [_incident_row(article_id, one) for article_id, document, _ in projected for one in document.incidents]
    if incidents:
        db.session.execute(insert(IncidentRow), incidents)
        number_incidents((row["article_id"], row["row_id"]) for row in incidents)


def clear(article: Article) -> None:
    """Take the article out of facets and statistics (it was retired, or is about to be projected anew)."""
    db.session.execute(delete(ArticleTerm).where(ArticleTerm.article_id == article.id))
    db.session.execute(delete(IncidentRow).where(IncidentRow.article_id == article.id))


def terms_of(document: Document) -> Terms:
    """The terms of a document, adding to the taxonomy what is new there."""
    return terms_of_many([document])[0]


def terms_of_many(documents: Sequence[Document]) -> list[Terms]:
    """The terms of each document; every controlled facet is looked up once for all of them."""
    named = [_controlled_names(document) for document in documents]
    known = {
        facet: dict(ensure_terms(facet, (name for one in named for name in one[facet])))
        for facet in ("tag", "service", "organisation", "factor")
    }
    made = []
    for document, names in zip(documents, named, strict=True):
        terms: Terms = {
            facet: [(slug, known[facet][slug]) for slug in dict.fromkeys(map(slug_of, names[facet]))] for facet in known
        }
        made.append({facet: of for facet, of in {**terms, **_fixed_terms(document)}.items() if of})
    return made


def _controlled_names(document: Document) -> dict[str, list[str]]:
    return {
        "tag": list(document.tags),
        "service": [row.name for one in document.incidents for row in one.services],
        "organisation": [row.name for one in document.incidents for row in one.organisations],
        "factor": [row.name for one in document.incidents for row in one.factors],
    }


def _fixed_terms(document: Document) -> Terms:
    incidents = document.incidents
    return {
        "kind": sorted({(one.kind.value, one.kind.label) for one in incidents}),
        "severity": sorted({(one.severity.value.lower(), one.severity.label) for one in incidents if one.severity}),
        "year": sorted({(str(year), str(year)) for one in incidents if (year := year_of(one))}),
    }


def year_of(incident: Incident) -> int | None:
    """The year the incident belongs to: of the first of its times that is known."""
    times = (getattr(incident.times, name) for name in type(incident.times).model_fields)
    return next((moment.at.year for moment in times if moment is not None and moment.at is not None), None)


def card_of(document: Document, terms: Terms) -> dict[str, Any]:
    """What a list entry draws (see `Article.card`); of several incidents the first gives times and severity."""
    first = document.incidents[0] if document.incidents else None
    card: dict[str, Any] = {
        f"{facet}s": [list(term) for term in terms.get(facet, [])[:MAX_CARD_TERMS]]
        for facet in ("tag", "service", "organisation")
    }
    card["claims"] = len(document.claims)
    card["disputed"] = sum(claim.stance is Stance.DISPUTES for claim in document.claims)
    card["due"] = any(action.due_on for action in document.actions)
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
