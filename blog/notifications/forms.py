"""What can be followed, read from an address or a form: the page that asks, and the deed, name it the same way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from blog.accounts.models import User
from blog.articles.address_queries import standing, tree_of
from blog.articles.models import ArticleState
from blog.articles.queries import article_by_id
from blog.comments.queries import comment_for
from blog.errors import NotFound
from blog.lib.row_numbers import row_number
from blog.notifications.models import FollowKind
from blog.notifications.queries import search_words, thread_words
from blog.taxonomy.queries import term_named

NOT_THERE = "There is nothing here to follow."
NOT_OF_A_SEARCH = {"of", "page", "sort", "csrf_token", "pace", "once"}
MAX_VALUES = 30  # of a search's address


@dataclass(frozen=True)
class Target:
    """`subject_ids` begins with the one that a new follow names; `address` is where it stands, `fields` name it in a
    form.
    """

    kind: FollowKind
    name: str
    address: str
    fields: Sequence[tuple[str, str]]
    subject_ids: Sequence[int] = (0,)
    query: str = ""

    @property
    def arguments(self) -> str:
        """The same in an address."""
        return urlencode(self.fields)


def read_target(user: User, given: Mapping[str, Sequence[str]]) -> Target:
    """From `of` (article, thread, tag or search) and its `id`; a search has its own fields. Raises `NotFound` for what
    is not there, or may not be seen by this person.
    """
    kind = next(iter(given.get("of", ())), "")
    named = next(iter(given.get("id", ())), "")
    if kind == FollowKind.TAG:
        tag = term_named("tag", named)
        return Target(FollowKind.TAG, tag.name, f"/tags/{tag.slug}", [("of", kind), ("id", tag.slug)], (tag.id,))
    if kind == FollowKind.SEARCH:
        return _search(given)
    number = row_number(named)
    if number is None or kind not in (FollowKind.ARTICLE, FollowKind.THREAD):
        raise NotFound(NOT_THERE)
    return _article(user, number) if kind == FollowKind.ARTICLE else _thread(user, number)


def _article(user: User, number: int) -> Target:
    article = standing(article_by_id(user, number))
    if article.state == ArticleState.DRAFT:
        raise NotFound(NOT_THERE)
    others = sorted(tree_of(article.id) - {article.id})
    fields = [("of", "article"), ("id", str(article.id))]
    return Target(FollowKind.ARTICLE, article.title, f"/postmortems/{article.slug}", fields, (article.id, *others))


def _thread(user: User, number: int) -> Target:
    comment = comment_for(user, number)
    root = comment.root_id or comment.id
    fields = [("of", "thread"), ("id", str(root))]
    return Target(FollowKind.THREAD, thread_words(root), f"/comments/{root}", fields, (root,))


def _search(given: Mapping[str, Sequence[str]]) -> Target:
    pairs = [
        (name, value) for name, values in given.items() if name not in NOT_OF_A_SEARCH for value in values if value
    ]
    query = urlencode(sorted(pairs[:MAX_VALUES]))
    if not pairs:
        raise NotFound(NOT_THERE)
    return Target(FollowKind.SEARCH, search_words(query), f"/search?{query}", [("of", "search"), *pairs], query=query)
