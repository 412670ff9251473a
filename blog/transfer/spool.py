"""The spool of a bundle: what its lines refer to, on disk, so that they may stand in any order and in any number.

A temporary SQLite file without a name holds line places, slugs and ids, never texts; it is gone when it is closed.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from blog.accounts.models import Role
from blog.transfer.action_lines import ActionLine
from blog.transfer.bundle import ArticleLine, CommentLine, Place, UserLine

BATCH = 500
WAITING, DONE, REFUSED = 0, 1, 2
_TABLES = """
CREATE TABLE people (email TEXT PRIMARY KEY, number INTEGER, address TEXT, name TEXT, role TEXT, row_id INTEGER);
CREATE TABLE articles (number INTEGER PRIMARY KEY, offset INTEGER, length INTEGER, slug TEXT, occurrence INTEGER,
                       state INTEGER DEFAULT 0, row_id INTEGER, hashes TEXT DEFAULT '');
CREATE INDEX articles_slug ON articles (slug, occurrence);
CREATE TABLE comments (id TEXT PRIMARY KEY, number INTEGER, offset INTEGER, length INTEGER, article TEXT, parent TEXT,
                       created_at TEXT, state INTEGER DEFAULT 0, row_id INTEGER);
CREATE TABLE actions (article TEXT, row TEXT, number INTEGER, offset INTEGER, length INTEGER,
                      PRIMARY KEY (article, row));
