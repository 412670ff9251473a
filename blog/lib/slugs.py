"""Slugs: the readable part of an address, made from a title or a name."""

import hashlib
import re
from collections.abc import Callable

from slugify import slugify

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_SLUG = 100  # leaves room for a number behind it in a column of 120


def slug_of(text: str) -> str:
    """Lower-case ASCII words joined by dashes, at most 100 characters, never empty: text without any letter or digit
    that can be written so gets a short stable hash (`n-1f0c3a9b`).
    """
    slug = slugify(text[:400], max_length=MAX_SLUG, word_boundary=True)
    return slug or "n-" + hashlib.sha256(text.encode()).hexdigest()[:8]


def free_slug(text: str, *, is_taken: Callable[[str], bool]) -> str:
    """The slug of `text`, with the first number behind it that makes it free (`dns-outage-2`)."""
    slug = slug_of(text)
    number, candidate = 1, slug
    while is_taken(candidate):
        number += 1
        candidate = f"{slug}-{number}"
    return candidate
