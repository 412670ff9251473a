"""Reads that decide whether and what to load of the demo world."""

from sqlalchemy import select

from blog.articles.models import Article
from blog.extensions import db


def is_site_empty() -> bool:
    """Whether nobody has written or imported anything yet, drafts included."""
    return db.session.scalar(select(Article.id).limit(1)) is None


def taken_slugs() -> set[str]:
    """The addresses of all write-ups, in any state."""
    return set(db.session.scalars(select(Article.slug)))
