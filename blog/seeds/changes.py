"""The demo world, loaded through the changes that people use: drafted, submitted, approved by somebody else, published.

Its files lie beside this module: `write_ups/<slug>.md` in the plain-text mode, `people.yaml`, `order.yaml` (who wrote
what and when it went live) and `comments.yaml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from blog.accounts.changes import person_for_import
from blog.accounts.models import Role, User
from blog.articles import writing
from blog.articles.document import Document
from blog.articles.models import Article, Revision
from blog.articles.plain_text import from_text
from blog.articles.queries import reviews_of
from blog.checks.document_checks import findings_of
from blog.checks.findings import Check
from blog.comments.importing import import_comment
from blog.comments.models import Comment
from blog.editor import publishing, reviewing
from blog.extensions import db
from blog.lib import clock
from blog.lib.front_matter import load_yaml
from blog.seeds import queries
from blog.seeds.action_changes import load_actions
from blog.seeds.talk_changes import load_talk

FOLDER = Path(__file__).parent
# Why what the checks find in the demo world stays as it is.
WAIVED = {
    Check.SOURCE: "Said while this was written; there is no publication to name.",
    Check.PRIVATE_ADDRESS: "A made-up machine: the address leads to nobody.",
}


@dataclass(frozen=True)
class WriteUp:
    """A write-up of the demo world; `author` and `reviewer` are e-mail addresses."""

    slug: str
    document: Document
    published_at: datetime
    author: str
    reviewer: str


def people() -> list[dict[str, str]]:
    """`{name, email, role}` of each person. They have no password, so nobody signs in as one of them."""
    return _rows("people")


def write_ups() -> list[WriteUp]:
    """Every write-up, the one published first at the front."""
    return [
        WriteUp(
            slug=row["slug"],
            document=from_text((FOLDER / "write_ups" / f"{row['slug']}.md").read_text(encoding="utf-8")),
            published_at=datetime.fromisoformat(row["published_at"]),
            author=row["author"],
            reviewer=row["reviewer"],
        )
        for row in _rows("write_ups", file="order")
    ]


def comments() -> list[dict[str, str]]:
    """`{slug, id, user, created_at, text}` of each comment, and of some `parent`, `anchor`, `kind` and `evidence`;
    every one stands after the comment it answers.
    """
    return _rows("comments")


def missing_write_ups() -> list[WriteUp]:
    """Those whose address is still free."""
    present = queries.taken_slugs()
    return [write_up for write_up in write_ups() if write_up.slug not in present]


def load_people() -> dict[str, User]:
    """Everybody of the demo world by e-mail address; who is here already stays as they are."""
    return {
        row["email"]: person_for_import(name=row["name"], email=row["email"], role=Role(row["role"]))
        for row in people()
    }


def load_write_up(write_up: WriteUp, *, cast: Mapping[str, User]) -> Article:
    """Draft, submit, approve and publish one write-up, give it its date in the past, and add its thread."""
    author, reviewer = cast[write_up.author], cast[write_up.reviewer]
    revision = writing.create_article(actor=author, document=write_up.document, slug=write_up.slug)
    article = db.session.get_one(Article, revision.article_id)
    waivers = {finding.fingerprint: WAIVED[finding.check] for finding in findings_of(write_up.document)}
    reviewing.submit(actor=author, revision=revision, article=article, waivers=waivers)
    reviewing.approve(actor=reviewer, revision=revision, document_hash=revision.document_hash)
    publishing.publish(actor=reviewer, revision=revision, article=article)
    _set_dates(article, revision, at=_no_later_than_now(write_up.published_at))
    load_actions(article, cast=cast)
    loaded = _load_thread(article, cast=cast)
    load_talk(article, cast=cast, loaded=loaded)
    return article


def _load_thread(article: Article, *, cast: Mapping[str, User]) -> dict[str, Comment]:
    loaded: dict[str, Comment] = {}
    for row in comments():
        if row["slug"] == article.slug:
            loaded[row["id"]] = import_comment(
                article=article,
                user=cast[row["user"]],
                text=row["text"],
                created_at=_no_later_than_now(datetime.fromisoformat(row["created_at"])),
                source=f"seeds/{row['id']}",
                parent=loaded[row["parent"]] if "parent" in row else None,
                anchor=row.get("anchor", ""),
                kind=row.get("kind", ""),
                evidence=row.get("evidence", ""),
            )
    return loaded


def _no_later_than_now(at: datetime) -> datetime:
    """On a machine whose clock is behind, the demo must still load, and nothing in it may come from the future."""
    return min(at, clock.now())


def _set_dates(article: Article, revision: Revision, *, at: datetime) -> None:
    """A demo of one afternoon would show nothing of a site's years. The journal keeps the true time of loading."""
    article.created_at = article.published_at = article.updated_at = at
    revision.created_at = revision.submitted_at = revision.live_at = at
    for review in reviews_of(revision):
        review.created_at = at


def _rows(name: str, *, file: str = "") -> list[dict[str, Any]]:
    data = load_yaml((FOLDER / f"{file or name}.yaml").read_text(encoding="utf-8"))
    return list(data[name])
