"""What the page of a write-up shows beside the document itself: trusted HTML, contents, claims with their answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup, escape

from blog.articles.document import Claim, Document, Incident, TimelineRow
from blog.articles.queries import ArticlePage
from blog.articles.time_bar import TimeBar, draw
from blog.articles.vocabulary import Stance
from blog.articles.wording import duration_words
from blog.lib.moment import duration_between

CONTENTS_LEVELS = (2, 3)  # deeper headings make a list longer than it helps


@dataclass(frozen=True)
class ClaimThread:
    """A claim and everything said about it, in the order of the document. `answers` are (claim, the claim it is
    toward): an answer may itself be answered.
    """

    claim: Claim
    answers: list[tuple[Claim, Claim]]

    @property
    def disputed_by(self) -> list[str]:
        """Who disputes the claim itself, each once."""
        names = (one.claimant for one, other in self.answers if other == self.claim and one.stance is Stance.DISPUTES)
        return list(dict.fromkeys(names))


@dataclass(frozen=True)
class Entry:
    """A line of the contents list."""

    level: int
    address: str
    words: str


@dataclass(frozen=True)
class Reading:
    """One revision, ready to be shown."""

    page: ArticlePage

    @property
    def document(self) -> Document:
        return self.page.document

    def html(self, key: str, text: str) -> Markup:
        """The rendered HTML of a row (`claims.c1`), or its raw text, escaped, where none was made. This and `body` are
        the only places where stored HTML becomes trusted by templates.
        """
        rendered = self.page.rendered.get("rows", {}).get(key)
        return escape(text) if rendered is None else Markup(rendered)  # noqa: S704 - made by the renderer

    @property
    def body(self) -> Markup:
        return Markup(self.page.rendered["html"])  # noqa: S704 - made by the renderer

    @cached_property
    def bars(self) -> list[tuple[Incident, TimeBar]]:
        """Each incident with its drawing."""
        return [(incident, draw(incident.times)) for incident in self.document.incidents]

    @cached_property
    def threads(self) -> list[ClaimThread]:
        return claim_threads(self.document.claims)

    @property
    def disputed(self) -> int:
        """How many first claims are disputed by somebody."""
        return sum(bool(thread.disputed_by) for thread in self.threads)

    @cached_property
    def source_numbers(self) -> Mapping[str | None, int]:
        return {source.id: number for number, source in enumerate(self.document.sources, start=1)}

    @property
    def has_permissions(self) -> bool:
        return any(incident.permissions or incident.ai for incident in self.document.incidents)

    def since_start(self, row: TimelineRow) -> str:
        """How long after the start of the first incident: `+2 h 15 min`; empty where either time is vague."""
        started = self.document.incidents[0].times.started if self.document.incidents else None
        if started is None or row.at is None or started.is_vague or row.at.is_vague:
            return ""
        elapsed = duration_between(started, row.at)
        return f"+{duration_words(elapsed)}" if elapsed and elapsed.shortest else ""

    def contents(self, *, comments: int | None = None) -> list[Entry]:
        """The headings of the body, then the sections the document has; with a count, the thread below."""
        toc: Sequence[Sequence[Any]] = self.page.rendered.get("toc", [])
        entries = [Entry(level, f"#{name}", words) for level, name, words in toc if level in CONTENTS_LEVELS]
        document = self.document
        sections = (
            ("timeline", "Timeline", document.timeline),
            ("claims", "Who says what", document.claims),
            ("permissions", "Permissions", self.has_permissions),
            ("actions", "Actions", document.actions),
            ("sources", "Sources", document.sources),
            ("related", "Related", document.relations),
        )
        entries += [Entry(2, f"#{name}", words) for name, words, given in sections if given]
        if comments is not None:
            entries.append(Entry(2, "#comments", f"Comments ({comments})"))
        return entries


def claim_threads(claims: Sequence[Claim]) -> list[ClaimThread]:
    """Claims grouped under the first one each answers, in document order. Claims that answer each other in a circle
    have no first one; the earliest of them stands in for it.
    """
    by_id = {claim.id: claim for claim in claims}
    groups: dict[str | None, list[tuple[Claim, Claim]]] = {}
    for claim in claims:
        first = _first(claim, by_id)
        answers = groups.setdefault(first, [])
        if claim.id != first:
            answers.append((claim, by_id[claim.toward]))
    order = [claim.id for claim in claims if claim.id in groups]
    return [ClaimThread(by_id[first], groups[first]) for first in order]


def _first(claim: Claim, by_id: Mapping[str | None, Claim]) -> str | None:
    path: list[str | None] = []
    while claim.toward is not None and claim.id not in path:
        path.append(claim.id)
        claim = by_id[claim.toward]
    if claim.id not in path:
        return claim.id
    circle = set(path[path.index(claim.id) :])
    return next(name for name in by_id if name in circle)
