"""Making anew what can be thrown away: rendered forms and projections of live revisions."""

from blog.articles import projections, queries
from blog.articles.document import parse_document_text
from blog.articles.models import Article
from blog.articles.rendering import render_document
from blog.extensions import db
from blog.lib.renderer import RENDERER_VERSION


def rebuild_article(article_id: int, *, render: bool) -> None:
    """Project a published write-up anew, and with `render` also make its HTML anew where the renderer moved on."""
    revision = queries.live_revision_of(article_id)
    if revision is None:
        return
    document = parse_document_text(revision.document)
    if render and revision.renderer_version != RENDERER_VERSION:
        revision.rendered, revision.renderer_version = render_document(document)
    projections.project(db.session.get_one(Article, article_id), document)
