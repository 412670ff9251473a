"""Importing: write-ups that an operator brings in, many with few statements. Published at once, or drafts.

Only the `import` command calls this; no web path does (docs/decisions/0009).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from blog.articles import projections
from blog.articles.address_queries import is_slug_taken, slugs_taken
from blog.articles.addresses import keep_former
from blog.articles.document import Document
from blog.articles.models import Article, ArticleState, Revision, RevisionAuthor, RevisionState
from blog.articles.rendering import render_document
from blog.extensions import db
from blog.journal.changes import record_many
from blog.lib import clock
from blog.lib.slugs import slug_of

MAX_SOURCE = 300  # characters, the width of the column


@dataclass(frozen=True)
class Imported:
    """A write-up as an import brings it: `source` is what a second import knows it by (a path, or bundle and slug);
    `slug` the address it would like, which gets a number where it is taken.
    """

    document: Document
    source: str
    slug: str = ""
    former_slugs: tuple[str, ...] = ()  # that nobody has
    published_at: datetime | None = None
    authors: tuple[str, ...] = ()
    author_ids: frozenset[int] = frozenset()
    is_draft: bool = False
    rendered: tuple[dict[str, object], str] | None = field(default=None, compare=False)


def bring_in(batch: Sequence[Imported]) -> list[int]:
    """Add these write-ups with their first revision, projections, events and jobs; their ids, in order."""
    if not batch:
        return []
    now = clock.now()
    terms = projections.terms_of_many([one.document for one in batch])
    slugs = _free_slugs(batch)
    rows = [_article_row(one, slug, of, now) for one, slug, of in zip(batch, slugs, terms, strict=True)]
    ids = list(db.session.scalars(insert(Article).returning(Article.id, sort_by_parameter_order=True), rows))
    revisions = [_revision_row(one, article_id, now) for one, article_id in zip(batch, ids, strict=True)]
    made = db.session.scalars(insert(Revision).returning(Revision.id, sort_by_parameter_order=True), revisions)
    revision_ids = list(made)
    authors = [
        {"revision_id": revision_id, "user_id": user_id}
        for one, revision_id in zip(batch, revision_ids, strict=True)
        for user_id in sorted(one.author_ids)
    ]
    if authors:
        db.session.execute(insert(RevisionAuthor), authors)
    _go_live(batch, ids, revision_ids, terms)
    owner = dict(zip(slugs, ids, strict=True))
    former = [(article_id, slug) for one, article_id in zip(batch, ids, strict=True) for slug in one.former_slugs]
    keep_former((article_id, slug) for article_id, slug in former if owner.get(slug, article_id) == article_id)
    return ids


def _go_live(
    batch: Sequence[Imported], ids: list[int], revision_ids: list[int], terms: list[projections.Terms]
) -> None:
    """The database lets a revision go live whose maker is nobody: the operator, who has the database in hand."""
    told: dict[bool, list[tuple[int, dict[str, Any]]]] = {True: [], False: []}
    live, projected = [], []
    for one, article_id, revision_id, of in zip(batch, ids, revision_ids, terms, strict=True):
        told[one.is_draft].append((article_id, {"file": one.source[:MAX_SOURCE], "revision": revision_id}))
        if not one.is_draft:
            live.append({"id": article_id, "live_revision_id": revision_id})
            projected.append((article_id, one.document, of))
    if live:
        db.session.execute(update(Article), live)
        projections.add_rows(projected)
    record_many("article.imported", subject_type="article", happened=told[False])
    record_many("article.imported_as_draft", subject_type="article", happened=told[True])


def _article_row(one: Imported, slug: str, terms: projections.Terms, now: datetime) -> dict[str, Any]:
    published_at = None if one.is_draft else one.published_at or now
    return {
        "slug": slug,
        "state": ArticleState.DRAFT if one.is_draft else ArticleState.PUBLISHED,
        "title": one.document.title,
        "summary": one.document.summary,
        "card": {} if one.is_draft else projections.card_of(one.document, terms),
        "authors": list(one.authors),
        "created_at": now,
        "published_at": published_at,
        "updated_at": published_at,
        "imported_from": one.source[:MAX_SOURCE],
    }


def _revision_row(one: Imported, article_id: int, now: datetime) -> dict[str, Any]:
    form, version = one.rendered or render_document(one.document)
    return {
        "article_id": article_id,
        "number": 1,
        "state": RevisionState.DRAFT if one.is_draft else RevisionState.LIVE,
        "title": one.document.title,
        "document": one.document.canonical(),
        "document_hash": one.document.hash,
        "created_by_id": None,
        "created_at": now,
        "live_at": None if one.is_draft else one.published_at or now,
        "rendered": form,
        "renderer_version": version,
    }


def _free_slugs(batch: Sequence[Imported]) -> list[str]:
    wanted = [one.slug or slug_of(one.document.title) for one in batch]
    taken = slugs_taken(wanted)
    slugs = []
    for slug in wanted:
        number, free = 1, slug
        while free in taken or (number > 1 and is_slug_taken(free)):
            number += 1
            free = f"{slug[:110]}-{number}"
        taken.add(free)
        slugs.append(free)
    return slugs
