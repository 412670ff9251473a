"""What a thread looks like: the HTML of a whole thread, one entry, one comment, for every edge that shows it."""

from datetime import datetime

from flask import current_app, render_template
from markupsafe import Markup

from blog import policy
from blog.accounts.models import User
from blog.articles.models import Article
from blog.comments.changes import MAX_DEPTH, MAX_TEXT
from blog.comments.forms import CommentInput
from blog.comments.models import CommentKind
from blog.comments.thread_queries import Entry, ThreadPage
from blog.errors import HindsightError, Invalid

KIND_WORDS = {
    CommentKind.COMMENT: "Comment",
    CommentKind.QUESTION: "Question",
    CommentKind.CORRECTION: "Correction",
    CommentKind.EVIDENCE: "Evidence",
    CommentKind.HAPPENED_TO_US: "It happened to us",
}


def thread_html(user: User | None, article: Article, thread: ThreadPage) -> Markup:
    """The comments section of a write-up, with its form for those who may comment. For readers who are not signed in it
    holds nothing personal.
    """
    return _render(
        "comments/_thread.html",
        user=user,
        article=article,
        thread=thread,
        form=form_html(article) if policy.can_comment(user, article) else "",
    )


def entry_html(user: User | None, article: Article, entry: Entry) -> Markup:
    """One entry of a thread with its controls: what a script puts in."""
    return _render("comments/_entry.html", user=user, article=article, entry=entry)


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
) -> Markup:
    """The comment form, with what was typed and, beside it, why it was refused. For signed-in people only."""
    faults = [fault.reason for fault in refusal.faults] if isinstance(refusal, Invalid) else []
    return _render(
        "comments/_form.html",
        article=article,
        given=given or CommentInput(),
        faults=faults or ([refusal.message] if refusal else []),
        preview=preview,
        max_text=MAX_TEXT,
        kinds=KIND_WORDS,
    )


def _render(name: str, **values: object) -> Markup:
    made = render_template(name, max_depth=MAX_DEPTH, kind_words=KIND_WORDS, policy=policy, **values)
    return Markup(made)  # noqa: S704 - autoescaped template
