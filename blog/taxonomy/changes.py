"""Terms come into being by being used: the first spelling of a slug becomes the name everybody sees."""

from collections.abc import Iterable

from blog.extensions import db
from blog.lib.slugs import slug_of
from blog.taxonomy.models import TERMS
from blog.taxonomy.queries import names_of


def ensure_terms(facet: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """`[(slug, name), ...]` of the terms that `names` mean, without repeats, in order; missing ones are added.

    `facet` is tag, service, organisation or factor.
    """
    wanted: dict[str, str] = {}
    for name in names:
        wanted.setdefault(slug_of(name), name)
    found = names_of(facet, wanted) if wanted else {}
    db.session.add_all(TERMS[facet](slug=slug, name=name) for slug, name in wanted.items() if slug not in found)
    return [(slug, found.get(slug, name)) for slug, name in wanted.items()]
