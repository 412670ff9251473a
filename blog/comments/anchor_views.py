"""What was said at one place of a write-up: a page of its own, and the same for a script that opens it in place."""

import re

from flask import redirect, render_template, request
from markupsafe import Markup, escape

from blog import policy
from blog.accounts.access import user_of_request
from blog.articles.models import Article, ArticleState
from blog.articles.queries import article_for, current_page
from blog.articles.reading import Reading
from blog.comments import anchor_queries, reading, thread_queries
from blog.comments.anchor_queries import BODY, Begun, Ground, Spot
from blog.comments.forms import CommentInput
from blog.comments.text_checks import ANCHOR, MAX_ANCHOR
from blog.comments.views import View, blueprint, wants_part
from blog.errors import NotFound
from blog.lib.pagination import Page, page_number

ROOTS = 20  # threads on a page of one place
_MARKS = re.compile(r' id="[^"]*"')


@blueprint.get("/postmortems/<slug>/on/<anchor>")
def on_place(slug: str, anchor: str) -> View:
    """The threads that were begun at a place, wherever it stood when they were, and the form for another one."""
    user = user_of_request()
    article = article_for(user, slug)
    ground = anchor_queries.live_ground(article) if article.state != ArticleState.DRAFT else None
    if ground is None or len(anchor) > MAX_ANCHOR or not ANCHOR.fullmatch(anchor):
        raise NotFound("There is no such place in this write-up.")
    begun = anchor_queries.threads_on(article)
    here = [(one, spot) for one, spot in begun if (spot.anchor or one.anchor) == anchor]
    text = ground.text_at(anchor)
    if text is None and not here:
        return _elsewhere(article, anchor, begun)
    roots = anchor_queries.roots_at(
        article, [one.id for one, _ in here], size=ROOTS, number=page_number(request.args.get("page"))
    )
    page = Page(page_number(request.args.get("page")), ROOTS, roots.total)
    if page.number > page.last:
        raise NotFound("The discussion of this place has no such page.")
    thread = thread_queries.page_of_threads(article.id, roots, page)
    given = CommentInput(anchor=anchor, revision=str(article.live_revision_id))
    return render_template(
        "comments/_place.html" if wants_part() else "comments/place.html",
        article=article,
        anchor=anchor,
        quote=_html_of(article, ground, anchor) if text is not None else None,
        was=next((spot.was for _, spot in here), ""),
        thread=thread,
        count=sum(one.count for one, _ in here),
        shown=reading.shower(user, article, thread.entries),
        form=reading.form_html(article, given=given) if text is not None and policy.can_comment(user, article) else "",
        user=user,
    )


def _elsewhere(article: Article, anchor: str, begun: list[tuple[Begun, Spot]]) -> View:
    """A place that has another name since its words were changed: where it is now."""
    moved = next((spot.anchor for one, spot in begun if one.anchor == anchor and spot.anchor), None)
    if moved is None:
        raise NotFound("There is no such place in this write-up.")
    return redirect(f"/postmortems/{article.slug}/on/{moved}", code=302)


def _html_of(article: Article, ground: Ground, anchor: str) -> Markup:
    """The place as readers see it: trusted HTML."""
    if anchor.startswith(BODY):
        passage = next(one for one in ground.passages if one.name == anchor.removeprefix(BODY))
        own = ground.html[ground.html.index(">", passage.begins) + 1 : passage.ends]
        return Markup(_MARKS.sub("", own))  # noqa: S704 - made by the renderer; its ids stand on another page
    text = ground.text_at(anchor) or ""
    return Reading(current_page(article)).html(anchor, text) if "." in anchor else escape(text)
