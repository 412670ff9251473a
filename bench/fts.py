"""The yardstick of search: SQLite FTS5 over the same texts, asked directly with bm25 and snippets.

python -m bench.fts FILE   builds it from the site that HINDSIGHT_DATA_DIR names
"""

import contextlib
import random
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bench.site import Site

BEST = (
    "SELECT key, title, snippet(texts, 2, '<b>', '</b>', '…', 24) FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT 20"
)
WORD = re.compile(r"[a-z]{4,}")
COMMON, MIDDLE, RARE = (0.2, 0.6), (0.02, 0.2), (0.0, 0.02)  # the share of write-ups that have the word
QUERIES = 90  # of each kind, all different


@dataclass(frozen=True)
class Kind:
    """A kind of query, in the site's syntax and in FTS5's."""

    name: str
    words: int
    joint: str  # between words, on the site
    fts: str  # between words, in FTS5


KINDS = (
    Kind("one word", 1, "", ""),
    Kind("two words", 2, " ", " "),
    Kind("six words, any", 6, " OR ", " OR "),
)


def build(path: Path) -> None:
    """Every document of the site's own index: title, and all its text. Also how many write-ups have each word."""
    from app import create_app
    from blog.search.document_queries import all_documents

    path.unlink(missing_ok=True)
    words: Counter[str] = Counter()
    with contextlib.closing(sqlite3.connect(path)) as connection, create_app().app_context():
        connection.execute(
            "CREATE VIRTUAL TABLE texts USING fts5(key UNINDEXED, title, body, tokenize='porter unicode61')"
        )
        connection.execute("CREATE TABLE words (word TEXT PRIMARY KEY, write_ups INTEGER)")
        articles = 0
        for one in all_documents():
            body = f"{one.summary}\n{one.body}\n{one.extra}"
            connection.execute("INSERT INTO texts VALUES (?, ?, ?)", (one.key, one.title, body))
            if one.kind == "article":
                articles += 1
                words.update(set(WORD.findall(body)))
        connection.execute("INSERT INTO texts (texts, rank) VALUES ('rank', 'bm25(1, 3, 1)')")
        connection.execute("INSERT INTO texts (texts) VALUES ('optimize')")
        connection.executemany("INSERT INTO words VALUES (?, ?)", words.items())
        connection.execute(f"PRAGMA user_version = {articles}")
        connection.commit()


def opened(site: Site, base: Path) -> sqlite3.Connection:
    """A kept connection to the built file, which is kept beside the imported data."""
    path = base / "fts.sqlite3"
    if not path.exists():
        print("building the FTS5 yardstick, once", file=sys.stderr)
        part = path.with_suffix(".part")
        subprocess.run([sys.executable, "-m", "bench.fts", str(part)], env=site.environment, check=True)
        part.rename(path)
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.execute("PRAGMA cache_size = -64000")
    connection.execute("PRAGMA mmap_size = 1000000000")
    return connection


def queries(connection: sqlite3.Connection, kind: Kind) -> list[list[str]]:
    """Different queries, drawn alike from words that many, some and few write-ups have, and with at least one hit."""
    chance = random.Random(kind.words)
    total = connection.execute("PRAGMA user_version").fetchone()[0]
    strata = [_words_between(connection, low * total, high * total) for low, high in (COMMON, MIDDLE, RARE)]
    found: dict[tuple[str, ...], None] = {}
    for number in range(QUERIES * 20):
        first = strata[number % 3]
        words = (chance.choice(first), *(chance.choice(chance.choice(strata)) for _ in range(kind.words - 1)))
        if words not in found and len(set(words)) == kind.words and best(connection, kind, words):
            found[words] = None
        if len(found) == QUERIES:
            break
    return [list(words) for words in found]


def best(connection: sqlite3.Connection, kind: Kind, words: tuple[str, ...] | list[str]) -> list[tuple[str, ...]]:
    """The best 20 of write-ups and comments, with a snippet each."""
    return connection.execute(BEST, (kind.fts.join(f'"{word}"' for word in words),)).fetchall()


def _words_between(connection: sqlite3.Connection, low: float, high: float) -> list[str]:
    asked = "SELECT word FROM words WHERE write_ups > ? AND write_ups <= ? ORDER BY word"
    return [str(row[0]) for row in connection.execute(asked, (low, high))]


if __name__ == "__main__":
    build(Path(sys.argv[1]))
