"""Where comments stand in the text of a write-up: places found again after it was revised, and the threads at each.

A comment keeps its anchor and the revision it was said on, for good; where that is by now follows from both revisions,
which never change.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased, undefer

from blog.articles.document import Document, Part, parse_document_text
from blog.articles.models import Article, Revision
from blog.articles.rendering import current_form
from blog.comments.entry_queries import Entry
from blog.comments.models import IS_ANCHORED, Comment, CommentState
from blog.comments.order_queries import Roots
from blog.comments.queries import has_place
from blog.extensions import db
from blog.lib.passages import Passage, found_again, passages_of
from blog.lib.ready import Ready
from blog.lib.text import excerpt

BODY = "body."  # before the name of a passage of the body
QUOTED = 200  # characters of what a place said
KEPT_SPOTS = 5_000  # of a process: a few dozen bytes each
KEPT_MOVES = 200
KEPT_GROUNDS = 4  # whole documents

_SAID = aliased(Comment)
_BEGUN = Ready(
    select(Comment.id, Comment.anchor, Comment.revision_id, func.count(_SAID.id).label("said"))
    .join(_SAID, _SAID.root_id == Comment.id)
    .where(
        Comment.article_id == bindparam("article"),
        IS_ANCHORED,
        Comment.said_on_id.is_(None),
        _SAID.state == CommentState.VISIBLE,
    )
    .group_by(Comment.id)
    .order_by(Comment.id)
)


@dataclass(frozen=True)
class Spot:
    """Where an anchor leads in the live revision: `anchor` there, or none where it was taken out. `was` are the first
    words it stood on, where these changed; `numbers` are the revisions to compare then.
    """

    anchor: str | None
    is_changed: bool = False
    was: str = ""
    numbers: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Begun:
    """A thread that was begun at a place, with how many of its comments everybody sees."""

    id: int
    anchor: str
    revision_id: int | None
    count: int


@dataclass(frozen=True)
class Ground:
    """What comments can stand on in one revision."""

    document: Document
    html: str

    @cached_property
    def passages(self) -> list[Passage]:
        return passages_of(self.html)

    def text_at(self, anchor: str) -> str | None:
        """The words at a place, to be compared and quoted; None where there is no such place."""
        if anchor.startswith(BODY):
            name = anchor.removeprefix(BODY)
            return next((one.text for one in self.passages if one.name == name), None)
        return _text_of(_thing_at(self.document, anchor))

    def is_like(self, other: "Ground", anchor: str) -> bool:
        """Whether both say the same at this place."""
        if anchor.startswith(BODY):
            return True  # its name is what it says
        return _thing_at(self.document, anchor) == _thing_at(other.document, anchor)


def spots_of(article: Article, said: Iterable[tuple[str, int | None]]) -> dict[tuple[str, int | None], Spot]:
    """Where anchors stand by now, each with the revision it was said on. One statement, and one more for each revision
    that this process did not compare before.
    """
    wanted = set(said)
    if not wanted or article.live_revision_id is None:
        return {}
    ids = {article.live_revision_id, *(one for _, one in wanted if one)}
    rows = select(Revision.id, Revision.number, Revision.document_hash).where(
        Revision.id.in_(ids), Revision.article_id == article.id
    )
    known = {row.id: (_Known(row.document_hash, row.id), row.number) for row in db.session.execute(rows)}
    live, live_number = known[article.live_revision_id]
    found = {}
    for anchor, revision_id in wanted:
        old, number = known.get(revision_id or 0, (live, 0))
        spot = _spot(old, live, anchor)
        found[anchor, revision_id] = replace(spot, numbers=(number, live_number)) if spot.is_changed else spot
    return found


def threads_on(article: Article) -> list[tuple[Begun, Spot]]:
    """The threads that were begun at a place of the text, the oldest first."""
    begun = [Begun(*row) for row in _BEGUN.all(db.session, article=article.id)]
    spots = spots_of(article, ((one.anchor, one.revision_id) for one in begun))
    return [(one, spots[one.anchor, one.revision_id]) for one in begun if (one.anchor, one.revision_id) in spots]


def spots_of_entries(article: Article, entries: Iterable[Entry]) -> dict[int, Spot]:
    """Where these comments stand, by number: those that are about a place of this very write-up."""
    anchored = [one for one in entries if one.anchor and one.said_on_id is None]
    spots = spots_of(article, ((one.anchor, one.revision_id) for one in anchored))
    return {one.id: spot for one in anchored if (spot := spots.get((one.anchor, one.revision_id)))}


def roots_at(article: Article, root_ids: list[int], *, size: int, number: int) -> Roots:
    """Page `number` of these threads, in their order, each with the size of it."""
    page = root_ids[(number - 1) * size : number * size]
    sizes = select(Comment.root_id, func.count()).where(Comment.root_id.in_(page), has_place(article.id))
    counted = {row[0]: row[1] for row in db.session.execute(sizes.group_by(Comment.root_id))}
    return Roots({root_id: counted[root_id] for root_id in page if root_id in counted}, len(root_ids), 0)


def live_ground(article: Article) -> Ground | None:
    """What comments can stand on now; None in a write-up that never was live."""
    if article.live_revision_id is None:
        return None
    live = select(Revision.document_hash).where(Revision.id == article.live_revision_id)
    return _ground(_Known(db.session.scalars(live).one(), article.live_revision_id))


def spot_in(revision: Revision, comment: Comment) -> str | None:
    """Where a comment stands in any revision of its write-up; None where it has no place there."""
    now = _Known(revision.document_hash, revision.id)
    said_on = db.session.get(Revision, comment.revision_id) if comment.revision_id else None
    return _spot(_Known(said_on.document_hash, said_on.id) if said_on else now, now, comment.anchor).anchor


def passage_in(revision: Revision, anchor: str | None) -> str | None:
    """What a passage of the body says to readers of this revision; None where the anchor is none of these."""
    if not anchor or not anchor.startswith(BODY):
        return None
    return _ground(_Known(revision.document_hash, revision.id)).text_at(anchor)


@dataclass(frozen=True)
class _Known:
    """A revision, known by what it says: that never changes."""

    document_hash: str
    id: int = field(compare=False)


@lru_cache(KEPT_SPOTS)
def _spot(said_on: _Known, now: _Known, anchor: str) -> Spot:
    live = _ground(now)
    here = live.text_at(anchor)
    if said_on == now:
        return Spot(anchor if here is not None else None)
    old = _ground(said_on)
    was = excerpt(old.text_at(anchor) or "", QUOTED)
    if here is not None:
        is_changed = bool(was) and not old.is_like(live, anchor)
        return Spot(anchor, is_changed, was if is_changed else "")
    if anchor.startswith(BODY) and was:
        name = _moved(said_on, now).get(anchor.removeprefix(BODY))
        if name:
            return Spot(BODY + name, True, was)
    return Spot(None, bool(was), was)


@lru_cache(KEPT_MOVES)
def _moved(said_on: _Known, now: _Known) -> dict[str, str]:
    """What became of the passages of one revision in another."""
    return found_again(_ground(said_on).passages, _ground(now).passages)


@lru_cache(KEPT_GROUNDS)
def _ground(known: _Known) -> Ground:
    wanted = select(Revision).where(Revision.id == known.id)
    revision = db.session.scalars(wanted.options(undefer(Revision.document), undefer(Revision.rendered))).one()
    document = parse_document_text(revision.document)
    form = current_form(
        revision.document, stored=revision.rendered, version=revision.renderer_version, document=document
    )
    return Ground(document, form["html"])


def _thing_at(document: Document, anchor: str) -> object:
    """The row or the text that an anchor names: `claims.c1`, `incidents.i1.impact`, `summary`; None where none is."""
    thing: object = document
    for step in anchor.split("."):
        if isinstance(thing, list):
            thing = next((row for row in thing if getattr(row, "id", None) == step), None)
        elif isinstance(thing, Part) and step in type(thing).model_fields:
            thing = getattr(thing, step)
        elif isinstance(thing, Part):  # a row of a row, as `incidents.i1.f2`
            lists = (value for name in type(thing).model_fields if isinstance(value := getattr(thing, name), list))
            thing = next((row for rows in lists for row in rows if getattr(row, "id", None) == step), None)
        else:
            return None
    return thing if isinstance(thing, (Part, str)) and thing != "" else None


def _text_of(thing: object) -> str | None:
    if thing is None:
        return None
    names = ("text", "name", "title", "holder", "target")
    return thing if isinstance(thing, str) else next((got for one in names if (got := getattr(thing, one, ""))), "")
