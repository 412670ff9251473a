"""Reads of the site as a whole: what a map of it lists, whether it is in order."""

from datetime import datetime

from sqlalchemy import func, select

from blog.articles.models import Article
from blog.articles.queries import visible_articles
from blog.extensions import db

CHUNK = 1_000  # rows held in memory while a map is written


def greatest_article_id() -> int:
    """The number of the newest published write-up; 0 when there is none."""
    return db.session.scalar(visible_articles(None).with_only_columns(func.max(Article.id))) or 0


def addresses(*, after_id: int, up_to_id: int) -> list[tuple[int, str, datetime | None]]:
    """(number, slug, last change) of the first published write-ups after a number, in their order, `CHUNK` at most."""
    wanted = (
        visible_articles(None)
        .with_only_columns(Article.id, Article.slug, Article.updated_at)
        .where(Article.id > after_id, Article.id <= up_to_id)
        .order_by(Article.id)
        .limit(CHUNK)
    )
    return [(row.id, row.slug, row.updated_at) for row in db.session.execute(wanted)]


def newest_slugs(*, most: int) -> list[str]:
    """The addresses of the write-ups that were published last, the newest first."""
    wanted = visible_articles(None).with_only_columns(Article.slug)
    return list(db.session.scalars(wanted.order_by(Article.published_at.desc(), Article.id.desc()).limit(most)))


def is_database_reachable() -> bool:
    """Whether a statement is answered. Raises what the database raises when not."""
    return db.session.scalar(select(1)) == 1
