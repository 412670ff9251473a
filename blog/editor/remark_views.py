"""Remarks on lines of a revision: made, answered, settled. A script asks for the piece alone and puts it in."""

from collections.abc import Callable
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog import policy
from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.articles import queries
from blog.articles.comparing import Comparison
from blog.articles.document import parse_document_text
from blog.articles.models import Article, Revision
from blog.editor import lines, remark_queries, remarking
from blog.editor.desk_views import editor
from blog.editor.remark_models import Remark
from blog.editor.review_reading import SHOWS, ReviewText, Show, standing_of
from blog.editor.review_views import typed
from blog.errors import Fault, Invalid, NotAllowed, NotFound
from blog.extensions import db
from blog.lib.database import writing

MAX_LINE = 1_000_000  # a larger number is no line of anything


@editor.get("/revisions/<int:revision_id>/remarks/new")
def new_remark(revision_id: int) -> ResponseReturnValue:
    user = signed_in()
    revision = queries.revision_for(user, revision_id)
    if not policy.can_remark(user, revision, revision.article):
        raise NotAllowed("Remarks are made by who works on the write-up, while the revision is not decided.")
    path, line = request.args.get("path", ""), _line(request.args.get("line", ""))
    return _form(user, revision, path, line, _show(request.args.get("show", "")))


@editor.post("/revisions/<int:revision_id>/remarks")
def make_remark(revision_id: int) -> ResponseReturnValue:
    path, line, show = typed("path"), _line(typed("line")), _show(typed("show"))
    try:
        with writing(db.session):
            user = signed_in()
            revision = queries.revision_for(user, revision_id)
            article = revision.article
            remark = remarking.make_remark(
                actor=user, revision=revision, article=article, path=path, line=line, text=typed("text")
            )
            remark_id = remark.id
    except Invalid as error:
        if error.at("line"):
            raise
        return _form(signed_in(), queries.revision_for(signed_in(), revision_id), path, line, show, error=error)
    return _thread_or_page(remark_id, status=201)


@editor.post("/remarks/<int:remark_id>/answer")
def answer_remark(remark_id: int) -> ResponseReturnValue:
    def change(user: User, remark: Remark, revision: Revision) -> None:
        remarking.answer_remark(
            actor=user, remark=remark, revision=revision, article=revision.article, text=typed("text")
        )

    try:
        return _settle(remark_id, change)
    except Invalid as error:
        return _thread(remark_id, error=error)


@editor.post("/remarks/<int:remark_id>/resolve")
def resolve_remark(remark_id: int) -> ResponseReturnValue:
    def change(user: User, remark: Remark, revision: Revision) -> None:
        remarking.resolve_remark(actor=user, remark=remark, article=revision.article)

    return _settle(remark_id, change)


@editor.post("/remarks/<int:remark_id>/reopen")
def reopen_remark(remark_id: int) -> ResponseReturnValue:
    def change(user: User, remark: Remark, revision: Revision) -> None:
        remarking.reopen_remark(actor=user, remark=remark, article=revision.article)

    return _settle(remark_id, change)


def _settle(remark_id: int, change: Callable[[User, Remark, Revision], None]) -> ResponseReturnValue:
    with writing(db.session):
        user = signed_in()
        change(user, *remark_queries.remark_for(user, remark_id))
    return _thread_or_page(remark_id)


def _wants_part() -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _line(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(MAX_LINE)) else 0


def _show(text: str) -> Show:
    return next((one for one in SHOWS if one == text), SHOWS[0])


def _thread_or_page(remark_id: int, *, status: int = 200) -> ResponseReturnValue:
    if _wants_part():
        return _thread(remark_id, status=status)
    user = signed_in()
    remark, made_on = remark_queries.remark_for(user, remark_id)
    page = _page_of(user, made_on)
    anchor = f"remark-{remark.answers_id or remark.id}"
    show = None if _show(typed("show")) == SHOWS[0] else typed("show")
    return redirect(url_for("editor.review", revision_id=page.id, show=show, _anchor=anchor), code=303)


def _page_of(user: User, made_on: Revision) -> Revision:
    """The revision on whose page the form stood: a remark is carried to those after it."""
    on = _line(typed("on"))
    if not on or on == made_on.id:
        return made_on
    shown = queries.revision_for(user, on)
    if shown.article_id != made_on.article_id:
        raise NotFound("There is no such remark on this revision.")
    return shown


def _thread(remark_id: int, *, status: int = 200, error: Invalid | None = None) -> ResponseReturnValue:
    """The remark with its answers, alone: for a script, or where an answer has to be looked at again."""
    user = signed_in()
    remark, made_on = remark_queries.remark_for(user, remark_id)
    shown = queries.revision_for(user, _page_of(user, made_on).id)
    texts = lines.texts_of(parse_document_text(shown.document))
    found = remark_queries.thread_of(remark, made_on.number, texts, is_carried=shown.id != made_on.id)
    values = _values(user, shown, shown.article, thread=found, wrong=error.at("text") if error else [])
    name = "editor/_remark.html" if _wants_part() else "editor/remark.html"
    return make_response(render_template(name, **values), error.status if error else status)


def _form(
    user: User, revision: Revision, path: str, line: int, show: Show, *, error: Invalid | None = None
) -> ResponseReturnValue:
    quote = lines.line_at(lines.texts_of(parse_document_text(revision.document)), path, line)
    if quote is None:
        raise Invalid([Fault("line", "this revision has no such line")])
    wrong = error.at("text") if error else []
    values = _values(user, revision, revision.article, path=path, line=line, quote=quote, wrong=wrong, show=show)
    name = "editor/_remark_form.html" if _wants_part() else "editor/remark.html"
    return make_response(render_template(name, **values), error.status if error else 200)


def _values(user: User, revision: Revision, article: Article, **more: Any) -> dict[str, Any]:
    text = ReviewText(Comparison([], []), _show(typed("show")), [])
    is_listed = typed("place") == "list" or not _wants_part()
    return {
        "standing": standing_of(user, revision), "revision": revision, "text": text, "typed_text": typed("text"),
        "typed_answer": typed("text") if more.get("wrong") else "", "show": text.show,
        "is_listed": is_listed, **more,
    }  # fmt: skip
