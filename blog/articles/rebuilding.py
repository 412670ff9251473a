"""Making anew what can be thrown away: rendered forms and projections of live revisions."""

from sqlalchemy import select
from sqlalchemy.orm import undefer

from blog.articles import projections
from blog.articles.document import parse_document_text
from blog.articles.models import Article, ArticleState, Revision
from blog.articles.rendering import render_document
from blog.extensions import db
from blog.lib.renderer import RENDERER_VERSION


def published_ids() -> list[int]:
    """Every published write-up, oldest first."""
    wanted = select(Article.id).where(Article.state == ArticleState.PUBLISHED).order_by(Article.id)
    return list(db.session.scalars(wanted))


def rebuild_article(article_id: int, *, render: bool) -> None:
    """Project a published write-up anew, and with `render` also make its HTML anew where the renderer moved on."""
    article = db.session.get_one(Article, article_id)
    revision = db.session.scalar(
        select(Revision).where(Revision.id == article.live_revision_id).options(undefer(Revision.document))
    )
    if revision is None:
        return
    document = parse_document_text(revision.document)
    if render and revision.renderer_version != RENDERER_VERSION:
        revision.rendered, revision.renderer_version = render_document(document)
    projections.project(article, document)
