"""What the page of a write-up shows of its discussion beside the text: a quiet count at each place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from flask import current_app
from markupsafe import Markup

from blog import policy
from blog.accounts.models import User
from blog.articles.models import Article
from blog.comments.anchor_queries import BODY, Spot, spots_of_entries, threads_on
from blog.comments.entry_queries import Entry
from blog.comments.models import CommentKind, CommentState
from blog.comments.standing_queries import live_with, writers_of
from blog.lib.passages import passages_of, with_marks


class Beside(NamedTuple):
    """What stands beside a comment: the `spot` it is about, whether this reader `may_settle` it, whether it `is_answer`
    to a question, the question it `could_answer`, and the number of the live revision it was put into.
    """

    spot: Spot | None = None
    may_settle: bool = False
    is_answer: bool = False
    could_answer: int | None = None
    live_in: int | None = None


@dataclass(frozen=True)
class Talk:
    """What was said at the places of one write-up: how many comments at each. Who `may_comment` can begin there."""

    slug: str
    counts: Mapping[str, int]
    may_comment: bool

    def mark(self, anchor: str, what: str) -> Markup:
        """The count beside a place, which leads to its thread; nothing where nobody spoke and the reader may not."""
        count = self.counts.get(anchor, 0)
        if not (count or self.may_comment):
            return Markup("")
        return Markup(self._macro(self.slug, anchor, what, count))  # noqa: S704 - the template escapes

    def body(self, html: Markup) -> Markup:
        """The body with a mark at each of its passages."""
        prefix = BODY.replace(".", "-")
        return with_marks(
            html, passages_of(html), prefix=prefix, mark=lambda one: self.mark(BODY + one.name, "passage")
        )

    @cached_property
    def _macro(self) -> Any:
        return current_app.jinja_env.get_template("comments/_mark.html").module.mark  # type: ignore[attr-defined]


def talk_of(user: User | None, article: Article) -> Talk:
    """What was said at the places of a write-up."""
    counts: dict[str, int] = {}
    for begun, spot in threads_on(article):
        if spot.anchor:
            counts[spot.anchor] = counts.get(spot.anchor, 0) + begun.count
    return Talk(article.slug, counts, policy.can_comment(user, article))


def beside(user: User | None, article: Article, entries: Sequence[Entry]) -> dict[int, Beside]:
    """What stands beside each of these comments, by number. No statement where nothing does."""
    spots = spots_of_entries(article, entries)
    settled = [one for one in entries if one.standing is not None and one.state == CommentState.VISIBLE]
    writers = writers_of(article) if user is not None and settled else set()
    may = {one.id for one in settled if policy.can_settle_comment(user, one, article, writers)}
    answers = {one.answer_id for one in settled if one.answer_id}
    open_questions = {one.id for one in settled if one.id in may and one.kind == CommentKind.QUESTION}
    live = live_with(article) if any(one.proposed_id for one in settled) else {}
    return {
        one.id: Beside(
            spot=spots.get(one.id),
            may_settle=one.id in may,
            is_answer=one.id in answers,
            could_answer=one.root_id if _could_answer(one, open_questions, answers) else None,
            live_in=live.get(one.proposed_id) if one.proposed_id else None,
        )
        for one in entries
    }


def _could_answer(entry: Entry, open_questions: set[int], answers: set[int]) -> bool:
    is_reply = entry.root_id in open_questions and entry.id != entry.root_id and entry.id not in answers
    return is_reply and entry.state == CommentState.VISIBLE
