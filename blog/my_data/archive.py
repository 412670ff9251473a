"""Everything about one person as one zip: JSON for programs, Markdown for people; streamed, whatever its size."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from blog.accounts.models import User
from blog.articles.document import parse_document_text
from blog.articles.plain_text import to_text
from blog.errors import Invalid
from blog.lib import clock
from blog.my_data import queries
from blog.my_data.holdings import HOLDINGS
from blog.settings import current_settings

README = """# What {site} knows of you

Made {at} for {name}, the account {number} of {address}.

- `data/` holds one JSON list for each kind of thing, with the columns as they are stored. Times are in UTC.
- `comments.md` is what you said, to be read.
- `write-ups/` is every revision you wrote, in the format of the editor's plain-text mode.

Left out are the hashes of your password and your keys, what is made from your texts (their HTML), and what other people
wrote, but for what moderators told you about your comments.

{counts}
"""


def write_archive(file: IO[bytes], person: User) -> None:
    """Write the archive of this person to an open file. Reads rows as it goes and changes nothing."""
    counts: dict[str, int] = {}
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for holding in HOLDINGS:
            if holding.title:
                counts |= _add_list(archive, holding.title, queries.rows_of(holding, person))
        told = (dict(row._mapping) for row in queries.told_of(person))
        counts |= _add_list(archive, "about this account", told)
        _add_text(archive, "comments.md", _comments(person))
        for slug, number, document in queries.revisions_of(person):
            archive.writestr(f"write-ups/{slug}/{number}.md", _write_up(document))
        archive.writestr("README.md", _readme(person, counts))


def _add_list(archive: ZipFile, title: str, rows: Iterator[dict[str, Any]]) -> dict[str, int]:
    """Its title and length; nothing for an empty one, which gets no file."""
    first, number = next(rows, None), 0
    if first is None:
        return {}
    with archive.open(f"data/{title.replace(' ', '-')}.json", "w") as file:
        for row in chain([first], rows):
            file.write(b",\n" if number else b"[\n")
            file.write(json.dumps(row, ensure_ascii=False, default=_plain).encode())
            number += 1
        file.write(b"\n]\n")
    return {title: number}


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return clock.iso(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _add_text(archive: ZipFile, name: str, parts: Iterator[str]) -> None:
    with archive.open(name, "w") as file:
        for part in parts:
            file.write(part.encode())


def _comments(person: User) -> Iterator[str]:
    yield "# Comments\n"
    site = current_settings().site_url.rstrip("/")
    for number, title, slug, at, text, state in queries.comments_of(person):
        yield f"\n## On {title}\n\n{clock.iso(at)}, {state}, {site}/comments/{number} (/postmortems/{slug})\n\n{text}\n"


def _write_up(document: str) -> str:
    try:
        return to_text(parse_document_text(document))
    except Invalid:
        return document  # as it is stored: a format that this program does not know


def _readme(person: User, counts: dict[str, int]) -> str:
    settings = current_settings()
    return README.format(
        site=settings.site_name,
        at=clock.iso(clock.now()),
        name=person.name,
        number=person.id,
        address=person.email,
        counts="\n".join(f"- {title}: {number:,}" for title, number in counts.items()),
    )
