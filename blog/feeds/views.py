"""The addresses of feeds: everything, and each tag, as Atom and as JSON Feed."""

from collections.abc import Callable

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from blog.accounts.keeping import kept_answer
from blog.feeds import feed_atom, feed_json, queries
from blog.feeds.feed_entries import Feed, make_feed
from blog.journal.reactions import WRITE_UPS
from blog.settings import current_settings
from blog.taxonomy.queries import term_named

blueprint = Blueprint("feeds", __name__)

KEPT_SECONDS = 300  # what is retired is gone from every cache within five minutes
Write = Callable[[Feed], str]


@blueprint.get("/feed.atom")
def atom() -> AnyResponse:
    return _answer("/feed.atom", feed_atom.atom, feed_atom.CONTENT_TYPE)


@blueprint.get("/feed.json")
def json_feed() -> AnyResponse:
    return _answer("/feed.json", feed_json.json_feed, feed_json.CONTENT_TYPE)


@blueprint.get("/tags/<slug>/feed.atom")
def tag_atom(slug: str) -> AnyResponse:
    return _answer("/feed.atom", feed_atom.atom, feed_atom.CONTENT_TYPE, tag=slug)


@blueprint.get("/tags/<slug>/feed.json")
def tag_json(slug: str) -> AnyResponse:
    return _answer("/feed.json", feed_json.json_feed, feed_json.CONTENT_TYPE, tag=slug)


def _answer(ending: str, write: Write, content_type: str, *, tag: str | None = None) -> AnyResponse:
    def make() -> AnyResponse:
        if tag is None:
            feed = _feed(home="/", address=ending)
        else:
            term = term_named("tag", tag)
            if term.slug != tag:
                return redirect(f"/tags/{term.slug}{ending}", code=301)
            feed = _feed(home=f"/tags/{tag}", address=f"/tags/{tag}{ending}", tag=tag, name=term.name)
        return Response(write(feed), content_type=content_type)

    response = kept_answer((WRITE_UPS,), make, modified_at=queries.changed_at(), is_public=True)
    if response.status_code in (200, 304):
        response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return response


def _feed(*, home: str, address: str, tag: str | None = None, name: str = "") -> Feed:
    settings = current_settings()
    return make_feed(
        queries.entries(tag=tag),
        title=f"{name} · {settings.site_name}" if name else settings.site_name,
        site_name=settings.site_name,
        site_url=settings.site_url,
        home=home,
        address=address,
    )
