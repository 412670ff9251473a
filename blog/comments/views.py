"""The pages and forms of comments: posting, replying, preview, permalinks, withdrawing, one long thread."""

from dataclasses import replace

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from blog import policy
from blog.accounts.access import signed_in, user_of_request
from blog.accounts.models import User
from blog.articles.address_queries import article_at
from blog.articles.models import Article
from blog.articles.queries import article_for, find_article
from blog.comments import changes, queries, reading, text_checks, thread_queries
from blog.comments.entry_queries import Entry
from blog.comments.forms import CommentInput
from blog.comments.hold_views import sent_form, waiting_page
from blog.comments.mention_queries import people_in
from blog.comments.models import Comment, CommentState
from blog.comments.order_queries import Order, read_order
from blog.errors import Busy, Conflict, HindsightError, Invalid, Moved, NotAllowed, TooMany
from blog.extensions import db, limiter
from blog.journal import once_changes
from blog.journal.models import KeptAnswer
from blog.lib import clock
from blog.lib.database import end_reading, writing
from blog.lib.once import once_of_form
from blog.lib.pagination import page_number
from blog.lib.row_numbers import MAX_ROW_NUMBER, row_number
from blog.settings import current_settings

blueprint = Blueprint("comments", __name__)

View = str | Response
COMMENT = f"<int(min=1, max={MAX_ROW_NUMBER}):comment_id>"  # a larger number would not fit the database


def person_of_request() -> str:
    user = user_of_request()
    return f"person {user.id}" if user else "nobody"


def preview_rates() -> str:
    return current_settings().preview_rates


@blueprint.post("/postmortems/<slug>/comments")
def post_comment(slug: str) -> View:
    user = signed_in()
    given = CommentInput.read(request.form)
    try:
        article = article_for(user, slug)
        sent = sent_form(user)
        parent_id = given.parent_number
        people = people_in([given.text])
        end_reading(db.session)
        prepared = text_checks.prepare(given.text, people=people)
        said = (given.text, given.parent_id, given.anchor, given.kind, given.source)
        once = once_of_form(user.id, given.once, *said)
        with writing(db.session):
            if kept := once_changes.answered(once):
                return _sent_again(user, kept)
            queries.read_anew(user, article)
            comment = changes.post_comment(
                actor=user,
                traps=sent.traps(),
                article=article,
                text=prepared,
                parent_id=parent_id,
                anchor=given.anchor,
                kind=given.kind,
                source=given.source,
                revision_id=row_number(given.revision),
            )
            once_changes.keep(once, status=303, location=url_for("comments.permalink", comment_id=comment.id))
    except Moved:
        return _form_of_merged(user, slug, given)
    except (Invalid, Conflict, TooMany, Busy) as refusal:
        return _form_again(article, given, refusal)
    return changed_entry(user, comment, status=201)


def _form_of_merged(user: User, slug: str, given: CommentInput) -> Response:
    """Words for a write-up that stands in another one by now: the form again, to be sent there. They are about another
    document, so they lose their row. Raises `Moved` where only the address is another.
    """
    article = find_article(user, slug)
    if article_at(slug) is article:
        raise Moved(article.slug)
    told = (
        f"This was merged into “{article.title}”, where its discussion goes on. Your words are kept: send them there."
    )
    return _form_again(article, replace(given, anchor=""), Conflict(told))


@blueprint.post("/comments/preview")
@limiter.limit(preview_rates, key_func=person_of_request)  # each one is work for the renderer
def preview() -> View:
    """A text as it would look. `article` is the slug to post it to; without it there is only the look."""
    user = signed_in()
    given = CommentInput.read(request.form)
    slug = request.form.get("article", "")
    article = find_article(user, slug) if slug else None
    editing = queries.own_comment(user, row_number(request.form.get("editing", "")))
    try:
        prepared = text_checks.prepare(given.text, people=people_in([given.text]))
    except Invalid as refusal:
        if article is not None:
            return _form_again(article, given, refusal, editing=editing)
        raise
    html = Markup(prepared.html)  # noqa: S704 - made by the renderer
    shown = reading.comment_html(user=user.name, at=clock.now(), text=html)
    if wants_part():
        return render_template("comments/_preview.html", shown=shown, told=prepared.told)
    form = (
        reading.form_html(article, given=given, preview=shown, told=prepared.told, editing=editing)
        if article is not None
        else shown
    )
    return render_template("comments/form.html", article=article, form=form, heading="Preview", parent=None)


