"""Terms come into being by being used: the first spelling of a slug becomes the name everybody sees."""

from collections.abc import Iterable

from sqlalchemy import select

from blog.extensions import db
from blog.lib.slugs import slug_of
from blog.taxonomy.models import Factor, Organisation, Service, Tag, Term

TERMS: dict[str, type[Term]] = {"tag": Tag, "service": Service, "organisation": Organisation, "factor": Factor}


def ensure_terms(facet: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """`[(slug, name), ...]` of the terms that `names` mean, without repeats, in order; missing ones are added.

    `facet` is tag, service, organisation or factor.
    """
    term_type = TERMS[facet]
    wanted: dict[str, str] = {}
    for name in names:
        wanted.setdefault(slug_of(name), name)
    if not wanted:
        return []
    found = dict(db.session.execute(select(term_type.slug, term_type.name).where(term_type.slug.in_(wanted))).all())
    db.session.add_all(term_type(slug=slug, name=name) for slug, name in wanted.items() if slug not in found)
    return [(slug, found.get(slug, name)) for slug, name in wanted.items()]
