"""Importing: comments that an operator's bundle or the demo world brings, and stored HTML made anew."""

from datetime import datetime, timedelta

from blog.accounts.models import User
from blog.articles.models import Article
from blog.comments import queries
from blog.comments.changes import Prepared, add_comment, checked_anchor, checked_kind, prepare
from blog.comments.models import Comment, CommentKind
from blog.errors import Fault, Invalid
from blog.extensions import db
from blog.journal.changes import record
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
) -> Comment:
    """Add a comment as it was said elsewhere, at its own time; bring in parents first. Lengths hold, rates do not.

    `source` is what a second import knows it by (bundle and id): what is here already is given back unchanged. Only
    operators' commands call this. Raises `Invalid` (paths `text`, `created_at`, `parent_id`, `anchor`, `kind`, `id`).
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
        to_hidden=True,
    )
    comment.created_at, comment.imported_from = created_at, source
    record("comment.imported", subject=comment, data={"article": article.id})
    return comment


def render_anew(comment_ids: list[int]) -> None:
    """Store the HTML of these comments as the present renderer makes it. Nothing a person wrote is touched."""
    comments = [db.session.get_one(Comment, comment_id) for comment_id in comment_ids]
    made = render_batch([("comment", comment.text) for comment in comments])
    for comment, rendered in zip(comments, made, strict=True):
        comment.html, comment.renderer_version = rendered.html, rendered.version
