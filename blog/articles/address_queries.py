"""Where an address leads: former slugs, numbers, write-ups that stand in another one. `queries` asks who may see it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import CompoundSelect, ScalarSelect, bindparam, func, literal, null, select, union_all

from blog import policy
from blog.accounts.models import User
from blog.articles.address_models import FormerSlug, IncidentNumber, Merge
from blog.articles.models import Article, ArticleState
from blog.errors import NotFound
from blog.extensions import db
from blog.lib.ready import Ready, as_loaded
from blog.lib.row_numbers import row_number

MANY = 500  # values in one IN list

_BY_SLUG = Ready(select(*Article.__table__.columns).where(Article.slug == bindparam("slug")))
_BY_FORMER_SLUG = (
    select(Article).join(FormerSlug, FormerSlug.article_id == Article.id).where(FormerSlug.slug == bindparam("slug"))
)
_NUMBERS = Ready(
    union_all(
        select(IncidentNumber.row_id, IncidentNumber.number).where(IncidentNumber.article_id == bindparam("article")),
        select(null(), Merge.article_id).where(Merge.into_id == bindparam("article")),
    )
)


@dataclass(frozen=True)
class Merged:
    """A write-up that stands in another one now; `into_id` is the one it was merged into, not where a chain ends."""

    id: int
    slug: str
    title: str
    into_id: int
    reason: str
    merged_at: datetime


@dataclass(frozen=True)
class Numbers:
    """What a page shows of numbers: those of its incidents by row id, and the write-ups that stand in this one."""

    incidents: Mapping[str, int] = field(default_factory=dict)
    merged: Sequence[Merged] = ()


def article_at(slug: str) -> Article | None:
    """The write-up whose slug this is, or was, or whose number: in this order, so an address never changes its mind."""
    db.session.flush()
    found = _BY_SLUG.first(db.session, slug=slug)
    article = as_loaded(db.session, Article(**found._asdict())) if found else None
    if article is None:
        article = db.session.scalar(_BY_FORMER_SLUG, {"slug": slug})
    if article is None and (number := number_in(slug)):
        article = db.session.get(Article, number)
    return article


def number_in(slug: str) -> int | None:
    """The number that these digits are; None for anything else, also for a number written in another way (`007`)."""
    return None if slug.startswith("0") else row_number(slug)


def standing(article: Article) -> Article:
    """The write-up itself, or the one it stands in after merging."""
    while article.state == ArticleState.MERGED and (merge := db.session.get(Merge, article.id)):
        article = db.session.get_one(Article, merge.into_id)
    return article


def merge_of(article: Article) -> Merge | None:
    """How this write-up came to stand in another one."""
    return db.session.get(Merge, article.id)


def tree_of(article_id: int) -> set[int]:
    """The write-up and everything that stands in it, also by way of others."""
    top = select(literal(article_id).label("id")).cte("tree", recursive=True)
    tree = top.union(select(Merge.article_id).join(top, Merge.into_id == top.c.id))
    return set(db.session.scalars(select(tree.c.id)))


def numbers_on(article: Article) -> Numbers:
    """The numbers that its page shows, in one statement; one more where write-ups stand in it."""
    rows = _NUMBERS.all(db.session, article=article.id)
    return Numbers(
        incidents={row_id: number for row_id, number in rows if row_id is not None},
        merged=merged_into(article) if any(row_id is None for row_id, _ in rows) else (),
    )


def merged_into(article: Article) -> list[Merged]:
    """The write-ups that stand in this one, also by way of others, in the order they came."""
    wanted = (
        select(Article.id, Article.slug, Article.title, Merge.into_id, Merge.reason, Merge.merged_at)
        .join(Merge, Merge.article_id == Article.id)
        .where(Article.id.in_(tree_of(article.id) - {article.id}))
        .order_by(Merge.merged_at, Article.id)
    )
    return [Merged(*row) for row in db.session.execute(wanted)]


def incident_place(user: User | None, number: int) -> tuple[Article, str]:
    """(write-up, row id) of the incident with this number. Raises `NotFound`."""
    wanted = select(Article, IncidentNumber.row_id).join(Article, Article.id == IncidentNumber.article_id)
    row = db.session.execute(wanted.where(IncidentNumber.number == number)).first()
    if row is None or not policy.can_see_article(user, row[0]):
        raise NotFound("There is no incident with this number.")
    return row[0], row[1]


def published_behind(slugs: Iterable[str]) -> dict[str, Article]:
    """Slug as somebody wrote it, now or years ago -> the published write-up that it leads to."""
    asked = list(dict.fromkeys(slugs))
    if not asked:
        return {}
    owners = _owners(asked).subquery()
    rows = db.session.execute(select(owners.c.slug, Article).join(Article, Article.id == owners.c.id)).all()
    found = {slug: standing(article) for slug, article in rows}
    return {slug: one for slug, one in found.items() if one.state == ArticleState.PUBLISHED}


def is_slug_taken(slug: str) -> bool:
    """Whether any write-up, in whatever state, has this address, or ever had it. Plain digits are kept for numbers."""
    return slug.isdigit() or bool(slugs_taken([slug]))


def slugs_taken(slugs: Iterable[str]) -> set[str]:
    """Which of these addresses are taken, or are the numbers of write-ups."""
    asked = list(slugs)
    greatest = greatest_number() if any(slug.isdigit() for slug in asked) else 0
    numbers = {slug for slug in asked if (number_in(slug) or greatest + 1) <= greatest}
    return numbers | set(owners_of(asked))


def owners_of(slugs: Sequence[str]) -> dict[str, int]:
    """Slug -> the write-up that has it, or once had it."""
    owners: dict[str, int] = {}
    for start in range(0, len(slugs), MANY):
        owners |= dict(db.session.execute(_owners(slugs[start : start + MANY])).all())
    return owners


def _owners(slugs: Sequence[str]) -> CompoundSelect[str, int]:
    present = select(Article.slug, Article.id.label("id")).where(Article.slug.in_(slugs))
    return union_all(present, select(FormerSlug.slug, FormerSlug.article_id).where(FormerSlug.slug.in_(slugs)))


def greatest_number() -> int:
    """The greatest number that a write-up has."""
    return db.session.scalar(select(func.max(Article.id))) or 0


def former_slugs_of(article: Article) -> list[str]:
    """What it was called before, oldest first, without the one it has taken back."""
    wanted = select(FormerSlug.slug).where(FormerSlug.article_id == article.id).order_by(FormerSlug.id)
    return [slug for slug in db.session.scalars(wanted) if slug != article.slug]


def first_slug() -> ScalarSelect[str]:
    """In a statement about write-ups: the slug each was made with, where it was given another since."""
    former = select(FormerSlug.slug).where(FormerSlug.article_id == Article.id).order_by(FormerSlug.id).limit(1)
    return former.correlate(Article).scalar_subquery()


def standing_for(article_ids: Iterable[int]) -> dict[int, int]:
    """Number -> that of the write-up it stands in at last, of those that were merged."""
    merges = dict(db.session.execute(select(Merge.article_id, Merge.into_id)).all())
    ends = {}
    for number in article_ids:
        end = number
        while end in merges:
            end = merges[end]
        if end != number:
            ends[number] = end
    return ends


def former_addresses() -> dict[int, list[str]]:
    """Number -> every other slug that leads to the write-up, also those of what was merged into it. The slug it was
    made with stands first, also where it has that one still.
    """
    own: dict[int, list[str]] = {}
    for number, slug in db.session.execute(select(FormerSlug.article_id, FormerSlug.slug).order_by(FormerSlug.id)):
        own.setdefault(number, []).append(slug)
    merges = select(Merge.article_id, Article.slug).join(Article, Article.id == Merge.article_id)
    gone = dict(db.session.execute(merges.order_by(Merge.merged_at, Merge.article_id)).all())
    ends = standing_for(gone)
    found = {number: list(slugs) for number, slugs in own.items() if number not in gone}
    present = dict(db.session.execute(select(Article.id, Article.slug).where(Article.id.in_(ends.values()))).all())
    for number, slug in gone.items():
        found.setdefault(ends[number], [present[ends[number]]]).extend([*own.get(number, []), slug])
    return {number: list(dict.fromkeys(slugs)) for number, slugs in found.items()}
