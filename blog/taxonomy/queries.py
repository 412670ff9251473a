"""Reads of controlled names."""

from sqlalchemy import select

from blog.errors import NotFound
from blog.extensions import db
from blog.taxonomy.changes import TERMS
from blog.taxonomy.models import Term


def term_named(facet: str, slug: str) -> Term:
    """The tag, service, organisation or factor of this slug. Raises `NotFound`."""
    term_type = TERMS[facet]
    term = db.session.scalar(select(term_type).where(term_type.slug == slug))
    if term is None:
        raise NotFound(f"There is no {facet} of this name.")
    return term
