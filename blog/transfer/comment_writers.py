"""Writing visible comments as other programs read them: Disqus XML, WordPress WXR, or a database of Isso.

Addresses of people go along, as in a bundle, because these programs know people by them. An answer to what is hidden
begins a thread.
"""

import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape

from blog.settings import current_settings
from blog.transfer import queries
from blog.transfer.queries import SaidRow
from blog.transfer.writers import Advance, whole_file

DISQUS = '<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">'
WXR = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/"'
    ' xmlns:dsq="http://www.disqus.com/"><channel>'
)
ISSO = """
CREATE TABLE preferences (key VARCHAR PRIMARY KEY, value VARCHAR);
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
CREATE TABLE comments (
    tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL, modified FLOAT,
    mode INTEGER, remote_addr VARCHAR, text VARCHAR, author VARCHAR, email VARCHAR, website VARCHAR,
    likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL, notification INTEGER DEFAULT 0
);
"""
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0
NO_VOTERS = bytes(256)  # the empty filter of who voted, as Isso stores it


def write_disqus(path: Path, advance: Advance) -> dict[str, int]:
    """Threads first, then their posts, as Disqus exports them."""
    counts = {"threads": 0, "comments": 0}
    with whole_file(path) as file:
        _line(file, '<?xml version="1.0" encoding="utf-8"?>', DISQUS)
        for place, thread in _threads():
            counts["threads"] += 1
            _line(file, f'<thread dsq:id="{place}">{_tag("id", thread[0].slug)}{_tag("link", _address(thread[0]))}')
            _line(
                file, f"{_tag('title', thread[0].title)}<isClosed>false</isClosed><isDeleted>false</isDeleted></thread>"
            )
        for place, thread in _threads():
            here = {row.id for row in thread}
            for row in thread:
                _line(file, _post(row, place, row.parent_id if row.parent_id in here else None))
                counts["comments"] += 1
                advance(1)
        _line(file, "</disqus>")
    return counts


def _post(row: SaidRow, place: int, parent: int | None) -> str:
    author = f"<author>{_tag('email', row.address)}{_tag('name', row.name)}<isAnonymous>true</isAnonymous></author>"
    answers = f'<parent dsq:id="{parent}"/>' if parent else ""
    at = row.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f'<post dsq:id="{row.id}"><id/>{_tag("message", row.html)}<createdAt>{at}</createdAt>'
        f'<isDeleted>false</isDeleted><isSpam>false</isSpam>{author}<thread dsq:id="{place}"/>{answers}</post>'
    )


def write_wordpress(path: Path, advance: Advance) -> dict[str, int]:
    """One item a write-up, without its text, and its comments in it: what WordPress and Disqus import."""
    counts = {"threads": 0, "comments": 0}
    settings = current_settings()
    with whole_file(path) as file:
        _line(file, '<?xml version="1.0" encoding="UTF-8"?>', WXR, _tag("title", settings.site_name))
        _line(file, _tag("link", settings.site_url), "<wp:wxr_version>1.2</wp:wxr_version>")
        for place, thread in _threads():
            counts["threads"] += 1
            first = thread[0]
            _line(file, "<item>", _tag("title", first.title), _tag("link", _address(first)), "<content:encoded/>")
            _line(file, _tag("dsq:thread_identifier", first.slug), _tag("wp:post_date_gmt", _gmt(first.created_at)))
            _line(file, f"<wp:post_id>{place}</wp:post_id>{_tag('wp:post_name', first.slug)}")
            _line(file, "<wp:comment_status>open</wp:comment_status><wp:status>publish</wp:status>")
            _line(file, "<wp:post_type>post</wp:post_type>")
            here = {row.id for row in thread}
            for row in thread:
                _line(file, _comment(row, row.parent_id if row.parent_id in here else None))
                counts["comments"] += 1
                advance(1)
            _line(file, "</item>")
        _line(file, "</channel></rss>")
    return counts


def _comment(row: SaidRow, parent: int | None) -> str:
    return (
        f"<wp:comment><wp:comment_id>{row.id}</wp:comment_id>{_tag('wp:comment_author', row.name)}"
        f"{_tag('wp:comment_author_email', row.address)}<wp:comment_author_url/>"
        f"{_tag('wp:comment_date', _gmt(row.created_at))}{_tag('wp:comment_date_gmt', _gmt(row.created_at))}"
        f"{_tag('wp:comment_content', row.html)}<wp:comment_approved>1</wp:comment_approved>"
        f"<wp:comment_type>comment</wp:comment_type><wp:comment_parent>{parent or 0}</wp:comment_parent></wp:comment>"
    )


def write_isso(path: Path, advance: Advance) -> dict[str, int]:
    """A database as Isso makes one. It knows one level of replies: deeper ones answer the first of their thread."""
    counts = {"threads": 0, "comments": 0}
    with whole_file(path) as file, tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "comments.db"
        with closing(sqlite3.connect(made)) as database, database:
            database.executescript(ISSO)
            for place, thread in _threads():
                counts["threads"] += 1
                uri = f"/postmortems/{thread[0].slug}"
                database.execute("INSERT INTO threads VALUES (?, ?, ?)", (place, uri, thread[0].title))
                parents = {row.id: row.parent_id for row in thread}
                for row in thread:
                    values = (place, row.id, _first_above(row.id, parents), row.created_at.timestamp(), row.text)
                    database.execute(
                        "INSERT INTO comments (tid, id, parent, created, text, author, email, mode, remote_addr,"
                        " voters) VALUES (?, ?, ?, ?, ?, ?, ?, 1, '127.0.0.0', ?)",
                        (*values, row.name, row.address, NO_VOTERS),
                    )
                    counts["comments"] += 1
                    advance(1)
        with made.open("rb") as whole:
            shutil.copyfileobj(whole, file)
    return counts


def _first_above(number: int, parents: dict[int, int | None]) -> int | None:
    """The beginning of its thread, as far as it is written; None for the beginning itself."""
    above = number
    while (parent := parents[above]) in parents:
        above = parent
    return above if above != number else None


def _threads() -> Iterator[tuple[int, list[SaidRow]]]:
    """The comments of one write-up at a time, each with a number for its thread."""
    rows = (row for together in queries.comments_to_export() for row in together)
    for place, (_, thread) in enumerate(groupby(rows, key=lambda row: row.slug), 1):
        yield place, list(thread)


def _address(row: SaidRow) -> str:
    return f"{current_settings().site_url.rstrip('/')}/postmortems/{row.slug}"


def _gmt(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _tag(name: str, text: str) -> str:
    shown = escape(_FORBIDDEN.sub("\ufffd", text))
    return f"<{name}>{shown}</{name}>"


def _line(file: BinaryIO, *parts: str) -> None:
    file.write("".join((*parts, "\n")).encode())
