"""Addresses and numbers that never break: another slug for a write-up, and a number for each of its incidents."""

from collections.abc import Iterable
from functools import cache

from sqlalchemy import Insert

from blog import policy
from blog.accounts.models import User
from blog.articles import address_queries
from blog.articles.address_models import FormerSlug, IncidentNumber
from blog.articles.models import Article
from blog.errors import Fault, Invalid, NotAllowed
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock
from blog.lib.database import insert_for
from blog.lib.slugs import SLUG

MAX_SLUG = 120  # characters, the width of the column


def change_slug(*, actor: User, article: Article, slug: str) -> None:
    """Give the write-up another slug; the old one leads to it for ever. Raises `Invalid` at path `slug`, also for one
    that another write-up has or once had. It may take back its own.
    """
    if not policy.can_change_address(actor, article):
        raise NotAllowed("Reviewers change the address of a published write-up, its authors that of a draft.")
    slug = checked_slug(slug)
    if slug == article.slug:
        raise Invalid([Fault("slug", "this is the address it has")])
    if address_queries.owners_of([slug]).get(slug, article.id) != article.id:
        raise Invalid([Fault("slug", f"the address {slug} is, or was, that of another write-up")])
    before = article.slug
    keep_former([(article.id, before)])
    article.slug = slug
    db.session.flush()
    record("article.moved", subject=article, actor=actor, data={"from": before, "to": slug})


def checked_slug(slug: str) -> str:
    """Raises `Invalid` at path `slug` for what cannot be one. Digits alone are kept for the numbers of write-ups."""
    if not SLUG.fullmatch(slug) or len(slug) > MAX_SLUG:
        raise Invalid(
            [Fault("slug", f"an address is lower-case letters, digits and single dashes, at most {MAX_SLUG}")]
        )
    if slug.isdigit():
        raise Invalid([Fault("slug", "digits alone are numbers of write-ups; add a word")])
    return slug


def keep_former(left: Iterable[tuple[int, str]]) -> None:
    """Have these slugs lead to (the number of) the write-up that leaves them; those kept before stay as they are."""
    rows = [{"article_id": article_id, "slug": slug, "left_at": clock.now()} for article_id, slug in left]
    _add_if_absent("former_slugs", rows)


def number_incidents(rows: Iterable[tuple[int, str]]) -> None:
    """Give each (number of a write-up, row id) a number, unless it has one."""
    _add_if_absent("incident_numbers", [{"article_id": article_id, "row_id": row_id} for article_id, row_id in rows])


def _add_if_absent(table: str, rows: list[dict[str, object]]) -> None:
    if rows:
        connection = db.session.connection()
        connection.execute(_insert_if_absent(table, connection.dialect.name), rows)


@cache
def _insert_if_absent(table: str, dialect: str) -> Insert:
    model = FormerSlug if table == "former_slugs" else IncidentNumber
    made: Insert = insert_for(dialect, model).on_conflict_do_nothing()
    return made
