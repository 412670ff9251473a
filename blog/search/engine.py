"""The search engine's contract: what goes in, what comes out, and the one error every engine may raise."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from blog.search.language import Query

PUBLIC = "public"
FACETS = ("tag", "service", "organisation", "year", "kind", "severity", "status")
MAX_DEPTH = 1000  # rows; nobody reads further, and robots that try must not make the server sort everything
FEW_HITS = 5  # fewer write-ups than this with all words, and any of the words is tried

Sort = Literal["relevance", "newest", "oldest"]


class IndexUnavailable(Exception):
    """The index is missing, broken, made by another version, or being written by somebody else.

    The message is one plain sentence for an operator. Pages show "search is being rebuilt" and go on.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDocument:
    """A write-up or a comment as the engine sees it, all of it plain text.

    `key` is "pm:<id>" or "c:<id>"; a comment's `parent` is the key of its write-up, and it is found only while
    that write-up is in the index and visible too. Facets are slugs, and are read from the write-up alone, so a
    comment carries none. Times are whole UTC seconds; `created_at` is what `after:` and `before:` compare. `kept` is of
    write-ups alone, not searched, and given back by `SearchEngine.kept`.
    """

    key: str
    kind: Literal["article", "comment"]
    title: str = ""
    summary: str = ""
    body: str = ""
    extra: str = ""
    parent: str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    incident_kinds: tuple[str, ...] = ()
    year: int | None = None
    created_at: int = 0
    updated_at: int = 0
    audience: str = PUBLIC
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Put:
    """Add the document, or replace the one with its key."""

    document: SearchDocument

    @property
    def key(self) -> str:
        return self.document.key


@dataclass(frozen=True, slots=True)
class Delete:
    """Forget the document; an unknown key is no error."""

    key: str


Operation = Put | Delete


class Row(NamedTuple):
    """One write-up found: by its own text, by that of its comments, or both."""

    key: str
    score: float
    matched: bool  # the write-up itself has the words
    comments: tuple[str, ...]  # keys of matching comments, best first, at most MAX_ROW_COMMENTS
    comment_count: int  # all of them


MAX_ROW_COMMENTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """One page of results. `total` counts write-ups, not documents."""

    total: int = 0
    rows: tuple[Row, ...] = ()
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # facet -> slug -> write-ups, the most first
    any_word: bool = False  # too few had all the words, so these have some of them
    suggestions: tuple[str, ...] = ()  # whole queries to try instead; only when no write-up has all the words
    notes: tuple[str, ...] = ()  # what the engine left out, in words for the reader
    cut_short: bool = False  # the time limit was reached: total and facets are a lower bound
    generation: Hashable = None  # of the index; another whenever any document changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What `search status` and `search check` report. `documents` counts live ones, `mark` is -1 when unknown."""

    openable: bool
    documents: int = 0
    articles: int = 0
    deleted: int = 0  # replaced or removed documents that still take room until a rebuild
    mark: int = -1
    locked: bool = False  # somebody writes at this moment
    problems: tuple[str, ...] = ()


class SearchEngine(Protocol):
    """One index of articles and comments. Safe to share between threads.

    Every method but `check` raises IndexUnavailable and nothing else.
    """

    def apply(self, batch: Sequence[Operation], mark: int) -> None:
        """Do the batch in one commit; of several operations on one key only the last counts.

        `mark` is the last outbox row the batch covers. It is stored in the same commit, so after a crash
        `mark()` tells exactly which rows are missing.
        """
        ...

    def mark(self) -> int:
        """Give the mark of the last commit, 0 for an index that never had one."""
        ...

    def search(
        self,
        query: Query,
        *,
        filters: Mapping[str, Sequence[str]] | None = None,
        sort: Sort = "relevance",
        page: int = 1,
        per_page: int = 20,
        audiences: frozenset[str] = frozenset({PUBLIC}),
    ) -> Hits:
        """Find write-ups. Values of one filter are alternatives; different filters must all hold.

        An empty `audiences` finds nothing. Rows deeper than MAX_DEPTH are never returned.
        """
        ...

    def kept(self, keys: Sequence[str]) -> Mapping[str, str]:
        """Give what was kept of these write-ups; an engine may leave out any of them."""
        ...

    def similar(
        self, document: SearchDocument, *, limit: int = 5, audiences: frozenset[str] = frozenset({PUBLIC})
    ) -> tuple[Row, ...]:
        """Find write-ups about the same things as the document, best first, never the document itself."""
        ...

    def all_keys(self) -> frozenset[str]:
        """Give the key of every document there is, to compare with the database."""
        ...

    def check(self, *, deep: bool = False) -> Status:
        """Look at the index without changing it; `deep` reads every posting of it. Never raises."""
        ...

    def rebuild(self, documents: Iterable[SearchDocument], mark: int) -> int:
        """Build a new index beside the present one, switch to it, and give its number of documents.

        Searches go on meanwhile, and batches applied meanwhile are in the new index too, provided `documents`
        reads the database lazily, after this call began.
        """
        ...

    def close(self) -> None:
        """Close what is open; the next call opens it again."""
        ...
