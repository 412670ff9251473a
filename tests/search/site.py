"""The site with its search: running the jobs, asking a question, reading the answer as a reader's tool would."""

import html
import re
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from blog.journal.queries import queue_counts
from blog.search.engine import SearchEngine
from blog.settings import Settings

HIT = re.compile(r'<li class="search-hit">.*?href="([^"]*)"', re.DOTALL)
COMMENT = re.compile(r'<a href="(/comments/\d+)">Comment by')
TAGS = re.compile(r"<[^>]*>")


def index_now(app: Flask) -> int:
    """Run the jobs that are due; how many there were."""
    return int(app.extensions["hindsight_worker"].drain())


def jobs_left(app: Flask) -> dict[str, int]:
    with app.app_context():
        return queue_counts()


def engine_of(app: Flask) -> SearchEngine:
    engine: SearchEngine = app.extensions["hindsight_search"].get()
    return engine


def index_dir(app: Flask) -> Path:
    settings: Settings = app.extensions["hindsight_settings"]
    return settings.index_dir


def page_of(client: FlaskClient, q: str, *, status: int = 200, **arguments: object) -> str:
    """The HTML that the search answers with."""
    answer = client.get("/search", query_string={"q": q, **arguments})
    assert answer.status_code == status, answer.text
    return str(answer.text)


def hits(page: str) -> list[str]:
    """The slugs of the write-ups found, in their order."""
    return [address.removeprefix("/postmortems/") for address in HIT.findall(page)]


def found(client: FlaskClient, q: str, **arguments: object) -> list[str]:
    return hits(page_of(client, q, **arguments))


def comments_in(page: str) -> list[str]:
    """The addresses of the comments found."""
    return COMMENT.findall(page)


def words_of(page: str) -> str:
    """The main part of a page as its reader sees it."""
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(html.unescape(TAGS.sub(" ", main)).split())
