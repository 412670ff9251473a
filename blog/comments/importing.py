"""Importing: comments that an operator's bundle or the demo world brings, and stored HTML made anew."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from blog.accounts.models import User
from blog.articles.models import Article
from blog.comments import queries
from blog.comments.changes import MAX_DEPTH, add_comment
from blog.comments.mention_queries import people_in
from blog.comments.models import Comment, CommentKind, CommentState
from blog.comments.text_checks import Prepared, checked_anchor, checked_kind, prepare
from blog.errors import Fault, Invalid
from blog.extensions import db
from blog.journal.changes import record, record_many
from blog.lib import clock
from blog.lib.renderer import render_batch

MAX_SOURCE = 300  # characters, the width of the column
AHEAD = timedelta(days=1)  # clocks and zones differ; more than that is a mistake


def import_comment(
    *,
    article: Article,
    user: User,
    text: str | Prepared,
    created_at: datetime,
    source: str,
    parent: Comment | None = None,
    anchor: str = "",
    kind: str = CommentKind.COMMENT,
    evidence: str = "",
) -> Comment:
    """Add a comment as it was said elsewhere, at its own time; bring in parents first. Lengths hold, rates do not.

    `source` is what a second import knows it by (bundle and id): what is here already is given back unchanged;
    `evidence` is the source that the comment itself names. Only operators' commands call this. Raises `Invalid` (paths
    `text`, `created_at`, `parent_id`, `anchor`, `kind`, `id`).
    """
    if not 0 < len(source) <= MAX_SOURCE:
        raise Invalid([Fault("id", f"A comment is known by 1 to {MAX_SOURCE} characters.")])
    present = queries.imported_as(source)
    if present is not None:
        return present
    if created_at > clock.now() + AHEAD:
        raise Invalid([Fault("created_at", "This time lies in the future.")])
    comment = add_comment(
        user,
        article,
        prepare(text) if isinstance(text, str) else text,
        parent_id=parent.id if parent else None,
        anchor=checked_anchor(anchor),
        kind=checked_kind(kind),
        created_at=created_at,
        imported_from=source,
        source=evidence or None,
    )
    record("comment.imported", subject=comment, data={"article": article.id})
    return comment


@dataclass(frozen=True)
class Arrival:
    """A comment of a bundle, checked (`checked_text`) and rendered. What it answers is either here already
    (`parent_id`) or stands before it in the same call (`parent_place`, its place there).
    """

    article_id: int
    user_id: int
    created_at: datetime
    source: str
    prepared: Prepared
    parent_id: int | None = None
    parent_place: int | None = None
    is_withdrawn: bool = False


def import_many(arrivals: Sequence[Arrival]) -> list[int]:
    """Add many comments with few statements; their ids, in order. The same rules as `import_comment` hold, but whoever
    calls has asked what is here already, and that what is answered belongs to the same write-up.
    """
    chains = queries.chains_of(sorted({one.parent_id for one in arrivals if one.parent_id}))
    above: list[list[int]] = [[] for _ in arrivals]  # of each arrival: itself, what it answers, and so on up
    levels: dict[int, list[int]] = {}
    level_of: list[int] = []
    for place, one in enumerate(arrivals):
        level_of.append(0 if one.parent_place is None else level_of[one.parent_place] + 1)
        levels.setdefault(level_of[place], []).append(place)
    for level in sorted(levels):
        rows = []
        for place in levels[level]:
            one = arrivals[place]
            chain = above[one.parent_place] if one.parent_place is not None else chains.get(one.parent_id or 0, [])
            chain = chain if len(chain) < MAX_DEPTH else chain[1:]
            rows.append(_row_of(one, chain))
            above[place] = chain
        ids = db.session.scalars(insert(Comment).returning(Comment.id, sort_by_parameter_order=True), rows).all()
        for place, comment_id in zip(levels[level], ids, strict=True):
            above[place] = [comment_id, *above[place]]
    made = [chain[0] for chain in above]
    _finish(arrivals, made)
    return made


def _row_of(one: Arrival, chain: list[int]) -> dict[str, Any]:
    return {
        "article_id": one.article_id,
        "user_id": one.user_id,
        "parent_id": chain[0] if chain else None,
        "root_id": chain[-1] if chain else None,
        "state": CommentState.WITHDRAWN if one.is_withdrawn else CommentState.VISIBLE,
        "kind": CommentKind.COMMENT,
        "text": one.prepared.text,
        "html": one.prepared.html,
        "renderer_version": one.prepared.version,
        "created_at": one.created_at,
        "imported_from": one.source[:MAX_SOURCE],
    }


def _finish(arrivals: Sequence[Arrival], made: list[int]) -> None:
    """First comments are their own root; write-ups count what came; the journal tells of each."""
    if not made:
        return
    own_root = update(Comment).where(Comment.id.in_(made), Comment.root_id.is_(None)).values(root_id=Comment.id)
    db.session.execute(own_root, execution_options={"synchronize_session": False})
    for article_id, count in Counter(one.article_id for one in arrivals if not one.is_withdrawn).items():
        more = update(Article).where(Article.id == article_id).values(comment_count=Article.comment_count + count)
        db.session.execute(more, execution_options={"synchronize_session": False})
    happened = [(comment_id, {"article": one.article_id}) for comment_id, one in zip(made, arrivals, strict=True)]
    record_many("comment.imported", subject_type="comment", happened=happened)


def render_anew(comment_ids: list[int]) -> None:
    """Store the HTML of these comments as the present renderer makes it. Nothing a person wrote is touched."""
    comments = [db.session.get_one(Comment, comment_id) for comment_id in comment_ids]
    people = people_in(comment.text for comment in comments)
    made = render_batch([("comment", comment.text) for comment in comments], people=people)
    for comment, rendered in zip(comments, made, strict=True):
        comment.html, comment.renderer_version = rendered.html, rendered.version
