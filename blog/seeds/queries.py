"""Reads that decide whether and what to load of the demo world."""

from sqlalchemy import select, union

from blog.articles.address_models import FormerSlug
from blog.articles.models import Article
from blog.extensions import db


def is_site_empty() -> bool:
    """Whether nobody has written or imported anything yet, drafts included."""
    return db.session.scalar(select(Article.id).limit(1)) is None


def taken_slugs() -> set[str]:
    """The addresses of all write-ups, in any state, and those they once had."""
    return set(db.session.scalars(union(select(Article.slug), select(FormerSlug.slug))))
