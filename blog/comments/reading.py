"""What a thread looks like: the HTML of a whole thread, one entry, one comment, for every edge that shows it."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from flask import current_app, render_template
from markupsafe import Markup

from blog import policy
from blog.accounts.models import User
from blog.articles.models import Article
from blog.comments import hold_queries
from blog.comments.changes import MAX_DEPTH
from blog.comments.entry_queries import Entry
from blog.comments.forms import CommentInput
from blog.comments.models import Comment, CommentKind, CommentState
from blog.comments.order_queries import Order
from blog.comments.talk_reading import Beside, beside
from blog.comments.text_checks import MAX_SOURCE, MAX_TEXT
from blog.comments.thread_queries import ThreadPage
from blog.comments.wording import why_held
from blog.errors import HindsightError, Invalid
from blog.lib.renderer import RENDERER_VERSION, render_comment

KIND_WORDS = {
    CommentKind.COMMENT: "Comment",
    CommentKind.QUESTION: "Question",
    CommentKind.CORRECTION: "Correction",
    CommentKind.EVIDENCE: "Evidence",
    CommentKind.HAPPENED_TO_US: "It happened to us",
}
ORDER_WORDS = {Order.OLDEST: "Oldest", Order.NEWEST: "Newest", Order.USEFUL: "Most useful"}


KEPT_ENTRIES = 2_000  # of a process, about 2 kB each: after a new comment all others of its page are there already


class Controls(NamedTuple):
    """What one person may do about one comment."""

    reply: bool
    withdraw: bool
    hide: bool
    restore: bool
    flag: bool
    mark: bool
    edit: bool


def thread_html(user: User | None, article: Article, thread: ThreadPage, *, waiting: Collection[int] = ()) -> Markup:
    """The comments section of a write-up, with its form for those who may comment, and what one of `waiting` (user ids)
    has waiting there. For readers who are not signed in it holds nothing personal.
    """
    own = hold_queries.waiting_of(user, article) if user is not None and user.id in waiting else []
    return _render(
        "comments/_thread.html",
        user=user,
        article=article,
        thread=thread,
        shown=shower(user, article, thread.entries),
        waiting=[waiting_html(user, one) for one in own] if user else [],
        form=form_html(article) if policy.can_comment(user, article) else "",
        orders=ORDER_WORDS,
    )


def shower(user: User | None, article: Article, entries: Sequence[Entry]) -> Callable[[Entry], Markup]:
    """What makes the HTML of each of these entries: what stands beside them is read for all at once."""
    found = beside(user, article, entries)
    return lambda entry: _entry_html(user, article, entry, found[entry.id])


def entry_html(user: User | None, article: Article, entry: Entry) -> Markup:
    """One entry of a thread with its controls, for a script that puts it in."""
    return shower(user, article, [entry])(entry)


def _entry_html(user: User | None, article: Article, entry: Entry, beside: Beside) -> Markup:
    if user is not None and entry.state == CommentState.HELD and policy.can_see_waiting(user, entry):
        return waiting_html(user, hold_queries.waiting(entry.id))
    controls = Controls(
        reply=policy.can_comment(user, article),
        withdraw=policy.can_withdraw_comment(user, entry),
        hide=policy.can_hide_comment(user, entry),
        restore=policy.can_restore_comment(user, entry),
        flag=policy.can_flag_comment(user, entry),
        mark=policy.can_mark_comment(user, entry, article),
        edit=policy.can_edit_comment(user, entry, article),
    )
    if controls.withdraw:  # holds a form of its writer's own
        return _made_entry(entry, article.slug, controls, beside)
    return _kept_entry(entry, article.slug, controls, beside)


def waiting_html(user: User, comment: Comment) -> Markup:
    """A comment that waits, with its writer loaded, as this person sees it: its writer, or a moderator."""
    is_stale = comment.renderer_version != RENDERER_VERSION
    return _render(
        "comments/_waiting.html",
        comment=comment,
        html=render_comment(comment.text).html if is_stale else Markup(comment.html),  # noqa: S704 - the renderer's
        why=why_held(comment.held_code),
        is_own=user.id == comment.user_id,
        may_moderate=policy.can_moderate(user),
        may_edit=policy.can_edit_comment(user, comment, comment.article),
    )


def _made_entry(entry: Entry, slug: str, controls: Controls, beside: Beside) -> Markup:
    template = current_app.jinja_env.get_template("comments/_entry.html")  # without what a whole page would look up
    shown = {"entry": entry, "beside": beside, "may": controls}
    made = template.render(shown, slug=slug, max_depth=MAX_DEPTH, kind_words=KIND_WORDS)
    return Markup(made)  # noqa: S704 - autoescaped template


_kept_entry = lru_cache(KEPT_ENTRIES)(_made_entry)  # by all that it is made from, so it is never an old one


def comment_html(*, user: str, at: datetime, text: Markup) -> Markup:
    """One comment from its three values and nothing else: for mail, feeds and previews."""
    template = current_app.jinja_env.get_template("comments/_comment.html")
    return Markup(template.render(user=user, datetime=at, text=text))  # noqa: S704 - the template escapes


def form_html(
    article: Article,
    *,
    given: CommentInput | None = None,
    refusal: HindsightError | None = None,
    preview: Markup | str = "",
    told: Sequence[str] = (),
    editing: Comment | None = None,
) -> Markup:
    """The comment form, with what was typed and, beside it, why it was refused; with a preview what is `told` of it.
    `editing` is the comment whose words it changes. For signed-in people only.
    """
    faults = [fault.reason for fault in refusal.faults] if isinstance(refusal, Invalid) else []
    return _render(
        "comments/_form.html",
        article=article,
        given=given or CommentInput(),
        faults=faults or ([refusal.message] if refusal else []),
        wrong=[fault.path for fault in refusal.faults] if isinstance(refusal, Invalid) else [],
        preview=preview,
        told=told,
        editing=editing,
        max_text=MAX_TEXT,
        max_source=MAX_SOURCE,
        kinds=KIND_WORDS,
    )


def _render(name: str, **values: object) -> Markup:
    return Markup(render_template(name, **values))  # noqa: S704 - autoescaped template
