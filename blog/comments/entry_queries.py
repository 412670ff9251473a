"""Reads of single entries: what stands in one place of a thread, for whichever list it is shown in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row, Select, case, func, select

from blog.accounts.label_queries import is_labelled
from blog.accounts.models import ProgramLabel, User
from blog.comments.mention_queries import people_in
from blog.comments.models import Comment, CommentState, Standing
from blog.comments.text_checks import is_address
from blog.lib.read_path import answer_once
from blog.lib.renderer import RENDERER_VERSION, render_batch
from blog.lib.tree import flatten

_IS_VISIBLE = Comment.state == CommentState.VISIBLE
_IS_STALE = Comment.renderer_version != RENDERER_VERSION

# What a thread shows. Text is read only where the HTML must be made anew; hidden HTML is not read at all.
ENTRY_ROWS: "Select[*tuple[Any, ...]]" = (
    select(
        Comment.id,
        Comment.parent_id,
        func.coalesce(Comment.root_id, Comment.id).label("root_id"),
        Comment.user_id,
        User.name.label("user_name"),
        Comment.created_at,
        Comment.state,
        Comment.kind,
        Comment.anchor,
        Comment.said_on_id,
        Comment.useful_count,
        Comment.edited_at,
        Comment.revision_id,
        Comment.standing,
        Comment.answer_id,
        Comment.proposed_id,
        case((_IS_VISIBLE, Comment.source)).label("source"),
        case((_IS_VISIBLE, Comment.standing_reason)).label("standing_reason"),
        case((_IS_VISIBLE & ~_IS_STALE, Comment.html), else_="").label("html"),
        case((_IS_VISIBLE & _IS_STALE, Comment.text)).label("raw"),
        func.coalesce(ProgramLabel.program, "").label("program"),
        func.coalesce(ProgramLabel.model, "").label("model"),
    )
    .join(User, User.id == Comment.user_id)
    .outerjoin(ProgramLabel, is_labelled("comment", Comment.id))
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One place in a thread. `html` is trusted, and empty unless the comment is visible; `more` is set on the last
    entry of a thread that was cut and says how many replies are left out; `said_on_id` is the number of the write-up
    that it was said on, where it came along with that one.
    """

    id: int
    parent_id: int | None
    root_id: int
    depth: int
    user_id: int
    user_name: str
    created_at: datetime
    state: CommentState
    kind: str
    anchor: str
    html: Markup
    parent_name: str = ""
    more: int = 0
    said_on_id: int | None = None
    useful: int = 0  # members who marked it
    program: str = ""  # what wrote it for this person, and `model` what that said it runs
    model: str = ""
    edited_at: datetime | None = None
    revision_id: int | None = None  # what was live when it was said
    source: str = ""  # of evidence
    standing: Standing | None = None
    standing_reason: str = ""
    answer_id: int | None = None
    proposed_id: int | None = None

    @property
    def source_address(self) -> str:
        """Its source, where that is an address that may stand in a link."""
        return self.source if is_address(self.source) else ""


def entries_of(rows: Sequence[Row[Any]], *, order: dict[int, int] | None = None) -> list[Entry]:
    """Rows in reading order. `order` gives {id: depth} where it is known; else the rows are whole threads."""
    by_id = {row.id: row for row in rows}
    placed = order or dict(flatten((row.id, row.parent_id) for row in rows))
    html = _html_of(rows)
    entries = []
    for comment_id, depth in placed.items():
        row = by_id[comment_id]
        parent = by_id.get(row.parent_id)
        entries.append(
            Entry(
                id=row.id,
                parent_id=row.parent_id,
                root_id=row.root_id,
                depth=depth,
                user_id=row.user_id,
                user_name=row.user_name,
                created_at=row.created_at,
                state=row.state,
                kind=row.kind,
                anchor=row.anchor,
                html=html[comment_id],
                parent_name=parent.user_name if parent is not None and parent.state == CommentState.VISIBLE else "",
                said_on_id=row.said_on_id,
                useful=row.useful_count,
                edited_at=row.edited_at,
                revision_id=row.revision_id,
                standing=row.standing and Standing(row.standing),
                answer_id=row.answer_id,
                proposed_id=row.proposed_id,
                source=row.source or "",
                standing_reason=row.standing_reason or "",
                program=row.program,
                model=row.model,
            )
        )
    return entries


def _html_of(rows: Sequence[Row[Any]]) -> dict[int, Markup]:
    """The HTML of each row, made anew for this page where another renderer made the stored one."""
    stale = [row for row in rows if row.raw is not None]
    people = people_in(row.raw for row in stale)
    made = render_batch([("comment", row.raw) for row in stale], people=people)
    if not all(one.version for one in made):
        answer_once()
    fresh = {row.id: one.html for row, one in zip(stale, made, strict=True)}
    # The renderer made both kinds: nothing else writes the column, and a row without its version is rendered here.
    return {row.id: Markup(fresh.get(row.id, row.html)) for row in rows}  # noqa: S704
