"""What the page of a review shows: where the revision stands for who looks, and its text with what was said of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from blog import policy
from blog.accounts.models import User
from blog.articles import queries
from blog.articles.comparing import Comparison, FieldChange
from blog.articles.lifecycle import approvers
from blog.articles.models import Article, Review, Revision, Verdict
from blog.editor.lines import Line, fields_in, lines_of
from blog.editor.remark_queries import Thread
from blog.settings import current_settings

Show = Literal["changes", "all"]
SHOWS: tuple[Show, ...] = get_args(Show)


@dataclass(frozen=True)
class Standing:
    """Where a revision stands, and what this person may do with it. `reviews` hold all verdicts on it, `counting` the
    people whose approval counts.
    """

    revision: Revision
    article: Article
    user: User
    author_ids: set[int]
    reviews: list[Review]
    counting: Collection[int]
    required: int

    @property
    def approvals(self) -> int:
        return len(self.counting)

    @property
    def can_review(self) -> bool:
        return policy.can_review(self.user, self.revision, self.author_ids)

    @property
    def has_approved(self) -> bool:
        """Whether this person vouches for it already."""
        return self.user.id in self.counting

    @property
    def would_suffice(self) -> bool:
        """Whether this person's approval is the last one needed."""
        return self.can_review and len({*self.counting, self.user.id}) >= self.required

    @property
    def can_publish(self) -> bool:
        return policy.can_publish(self.user, self.revision) and self.approvals >= self.required

    @property
    def can_recall(self) -> bool:
        return policy.can_recall(self.user, self.revision, self.article, self.author_ids)

    @property
    def can_unschedule(self) -> bool:
        return policy.can_unschedule(self.user, self.revision, self.author_ids)

    @property
    def wrote_it(self) -> bool:
        return self.user.id in self.author_ids

    @property
    def is_live(self) -> bool:
        return self.article.live_revision_id == self.revision.id

    @property
    def approved_by(self) -> list[tuple[Review, bool]]:
        """Each approval, with whether it counts: that of somebody who may review no more does not."""
        given = (one for one in self.reviews if one.verdict == Verdict.APPROVED)
        return [(one, one.reviewer_id in self.counting) for one in given]


def standing_of(user: User, revision: Revision) -> Standing:
    """Where a revision that was loaded with its article stands."""
    author_ids = queries.author_ids(revision)
    return Standing(
        revision=revision,
        article=revision.article,
        user=user,
        author_ids=author_ids,
        reviews=queries.reviews_with_names(revision),
        counting=approvers(revision, queries.reviews_of(revision), author_ids),
        required=current_settings().approvals_required,
    )


@dataclass(frozen=True)
class ReviewText:
    """A text line by line with the remarks on it: `changes` against the live one, or `all` of it."""

    comparison: Comparison
    show: Show
    threads: Sequence[Thread]

    @property
    def is_whole(self) -> bool:
        return self.show == "all"

    @property
    def open_threads(self) -> list[Thread]:
        return [one for one in self.threads if one.is_open]

    @cached_property
    def elsewhere(self) -> list[Thread]:
        """Those whose line is not shown here, or is no more."""
        return [one for one in self.threads if self.is_elsewhere(one)]

    def lines(self, field: FieldChange) -> list[Line]:
        return self._lines[field.path]

    def threads_at(self, line: Line) -> list[Thread]:
        return self._shown.get(line.anchor, []) if line.number else []

    def is_elsewhere(self, thread: Thread) -> bool:
        return thread.anchor not in self._shown

    @cached_property
    def _lines(self) -> dict[str, list[Line]]:
        return {field.path: lines_of(field) for field in fields_in(self.comparison)}

    @cached_property
    def _shown(self) -> dict[str, list[Thread]]:
        """The threads of every line that is shown, by its anchor."""
        shown: dict[str, list[Thread]] = {}
        for line in (line for lines in self._lines.values() for line in lines if line.number):
            shown[line.anchor] = []
        for thread in self.threads:
            if thread.line and thread.anchor in shown:
                shown[thread.anchor].append(thread)
        return shown