CREATE INDEX comments_order ON comments (created_at, number);
CREATE INDEX comments_row ON comments (row_id);
"""


@dataclass(frozen=True)
class SpooledArticle:
    """`occurrence` counts the lines with this slug; `hashes` are those of a write-up that stands at its address."""

    place: Place
    slug: str
    occurrence: int
    hashes: tuple[str, ...]

    @property
    def identity(self) -> str:
        """What a second import knows it by."""
        return f"bundle:{self.slug}" + (f"#{self.occurrence}" if self.occurrence > 1 else "")


@dataclass(frozen=True)
class SpooledComment:
    place: Place
    id: str
    article: str
    parent: str | None


class Spool:
    """One bundle's references. Used by the thread that reads ahead and the one that writes."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._database.executescript(f"PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF; {_TABLES}")
        self._lock = threading.Lock()

    def close(self) -> None:
        self._database.close()

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    def _one(self, statement: str, values: Sequence[Any] = ()) -> Any:
        return next(iter(self._all(statement, values)), None)

    def add_person(self, number: int, line: UserLine, key: str) -> bool:
        """False when this address stands in the file already, with another name or role."""
        known = self._one("SELECT name, role FROM people WHERE email = ? AND name IS NOT NULL", (key,))
        if known:
            return bool(known == (line.name, line.role.value))
        values = (key, number, line.email, line.name, line.role.value)
        self._all("INSERT OR REPLACE INTO people (email, number, address, name, role) VALUES (?, ?, ?, ?, ?)", values)
        return True

    def mention(self, key: str) -> None:
        """Somebody's address is used in the file; whether a line tells of them shows later."""
        self._all("INSERT OR IGNORE INTO people (email, number) VALUES (?, 0)", (key,))

    def add_article(self, place: Place, line: ArticleLine) -> None:
        occurrence = 1 + self._one("SELECT count(*) FROM articles WHERE slug = ?", (line.slug,))[0]
        values = (place.number, place.offset, place.length, line.slug, occurrence)
        self._all("INSERT INTO articles (number, offset, length, slug, occurrence) VALUES (?, ?, ?, ?, ?)", values)

    def add_comment(self, place: Place, line: CommentLine) -> bool:
        """False when a comment of this id stands in the file already."""
        if self._one("SELECT 1 FROM comments WHERE id = ?", (line.id,)):
            return False
        when = line.created_at.isoformat(timespec="microseconds")
        values = (line.id, place.number, place.offset, place.length, line.article, line.parent, when)
        columns = "id, number, offset, length, article, parent, created_at"
        self._all(f"INSERT INTO comments ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)  # noqa: S608
        return True

    def add_action(self, place: Place, line: ActionLine) -> bool:
        """False when the file tells of this action already."""
        if self._one("SELECT 1 FROM actions WHERE article = ? AND row = ?", (line.article, line.row)):
            return False
        values = (line.article, line.row, place.number, place.offset, place.length)
        self._all("INSERT INTO actions (article, row, number, offset, length) VALUES (?, ?, ?, ?, ?)", values)
        return True

    def actions(self) -> Iterator[list[Place]]:
        """The lines that tell how actions stand, some at a time."""
        after = 0
        wanted = "SELECT number, offset, length FROM actions WHERE number > ? ORDER BY number LIMIT ?"
        while rows := self._all(wanted, (after, BATCH)):
            yield [Place(*row) for row in rows]
            after = rows[-1][0]

    def counts(self) -> tuple[int, int, int]:
        """How many (people, write-ups, comments) have a line."""
        return (
            self._one("SELECT count(*) FROM people WHERE name IS NOT NULL")[0],
            self._one("SELECT count(*) FROM articles WHERE number > 0")[0],
            self._one("SELECT count(*) FROM comments")[0],
        )

    def people(self) -> Iterator[list[tuple[int, str, UserLine | None]]]:
        """(line number, key, line) of everybody who is named or mentioned, by key, some at a time."""
        after = ""
        wanted = "SELECT email, number, address, name, role FROM people WHERE email > ? ORDER BY email LIMIT ?"
        while rows := self._all(wanted, (after, BATCH)):
            yield [
                (number, key, UserLine(name, address, Role(role)) if name is not None else None)
                for key, number, address, name, role in rows
            ]
            after = rows[-1][0]

    def person(self, key: str) -> int | None:
        """The id in the site of the person with this address; None for nobody."""
        found = self._one("SELECT row_id FROM people WHERE email = ?", (key,))
        return found[0] if found else None

    def settle_person(self, key: str, row_id: int) -> None:
        self._all("UPDATE people SET row_id = ? WHERE email = ?", (row_id, key))

    def slugs_without_line(self) -> Iterator[list[str]]:
        """Slugs that comments and actions name and no write-up of the file has."""
        after = ""
        wanted = (
            "SELECT article FROM (SELECT article FROM comments UNION SELECT article FROM actions)"
            " WHERE article > ? AND article NOT IN (SELECT slug FROM articles) ORDER BY article LIMIT ?"
        )
        while rows := self._all(wanted, (after, BATCH)):
            yield [slug for (slug,) in rows]
            after = rows[-1][0]

    def add_present_article(self, slug: str, row_id: int) -> None:
        """A write-up of the site that the file only comments on. It has no line, so its number is below zero."""
        columns = "number, offset, length, slug, occurrence, state, row_id"
        self._all(f"INSERT INTO articles ({columns}) VALUES (?, 0, 0, ?, 1, 1, ?)", (-row_id, slug, row_id))  # noqa: S608

    def articles(self) -> Iterator[list[SpooledArticle]]:
        """Write-ups that wait, in the order of lines, some at a time."""
        after = 0
        wanted = "SELECT number, offset, length, slug, occurrence, hashes FROM articles WHERE state = 0 AND number > ?"
        while rows := self._all(f"{wanted} ORDER BY number LIMIT ?", (after, BATCH)):
            yield [
                SpooledArticle(Place(number, offset, length), slug, occurrence, tuple(hashes.split()))
                for number, offset, length, slug, occurrence, hashes in rows
            ]
            after = rows[-1][0]

    def note_hashes(self, number: int, hashes: Sequence[str], row_id: int) -> None:
        """Another write-up, or this one, stands at the address of line `number`: these are its revisions' hashes."""
        self._all("UPDATE articles SET hashes = ?, row_id = ? WHERE number = ?", (" ".join(hashes), row_id, number))

    def settle_article(self, number: int, state: int, row_id: int | None = None) -> None:
        self._all(
            "UPDATE articles SET state = ?, row_id = coalesce(?, row_id) WHERE number = ?", (state, row_id, number)
        )

    def article_of(self, slug: str) -> tuple[int, int | None] | None:
        """(state, id in the site) of the write-up that comments of this slug belong to."""
        found: tuple[int, int | None] | None = self._one(
            "SELECT state, row_id FROM articles WHERE slug = ? AND occurrence = 1", (slug,)
        )
        return found

    def comments(self) -> Iterator[SpooledComment]:
        """Comments that wait, in the order of their times, so that their numbers in the site follow it."""
        after: tuple[str, int] = ("", 0)
        wanted = "SELECT id, number, offset, length, article, parent, created_at FROM comments WHERE state = 0"
        while rows := self._all(
            f"{wanted} AND (created_at, number) > (?, ?) ORDER BY created_at, number LIMIT ?", (*after, BATCH)
        ):
            for comment_id, number, offset, length, article, parent, _ in rows:
                yield SpooledComment(Place(number, offset, length), comment_id, article, parent)
            after = (rows[-1][6], rows[-1][1])

    def settle_comment(self, comment_id: str, state: int, row_id: int | None = None) -> None:
        self._all("UPDATE comments SET state = ?, row_id = ? WHERE id = ?", (state, row_id, comment_id))

    def comment_of(self, comment_id: str) -> tuple[int, int | None, str] | None:
        """(state, id in the site, slug of its write-up)."""
        found: tuple[int, int | None, str] | None = self._one(
            "SELECT state, row_id, article FROM comments WHERE id = ?", (comment_id,)
        )
        return found

    def is_claimed(self, row_id: int) -> bool:
        """Whether a comment of the site is known to be a line of this file."""
        return self._one("SELECT 1 FROM comments WHERE row_id = ?", (row_id,)) is not None

    def waiting_comments(self) -> list[tuple[int, str]]:
        """(line number, id) of the comments that still wait."""
        return self._all("SELECT number, id FROM comments WHERE state = 0 ORDER BY number")
