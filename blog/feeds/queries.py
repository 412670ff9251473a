"""Reads of feeds: the newest write-ups as one neutral list, which every format is written from."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from blog.articles.document import parse_document_text
from blog.articles.listing import LIST_CHANGES
from blog.articles.models import Article, ArticleTerm, Revision
from blog.articles.queries import visible_articles
from blog.articles.rendering import render_document
from blog.extensions import db
from blog.journal.queries import newest_event
from blog.lib.renderer import RENDERER_VERSION

MAX_ENTRIES = 50  # a reader that asks once a week misses nothing, and an answer stays under a few hundred kB


@dataclass(frozen=True)
class Entry:
    """One write-up. `html` is what the renderer made, its links as stored; everything else is plain text."""

    slug: str
    title: str
    summary: str
    html: str
    published_at: datetime
    updated_at: datetime
    authors: list[str]
    tags: list[str]


def newest_change() -> tuple[int, datetime]:
    """(id, time) of the newest event that changed what is published: what feeds are a version of."""
    return newest_event(LIST_CHANGES) or (0, datetime.fromtimestamp(0, UTC))


def entries(*, tag: str | None = None) -> list[Entry]:
    """The newest published write-ups (of one tag), latest first. One statement, two where renderings are old."""
    wanted = visible_articles(None).join(Revision, Revision.id == Article.live_revision_id)
    if tag is not None:
        wanted = wanted.join(ArticleTerm, ArticleTerm.article_id == Article.id)
        wanted = wanted.where(ArticleTerm.facet == "tag", ArticleTerm.slug == tag)
    rows = db.session.execute(
        wanted.add_columns(Revision.id, Revision.rendered, Revision.renderer_version)
        .order_by(Article.published_at.desc(), Article.id.desc())
        .limit(MAX_ENTRIES)
    ).all()
    fresh = _rendered_anew([row[1] for row in rows if row[2] is None or row[3] != RENDERER_VERSION])
    return [_entry(row[0], fresh.get(row[1]) or row[2] or {}) for row in rows]


def _rendered_anew(revision_ids: list[int]) -> dict[int, dict[str, Any]]:
    """HTML of an older renderer may hold what the newer one no longer lets through, so it is never sent."""
    if not revision_ids:
        return {}
    stored = select(Revision.id, Revision.document).where(Revision.id.in_(revision_ids))
    return {row.id: render_document(parse_document_text(row.document))[0] for row in db.session.execute(stored)}


def _entry(article: Article, rendered: dict[str, Any]) -> Entry:
    published_at = article.published_at or article.created_at
    return Entry(
        slug=article.slug,
        title=article.title,
        summary=article.summary,
        html=str(rendered.get("html", "")),
        published_at=published_at,
        updated_at=article.updated_at or published_at,
        authors=list(article.authors),
        tags=[name for _, name in article.card.get("tags") or []],
    )
