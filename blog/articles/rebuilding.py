"""Making anew what can be thrown away: rendered forms and projections of live revisions."""

import logging
from dataclasses import dataclass

from blog.articles import projections, queries
from blog.articles.document import Document, Unreadable, parse_document_text
from blog.articles.models import Article
from blog.articles.rendering import Form, render_document
from blog.extensions import db
from blog.lib.renderer import RENDERER_VERSION

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Remade:
    """What was made of one live revision; `rendered` is None where its HTML stays as it is."""

    article_id: int
    revision_id: int
    document: Document
    rendered: tuple[Form, str] | None


def remake(article_id: int, *, render: bool) -> Remade | None:
    """Read a published write-up, and with `render` also make its HTML anew where the renderer moved on. Takes its time:
    call it outside a transaction. None where it is not published, or cannot be read, which is logged.
    """
    revision = queries.live_revision_of(article_id)
    if revision is None:
        return None
    try:
        document = parse_document_text(revision.document)
    except Unreadable:
        logger.error("Write-up %d stays as it is: revision %d is no document.", article_id, revision.id)
        return None
    is_old = render and revision.renderer_version != RENDERER_VERSION
    return Remade(article_id, revision.id, document, render_document(document) if is_old else None)


def store(remade: Remade) -> None:
    """Keep what `remake` made, unless another revision went live meanwhile: that one is rendered and projected."""
    revision = queries.live_revision_of(remade.article_id)
    if revision is None or revision.id != remade.revision_id:
        return
    if remade.rendered:
        revision.rendered, revision.renderer_version = remade.rendered
    projections.project(db.session.get_one(Article, remade.article_id), remade.document)
