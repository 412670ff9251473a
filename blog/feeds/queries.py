"""Reads of feeds: the newest write-ups as one neutral list, which every format is written from."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from blog.articles.address_queries import first_slug
from blog.articles.document import Unreadable
from blog.articles.listing import LIST_CHANGES
from blog.articles.models import Article, ArticleTerm, Revision
from blog.articles.queries import visible_articles
from blog.articles.rendering import current_form
from blog.extensions import db
from blog.journal.queries import newest_event
from blog.lib.renderer import RENDERER_VERSION

MAX_ENTRIES = 50  # a reader that asks once a week misses nothing, and an answer stays under a few hundred kB

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """One write-up. `html` is what the renderer made, its links as stored; everything else is plain text. `first_slug`
    is the one it was made with, where it was given another since: feeds know the entry by it.
    """

    slug: str
    title: str
    summary: str
    html: str
    published_at: datetime
    updated_at: datetime
    authors: list[str]
    tags: list[str]
    first_slug: str = ""


def changed_at() -> datetime:
    """When what is published changed last."""
    return (newest_event(LIST_CHANGES) or (0, datetime.fromtimestamp(0, UTC)))[1]


def entries(*, tag: str | None = None) -> list[Entry]:
    """The newest published write-ups (of one tag), latest first. One statement, two where renderings are old."""
    wanted = visible_articles(None).join(Revision, Revision.id == Article.live_revision_id)
    if tag is not None:
        wanted = wanted.join(ArticleTerm, ArticleTerm.article_id == Article.id)
        wanted = wanted.where(ArticleTerm.facet == "tag", ArticleTerm.slug == tag)
    rows = db.session.execute(
        wanted.add_columns(Revision.id, Revision.rendered, Revision.renderer_version, first_slug())
        .order_by(Article.published_at.desc(), Article.id.desc())
        .limit(MAX_ENTRIES)
    ).all()
    texts = _texts([row[1] for row in rows if row[2] is None or row[3] != RENDERER_VERSION])
    made = (_readable_entry(row[0], row[4], texts.get(row[1], ""), stored=row[2], version=row[3]) for row in rows)
    return [entry for entry in made if entry is not None]


def _texts(revision_ids: list[int]) -> dict[int, str]:
    """The documents of revisions whose HTML an older renderer made."""
    if not revision_ids:
        return {}
    found = select(Revision.id, Revision.document).where(Revision.id.in_(revision_ids))
    return {row.id: row.document for row in db.session.execute(found)}


def _readable_entry(
    article: Article, first: str | None, text: str, *, stored: dict[str, Any] | None, version: str
) -> Entry | None:
    """None, and a line in the log, for what was written around the program: one bad row leaves the others readable."""
    try:
        return _entry(article, first, current_form(text, stored=stored, version=version))
    except (Unreadable, TypeError, ValueError, AttributeError):
        logger.exception("The write-up %s is left out of feeds: what is stored of it cannot be read.", article.slug)
        return None


def _entry(article: Article, first: str | None, rendered: dict[str, Any]) -> Entry:
    published_at = article.published_at or article.created_at
    return Entry(
        slug=article.slug,
        title=article.title,
        summary=article.summary,
        html=str(rendered.get("html", "")),
        published_at=published_at,
        updated_at=article.updated_at or published_at,
        authors=[name for name in article.authors if isinstance(name, str)],
        tags=[name for _, name in article.card.get("tags") or []],
        first_slug=first or "",
    )
