"""Writing the site out: a JSON Lines bundle, or a folder of Markdown. Published write-ups and visible comments only.

An export is written beside its place and moved there when it is whole, so a broken one never replaces a good one.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

from blog.articles.address_queries import former_addresses
from blog.articles.document import parse_document_text
from blog.articles.plain_text import to_text
from blog.errors import Invalid
from blog.lib import front_matter
from blog.transfer import queries
from blog.transfer.action_lines import action_line
from blog.transfer.bundle import time_text, written

Advance = Callable[[int], object]


def write_bundle(path: Path, advance: Advance) -> dict[str, int]:
    """Write everything to one file; `{people, write-ups, comments}` written, and actions where any was
    followed up. The same site gives the same bytes.
    """
    counts = {"people": 0, "write-ups": 0, "comments": 0}
    with whole_file(path) as file:
        for person in queries.people_to_export():
            data = {"type": "user", "name": person.name, "email": person.email, "role": str(person.role)}
            file.write(written(data))
            counts["people"] += 1
        for line in _article_lines():
            file.write(written(line))
            counts["write-ups"] += 1
            advance(1)
        for action in queries.actions_to_export():
            if standing := action_line(action, action.article.slug):
                file.write(written(standing))
                counts["actions"] = counts.get("actions", 0) + 1
        for line in _comment_lines():
            file.write(written(line))
            counts["comments"] += 1
            advance(1)
    return counts


def _article_lines() -> Iterator[dict[str, Any]]:
    old = former_addresses()
    for slug, published_at, byline, text, revision_id, article_id in queries.articles_to_export():
        document = parse_document_text(text)
        former = {"former_slugs": old[article_id]} if article_id in old else {}
        yield {
            "type": "article",
            "slug": slug,
            "published_at": time_text(published_at) if published_at else None,
            "authors": _authors(byline, queries.authors_of(revision_id)),
            **former,
            "document": document.model_dump(mode="json", exclude_defaults=True),
        }


def _authors(byline: list[str], people: list[tuple[str, str]]) -> list[str]:
    """Addresses in the order of the byline, names of those without an account among them, then other authors."""
    address_of = dict(people)
    named = [address_of.get(name, name) for name in byline]
    return list(dict.fromkeys([*named, *(email for _, email in people)]))


def _comment_lines() -> Iterator[dict[str, Any]]:
    """Comments get the numbers of their lines as ids. An answer to what is hidden becomes a first comment: a bundle
    holds no hidden words, and nobody's answer is lost with them.
    """
    number = 0
    for _, instants in groupby(queries.comments_to_export(), key=lambda rows: rows[0].slug):
        thread = [row for rows in instants for row in rows]  # of one write-up
        number_of = {row.id: str(place) for place, row in enumerate(thread, number + 1)}
        number += len(thread)
        for row in thread:
            line: dict[str, Any] = {"type": "comment", "article": row.slug, "id": number_of[row.id]}
            if row.parent_id in number_of:
                line["parent"] = number_of[row.parent_id]
            yield {**line, "user": row.address, "created_at": time_text(row.created_at), "text": row.text}


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its name when the block ends well, and leaves nothing when it does not."""
    if path.is_dir():
        raise Invalid(f"{path} is a folder; name a file, such as {path / 'site.jsonl'}")
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise Invalid(f"{path.parent} cannot be written: {error.strerror}") from error
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_markdown(path: Path, advance: Advance) -> dict[str, int]:
    """Write a folder of plain-text-mode files, `<slug>.md`, one a write-up; `{write-ups}` written. The folder must be
    new or empty: files of another export between these would come in with them.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Invalid(f"{path} is there already; name a new folder, or an empty one")
    part = _new_folder_beside(path)
    try:
        count = _write_files(part, advance)
        if path.exists():
            path.rmdir()
        part.rename(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return {"write-ups": count}


def _write_files(folder: Path, advance: Advance) -> int:
    count = 0
    for slug, published_at, byline, text, _, _ in queries.articles_to_export():
        data, body = front_matter.split(to_text(parse_document_text(text)))
        own = {"published_at": time_text(published_at) if published_at else None, "authors": list(byline)}
        kept = {**(data or {}), "slug": slug, **{name: value for name, value in own.items() if value}}
        (folder / f"{slug}.md").write_text(front_matter.join(kept, body), encoding="utf-8")
        count += 1
        advance(1)
    return count


def _new_folder_beside(path: Path) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
    except OSError as error:
        raise Invalid(f"{path.parent} cannot be written: {error.strerror}") from error
