"""Reads of controlled names."""

from collections.abc import Iterable

from sqlalchemy import select

from blog.errors import NotFound
from blog.extensions import db
from blog.taxonomy.models import TERMS, Term


def term_named(facet: str, slug: str) -> Term:
    """The tag, service, organisation or factor of this slug. Raises `NotFound`."""
    term_type = TERMS[facet]
    term = db.session.scalar(select(term_type).where(term_type.slug == slug))
    if term is None:
        raise NotFound(f"There is no {facet} of this name.")
    return term


def names_of(facet: str, slugs: Iterable[str]) -> dict[str, str]:
    """Slug -> name of those terms that exist."""
    term_type = TERMS[facet]
    wanted = select(term_type.slug, term_type.name).where(term_type.slug.in_(list(slugs)))
    return dict(db.session.execute(wanted).all())
