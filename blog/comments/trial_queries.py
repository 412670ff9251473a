"""Trying a rule on what was said before it: how much it would have held, and of whom."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row, exists, literal, select
from sqlalchemy.orm import aliased, joinedload

from blog.accounts.models import User
from blog.comments.models import Comment, CommentState
from blog.comments.rule_checks import Facts, Rule, Sketch, alike, concerns, sketch_of
from blog.comments.rule_models import CommentRule, RuleKind
from blog.comments.rule_queries import MOST_RECENT, RECENT
from blog.comments.text_checks import outside_links
from blog.extensions import db
from blog.policy import MODERATORS

MOST = 10_000  # comments, the newest
LONGEST_SECONDS = 2.0  # of work; the rest is left out then, and the answer says how many were looked at
CHUNK = 500
EXAMPLES = 10


@dataclass
class Trial:
    """What a rule would have done. `since` is when the oldest comment that was looked at was said; `examples` are the
    numbers of the newest that it would have held.
    """

    looked: int = 0
    matched: int = 0
    writers: set[int] = field(default_factory=set)
    since: datetime | None = None
    examples: list[int] = field(default_factory=list)

    def note(self, row: Row[Any]) -> None:
        self.matched += 1
        self.writers.add(row.user_id)
        if len(self.examples) < EXAMPLES:
            self.examples.append(row.id)

    def as_json(self) -> dict[str, object]:
        return {
            "looked": self.looked,
            "matched": self.matched,
            "writers": len(self.writers),
            "since": self.since.isoformat() if self.since else "",
            "examples": self.examples,
        }


@dataclass(frozen=True)
class Example:
    """A comment with its writer and write-up; `html` is trusted."""

    comment: Comment
    html: Markup


def run_trial(rule: CommentRule) -> Trial:
    """Ask the rule at the newest comments, as it would have been asked when they were posted. Writes nothing."""
    asked = Rule(rule.id, RuleKind(rule.kind), rule.amount or 0, rule.words, rule.person_id)
    trial = Trial()
    rows = _newest(asked, trial, until=time.thread_time() + LONGEST_SECONDS)
    for row in _alike(asked, rows) if asked.kind == RuleKind.SIMILAR else filter(_judge(asked), rows):
        trial.note(row)
    trial.examples.sort(reverse=True)
    return trial


def examples_of(numbers: Sequence[int]) -> list[Example]:
    """These comments, as far as they still have words, the newest first."""
    wanted = select(Comment).where(Comment.id.in_(numbers), Comment.state != CommentState.WITHDRAWN)
    loaded = wanted.options(joinedload(Comment.user), joinedload(Comment.article)).order_by(Comment.id.desc())
    return [Example(one, Markup(one.html)) for one in db.session.scalars(loaded)]  # noqa: S704 - made by the renderer


def _newest(rule: Rule, trial: Trial, *, until: float) -> Iterator[Row[Any]]:
    before = None
    while trial.looked < MOST and time.thread_time() < until:
        wanted = _rows(rule).order_by(Comment.id.desc()).limit(min(CHUNK, MOST - trial.looked))
        rows = db.session.execute(wanted if before is None else wanted.where(Comment.id < before)).all()
        if not rows:
            return
        before, trial.since = rows[-1].id, rows[-1].created_at
        trial.looked += len(rows)
        yield from rows


def _rows(rule: Rule) -> Any:
    """What moderators said is left out, as it is when it is posted; and what its writer took back."""
    needs_text = rule.kind == RuleKind.WORDS
    needs_html = needs_text or rule.kind in {RuleKind.LINKS, RuleKind.SIMILAR}
    columns = (
        Comment.id,
        Comment.user_id,
        Comment.created_at,
        (Comment.text if needs_text else literal("")).label("text"),
        (Comment.html if needs_html else literal("")).label("html"),
        (_stood(rule.amount) if rule.kind == RuleKind.FIRST else literal(True)).label("stood"),
    )
    wanted = select(*columns).join(User, User.id == Comment.user_id)
    return wanted.where(Comment.state != CommentState.WITHDRAWN, User.role.not_in(MODERATORS))


def _stood(amount: int) -> Any:
    """Whether the writer had said so much before."""
    earlier = aliased(Comment)
    said = select(earlier.id).where(earlier.user_id == Comment.user_id, earlier.created_at < Comment.created_at)
    return exists(said.correlate(Comment).limit(1).offset(amount - 1))


def _judge(rule: Rule) -> Callable[[Row[Any]], bool]:
    def would_hold(row: Row[Any]) -> bool:
        return concerns(
            rule,
            Facts(
                user_id=row.user_id,
                text=row.text,
                html=row.html,
                links=outside_links(row.html),
                stands=lambda _: bool(row.stood),
                before=tuple,
            ),
        )

    return would_hold


def _alike(rule: Rule, rows: Iterator[Row[Any]]) -> Iterator[Row[Any]]:
    """Those of the rows, which come newest first, that resemble enough of what was said before them."""
    waiting: deque[tuple[Row[Any], Sketch, list[int]]] = deque()  # each with the numbers of those it resembles
    for row in rows:
        own = sketch_of(row.html)
        while waiting and (len(waiting) >= MOST_RECENT or waiting[0][0].created_at - row.created_at > RECENT):
            waiting.popleft()
        for later, sketch, found in waiting:
            if len(found) < rule.amount and alike(own, sketch):
                found.append(row.id)
                if len(found) == rule.amount:
                    yield later
        waiting.append((row, own, []))
