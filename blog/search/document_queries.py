"""What the index is made of: write-ups and comments as the engine sees them, read from the database."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Text, cast, func, select

from blog.accounts.models import User
from blog.articles.document import parse_document_text
from blog.articles.models import Article, ArticleTerm, Revision
from blog.articles.queries import visible_articles
from blog.articles.rendering import render_document
from blog.comments.models import Comment, CommentState
from blog.extensions import db
from blog.journal.models import Job
from blog.journal.queries import newest_event_id
from blog.journal.reactions import INDEX, REACTIONS
from blog.lib.text import plain_text
from blog.search.drawing import END, Entry, decode_entry, encode_entry, version_of
from blog.search.engine import Delete, Operation, Put, SearchDocument
from blog.search.snippets import SEARCHED

CHUNK = 200  # rows in memory while the index is rebuilt
INDEXED_KINDS = tuple(kind for kind, jobs in REACTIONS.items() if INDEX in jobs)
MANY = 500  # parameters of one statement

Progress = Callable[[int], object]


def article_key(article_id: int) -> str:
    return f"pm:{article_id}"


def comment_key(comment_id: int) -> str:
    return f"c:{comment_id}"


def number_of(key: str) -> int:
    """The row that a key names."""
    return int(key.partition(":")[2])


def all_documents(after_chunk: Progress = lambda _: None) -> Iterator[SearchDocument]:
    """Everything that belongs into the index, read as it is asked for. `after_chunk` is told the size of each chunk and
    may end the transaction.
    """
    for wanted, number, made_of in (
        (_articles(), Article.id, _article_documents),
        (_comments(), Comment.id, _comment_documents),
    ):
        last = 0
        # Numbers first: sorted together with the texts, all of these would be read for every chunk.
        some = wanted.with_only_columns(number, maintain_column_froms=True).order_by(number).limit(CHUNK)
        while ids := db.session.scalars(some.where(number > last)).all():
            last = ids[-1]
            yield from made_of(db.session.execute(wanted.where(number.in_(ids)).order_by(number)).all())
            after_chunk(len(ids))


def operations_for(article_ids: Sequence[int], comment_ids: Sequence[int]) -> list[Operation]:
    """What makes the index say what these rows say now: put what belongs into it, forget the rest."""
    operations: dict[str, Operation] = {article_key(one): Delete(article_key(one)) for one in article_ids}
    operations |= {comment_key(one): Delete(comment_key(one)) for one in comment_ids}
    for start in range(0, len(article_ids), MANY):
        rows = db.session.execute(_articles().where(Article.id.in_(article_ids[start : start + MANY]))).all()
        operations |= {document.key: Put(document) for document in _article_documents(rows)}
    for start in range(0, len(comment_ids), MANY):
        rows = db.session.execute(_comments().where(Comment.id.in_(comment_ids[start : start + MANY]))).all()
        operations |= {document.key: Put(document) for document in _comment_documents(rows)}
    return list(operations.values())


def document_of(article_id: int) -> SearchDocument | None:
    """A published write-up as the engine sees it; None for anything else."""
    rows = db.session.execute(_articles().where(Article.id == article_id)).all()
    return next(_article_documents(rows), None) if rows else None


def entries_of(article_ids: Sequence[int]) -> dict[int, Entry]:
    """What a result shows of published write-ups, by id, read from the database."""
    rows = db.session.execute(_articles().where(Article.id.in_(article_ids))).all()
    made = zip(rows, _article_documents(rows), strict=True)
    found = ((row.id, decode_entry(document.kept, document.kept.partition(END)[0])) for row, document in made)
    return {number: entry for number, entry in found if entry is not None}


def all_keys() -> Iterator[str]:
    """The keys of everything that belongs into the index."""
    yield from map(article_key, db.session.scalars(_articles().with_only_columns(Article.id)))
    yield from map(comment_key, db.session.scalars(_comments().with_only_columns(Comment.id)))


def count_documents() -> tuple[int, int]:
    """(write-ups, comments) that belong into the index."""
    articles = db.session.scalar(_articles().with_only_columns(func.count(Article.id), maintain_column_froms=True))
    comments = db.session.scalar(_comments().with_only_columns(func.count(Comment.id), maintain_column_froms=True))
    return articles or 0, comments or 0


def newest_indexed_event() -> int:
    """The id of the newest event that the index must know of."""
    return newest_event_id(INDEXED_KINDS)


def index_jobs() -> list[int]:
    """The jobs that wait for the index now or were given up."""
    return list(db.session.scalars(select(Job.id).where(Job.kind == INDEX)))


def index_job_counts() -> tuple[int, int]:
    """(waiting, given up) jobs of the index."""
    waiting = func.count().filter(Job.failed_at.is_(None))
    row = db.session.execute(select(waiting, func.count(Job.failed_at)).where(Job.kind == INDEX)).one()
    return row[0], row[1]


def _articles() -> Select[Any]:
    return (
        visible_articles(None)
        .join(Revision, Revision.id == Article.live_revision_id)
        .with_only_columns(
            Article.id,
            Article.title,
            Article.authors,
            Article.card,
            cast(Article.card, Text).label("stored_card"),
            Article.live_revision_id,
            Article.summary,
            Article.published_at,
            Article.updated_at,
            Revision.document,
            Revision.rendered,
            maintain_column_froms=True,
        )
    )


def _comments() -> "Select[*tuple[Any, ...]]":
    """Visible comments, also of retired write-ups: the engine finds a comment only while its write-up is in the index,
    so a write-up that is restored has its whole discussion back at once.
    """
    return (
        select(Comment.id, Comment.article_id, Comment.html, Comment.created_at, User.name)
        .join(User, User.id == Comment.user_id)
        .where(Comment.state == CommentState.VISIBLE)
    )


def _article_documents(rows: Sequence[Row[Any]]) -> Iterator[SearchDocument]:
    terms = _terms_of([row.id for row in rows])
    for row in rows:
        named = terms.get(row.id, {})
        rendered = row.rendered or render_document(parse_document_text(row.document))[0]
        document = json.loads(row.document)
        published_at = _seconds(row.published_at)
        body, extra = plain_text(rendered["html"]), "\n".join(facts_of(document, rendered))
        yield SearchDocument(
            key=article_key(row.id),
            kind="article",
            title=row.title,
            summary=plain_text(rendered["rows"].get("summary", "")),
            body=body,
            extra=extra,
            authors=tuple(row.authors),
            tags=named.get("tag", ()),
            services=named.get("service", ()),
            organisations=named.get("organisation", ()),
            severities=named.get("severity", ()),
            statuses=_statuses_of(document),
            incident_kinds=named.get("kind", ()),
            year=row.card.get("year"),
            created_at=published_at,
            updated_at=_seconds(row.updated_at) or published_at,
            kept=encode_entry(
                version_of(row.live_revision_id, row.summary, row.stored_card),
                number=row.id,
                card=row.card,
                text=f"{row.summary} {body}"[:SEARCHED],
                rows=extra[:SEARCHED],
            ),
        )


def _comment_documents(rows: Sequence[Row[Any]]) -> Iterator[SearchDocument]:
    for row in rows:
        yield SearchDocument(
            key=comment_key(row.id),
            kind="comment",
            parent=article_key(row.article_id),
            body=plain_text(row.html),
            authors=(row.name,),
            created_at=_seconds(row.created_at),
        )


def facts_of(document: dict[str, Any], rendered: dict[str, Any]) -> Iterator[str]:
    """The words of a write-up's rows, one line each: causes, permissions, timeline, claims, actions and sources.

    `document` is the stored JSON, `rendered` is `Revision.rendered`.
    """
    for incident in document.get("incidents", ()):
        yield from _facts_of_incident(incident)
    yield from (plain_text(html) for key, html in rendered.get("rows", {}).items() if key != "summary")
    for claim in document.get("claims", ()):
        yield f"{claim['claimant']}: {claim.get('quote', '')}"
    for action in document.get("actions", ()):
        yield f"{action.get('owner_role', '')} {action.get('promised_by', '')}"
    for source in document.get("sources", ()):
        yield f"{source.get('title', '')} {source.get('publisher', '')}"


def _facts_of_incident(incident: dict[str, Any]) -> Iterator[str]:
    yield incident.get("name", "")
    for name in ("organisations", "services", "factors"):
        yield from (row["name"] for row in incident.get(name, ()))
    yield " ".join(incident.get("regions", ()))
    yield incident.get("severity_basis", "")
    if ai := incident.get("ai"):
        yield " ".join((ai["system"], ai.get("vendor", ""), ai.get("task", "")))
    for row in incident.get("permissions", ()):
        yield " ".join((row["holder"], *(row.get(name, "") for name in ("granted", "needed", "resource"))))


def _statuses_of(document: dict[str, Any]) -> tuple[str, ...]:
    """`resolved` or `mitigated` where a time says so, `disputed` where a claim disputes another."""
    statuses = []
    for status in ("resolved", "mitigated"):
        moments = (one.get("times", {}).get(status) for one in document.get("incidents", ()))
        if any(moment and moment.get("at") for moment in moments):
            statuses.append(status)
    if any(claim.get("stance") == "disputes" for claim in document.get("claims", ())):
        statuses.append("disputed")
    return tuple(statuses)


def _terms_of(article_ids: Iterable[int]) -> dict[int, dict[str, tuple[str, ...]]]:
    """Facet values of each write-up: `{12: {"tag": ("dns", "queues")}}`."""
    wanted = select(ArticleTerm.article_id, ArticleTerm.facet, ArticleTerm.slug)
    found: dict[int, dict[str, tuple[str, ...]]] = {}
    for article_id, facet, slug in db.session.execute(wanted.where(ArticleTerm.article_id.in_(list(article_ids)))):
        facets = found.setdefault(article_id, {})
        facets[facet] = (*facets.get(facet, ()), slug)
    return found


def _seconds(instant: datetime | None) -> int:
    return int(instant.timestamp()) if instant is not None else 0
