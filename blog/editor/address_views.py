"""The page of a write-up's address: another slug, merging it into another write-up, undoing that."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog import policy
from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.articles import address_queries, addresses, queries
from blog.articles.models import Article
from blog.comments import merging
from blog.editor.desk_views import editor
from blog.errors import Conflict, Fault, HindsightError, Invalid, NotAllowed, NotFound
from blog.extensions import db
from blog.lib.database import writing
from blog.search.engine import IndexUnavailable
from blog.search.engines import current_engine
from blog.search.queries import similar_to


@dataclass
class Address:
    """What the page shows: `other` is the write-up that was named to merge into, `near` those it may be."""

    article: Article
    former: list[str]
    merged: list[address_queries.Merged]
    into: Article | None = None
    reason: str = ""
    other: Article | None = None
    near: list[Article] = field(default_factory=list)


@editor.get("/articles/<int:article_id>/address")
def address(article_id: int) -> ResponseReturnValue:
    return _page(article_id, named=request.args.get("into", ""))


@editor.post("/articles/<int:article_id>/address")
def change_address(article_id: int) -> ResponseReturnValue:
    def change(user: User, article: Article) -> tuple[str, str]:
        addresses.change_slug(actor=user, article=article, slug=_typed("slug"))
        words = f"It stands at /postmortems/{article.slug} now. The address before leads there, for ever."
        return words, url_for("editor.address", article_id=article.id)

    return _change(article_id, change)


@editor.post("/articles/<int:article_id>/merge")
def merge(article_id: int) -> ResponseReturnValue:
    def change(user: User, article: Article) -> tuple[str, str]:
        into = _named(user, _typed("into"))
        merging.merge(actor=user, article=article, into=into, reason=_typed("reason"))
        words = (
            f"Merged. “{article.title}” leads here now, with its comments. At the foot of this page it can be undone."
        )
        return words, f"/postmortems/{into.slug}"

    return _change(article_id, change)


@editor.post("/articles/<int:article_id>/unmerge")
def undo_merge(article_id: int) -> ResponseReturnValue:
    def change(user: User, article: Article) -> tuple[str, str]:
        merging.undo_merge(actor=user, article=article, reason=_typed("reason"))
        return "Undone. It stands at its own address again, with its comments.", f"/postmortems/{article.slug}"

    return _change(article_id, change)


def _typed(name: str) -> str:
    return request.form.get(name, "").strip()


def _change(article_id: int, change: Callable[[User, Article], tuple[str, str]]) -> ResponseReturnValue:
    """Make the change in one transaction; it gives what to say, and where to go then."""
    try:
        with writing(db.session):
            user = signed_in()
            said, target = change(user, queries.article_by_id(user, article_id))
    except (Invalid, Conflict) as error:
        return _page(article_id, named=_typed("into"), error=error)
    flash(said, "ok")
    return redirect(target, code=303)


def _named(user: User, named: str) -> Article:
    """The write-up that was meant: by slug, number, path, or whole address. Raises `Invalid` at path `into`."""
    try:
        path = urlsplit(named).path.rstrip("/")
        return queries.find_article(user, path.rpartition("/postmortems/")[2].partition("/")[0].lower())
    except (NotFound, ValueError) as error:
        raise Invalid([Fault("into", "there is no write-up at this address; copy it from its page")]) from error


def _page(article_id: int, *, named: str = "", error: HindsightError | None = None) -> ResponseReturnValue:
    user = signed_in()
    article = queries.article_by_id(user, article_id)
    if not any(may(user, article) for may in (policy.can_change_address, policy.can_merge, policy.can_undo_merge)):
        raise NotAllowed("Its authors change the address of a draft; reviewers also merge what is published.")
    shown = Address(article, address_queries.former_slugs_of(article), address_queries.merged_into(article))
    if merged := address_queries.merge_of(article):
        shown.into, shown.reason = db.session.get_one(Article, merged.into_id), merged.reason
    if named:
        try:
            shown.other = _mergeable(user, article, named)
        except Invalid as refusal:
            error = error or refusal
    elif policy.can_merge(user, article):
        shown.near = _near(user, article)
    page = render_template("editor/address.html", shown=shown, named=named, **_complaint(error))
    return make_response(page, error.status if error else 200)


def _mergeable(user: User, article: Article, named: str) -> Article:
    other = _named(user, named)
    merging.require_mergeable(actor=user, article=article, into=other)
    return other


def _near(user: User, article: Article) -> list[Article]:
    """Write-ups about the same things; none while the search has no index."""
    try:
        return similar_to(user, current_engine(), article)
    except IndexUnavailable:
        return []


def _complaint(error: HindsightError | None) -> dict[str, Any]:
    """What went wrong, by field, and what was typed into it."""
    names = ("slug", "into", "reason")
    faults = {name: error.at(name) if isinstance(error, Invalid) else [] for name in names}
    problem = error.message if isinstance(error, Conflict) else ""
    return {"faults": faults, "typed": {name: request.form.get(name, "") for name in names}, "problem": problem}
