"""Reads of what a write-up said and when: its revisions that were live, its corrections, what a member read last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, select

from blog.articles.models import Article, Revision, RevisionAuthor
from blog.articles.visit_models import Visit
from blog.errors import NotFound
from blog.extensions import db
from blog.lib.row_numbers import in_bounds

_ARTICLE: BindParameter[int] = bindparam("article")
_PUBLICATIONS = (  # made once: that takes longer than running it
    select(Revision.number, Revision.live_at, Revision.public_note)
    .where(Revision.article_id == _ARTICLE, Revision.live_at.is_not(None))
    .order_by(Revision.live_at, Revision.number)
)
_BEHIND = select(Visit.user_id).where(Visit.article_id == _ARTICLE, Visit.revision_id != bindparam("live"))


@dataclass(frozen=True)
class Publication:
    """A revision that went live. `before` is the number of the one it took the place of, `until` when another took its
    own; `note` says what it corrects.
    """

    number: int
    at: datetime
    note: str
    before: int | None = None
    until: datetime | None = None


def publications_of(article: Article) -> list[Publication]:
    """Every revision that was or is live, the latest first."""
    found = db.session.execute(_PUBLICATIONS, {"article": article.id})
    rows = [(number, at, note) for number, at, note in found if at is not None]
    befores = [None, *(number for number, _, _ in rows)]
    untils = [*(at for _, at, _ in rows[1:]), None]
    publications = [
        Publication(number, at, note or "", before, until)
        for (number, at, note), before, until in zip(rows, befores, untils, strict=False)
    ]
    return publications[::-1]


def corrections_of(article: Article) -> list[Publication]:
    """What went live after the first publication, the latest first. Asks nothing for what was never revised."""
    if article.published_at is None or article.updated_at == article.published_at:
        return []
    return [one for one in publications_of(article) if one.before is not None]


def documents_of(revisions: Sequence[Revision]) -> list[str]:
    """The canonical texts of these revisions, in the order given."""
    wanted = select(Revision.id, Revision.document).where(Revision.id.in_({one.id for one in revisions}))
    texts = dict(db.session.execute(wanted).all())
    return [texts[one.id] for one in revisions]


def revision_numbered(article: Article, number: int) -> Revision:
    """One that went live, without its document. Raises `NotFound`."""
    wanted = select(Revision).where(Revision.article_id == article.id, Revision.number == in_bounds(number))
    revision = db.session.scalar(wanted.where(Revision.live_at.is_not(None)))
    if revision is None:
        raise NotFound("No such revision was published.")
    return revision


def authors_of_text(article_id: int, document_hash: str) -> set[int]:
    """Everybody who wrote this very document of a write-up before, also where it was put away since."""
    wanted = (
        select(RevisionAuthor.user_id)
        .join(Revision, Revision.id == RevisionAuthor.revision_id)
        .where(Revision.article_id == article_id, Revision.document_hash == document_hash)
    )
    return set(db.session.scalars(wanted))


def has_written(user_id: int, document_hash: str) -> bool:
    """Whether this person wrote a part of this very document, in whatever write-up."""
    wanted = (
        select(Revision.id)
        .join(RevisionAuthor, RevisionAuthor.revision_id == Revision.id)
        .where(RevisionAuthor.user_id == user_id, Revision.document_hash == document_hash)
    )
    return db.session.scalar(wanted.limit(1)) is not None


def visit_of(user_id: int, article: Article) -> tuple[Visit, Revision] | None:
    """What this person noted to have read of it, with that revision; None where nothing."""
    wanted = (
        select(Visit, Revision)
        .join(Revision, Revision.id == Visit.revision_id)
        .where(Visit.user_id == user_id, Visit.article_id == article.id)
    )
    row = db.session.execute(wanted).first()
    return None if row is None else (row[0], row[1])


def behind(article: Article) -> set[int]:
    """Everybody who noted to have read another revision of it than the live one."""
    return set(db.session.scalars(_BEHIND, {"article": article.id, "live": article.live_revision_id}))