@blueprint.get(f"/comments/{COMMENT}")
def permalink(comment_id: int) -> View:
    user = user_of_request()
    comment = queries.comment_for(user, comment_id)
    if user is not None and comment.state == CommentState.HELD:
        return waiting_page(user, comment)
    if user is not None and comment.is_unseen and not queries.is_answered(comment.id):  # it has no place in the thread
        if user.id == comment.user_id:
            return redirect(url_for("moderation.own_comments"), code=302)
        return redirect(url_for("moderation.comment", comment_id=comment.id), code=302)
    order = read_order(request.args.get("order"))
    place = thread_queries.place_of(comment, order)
    page = place.number if place.number > 1 else None
    if place.root_id is not None:
        address = url_for("comments.thread", comment_id=place.root_id, page=page)
    else:
        named = order if order != Order.OLDEST else None
        address = url_for("articles.show", slug=comment.article.slug, order=named, page=page)
    return redirect(f"{address}#comment-{comment.id}", code=302)


@blueprint.get(f"/comments/{COMMENT}/thread")
def thread(comment_id: int) -> View:
    """One thread alone, whole: where a very long one goes on."""
    user = user_of_request()
    root = queries.comment_for(user, comment_id, or_its_place=True)
    if root.parent_id is not None:
        return redirect(url_for("comments.thread", comment_id=root.root_id), code=302)
    found = thread_queries.long_thread(user, root, page_number(request.args.get("page")))
    if not found.entries:  # it waits, and nobody answered it
        alone = queries.comment_for(user, comment_id)
        return redirect(url_for("comments.permalink", comment_id=alone.id), code=302)
    return render_template(
        "comments/thread.html",
        article=root.article,
        root=root,
        thread=found,
        shown=reading.shower(user, root.article, found.entries),
    )


@blueprint.get(f"/comments/{COMMENT}/reply")
def reply(comment_id: int) -> View:
    user = signed_in()
    comment = queries.comment_for(user, comment_id)
    if not policy.can_comment(user, comment.article):
        raise NotAllowed("This discussion takes no more comments.")
    if comment.state != CommentState.VISIBLE:
        raise Invalid("The comment you want to answer was hidden or withdrawn, so it takes no replies.")
    form = reading.form_html(comment.article, given=CommentInput(parent_id=str(comment.id)))
    if wants_part():
        return form
    entry = thread_queries.entry_of(comment)
    return _form_page(comment.article, form, f"Reply to {entry.user_name}", parent=entry)


@blueprint.post(f"/comments/{COMMENT}/withdraw")
def withdraw(comment_id: int) -> View:
    user = signed_in()
    with writing(db.session):
        comment = queries.comment_for(user, comment_id)
        changes.withdraw(actor=user, comment=comment)
    return changed_entry(user, comment)


def _sent_again(user: User, kept: KeptAnswer) -> View:
    """The comment that the same form made before."""
    comment = queries.comment_for(user, int(kept.location.rpartition("/")[2]))
    return changed_entry(user, comment, status=201)


def wants_part() -> bool:
    """Whether a script asks for a piece of a page; a browser without it gets whole pages."""
    return request.headers.get("X-Requested-With") == "fetch"


def changed_entry(user: User, comment: Comment, *, status: int = 200) -> View:
    address = url_for("comments.permalink", comment_id=comment.id)
    if not wants_part():
        return redirect(address, code=303)
    fresh = queries.comment_for(user, comment.id)
    response = make_response(reading.entry_html(user, fresh.article, thread_queries.entry_of(fresh)), status)
    response.headers["Location"] = address
    return response


def _form_again(
    article: Article, given: CommentInput, refusal: HindsightError, *, editing: Comment | None = None
) -> Response:
    """The form with what was typed and why it was refused: alone for a script, on a page of its own without one."""
    form = reading.form_html(article, given=given, refusal=refusal, editing=editing)
    heading = "Your reply" if given.parent_id else "Your comment"
    response = make_response(form if wants_part() else _form_page(article, form, heading), refusal.status)
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.retry_after_seconds)
    if isinstance(refusal, Busy):
        response.headers["Retry-After"] = "5"
    return response


def _form_page(article: Article, form: Markup, heading: str, *, parent: Entry | None = None) -> str:
    return render_template("comments/form.html", article=article, form=form, heading=heading, parent=parent)
