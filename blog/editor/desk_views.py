"""The editors' desk, and the pages that every way of writing shows: the form and the plain text, as they were typed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog import policy
from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.articles import queries
from blog.articles.document import Document, parse_document_text
from blog.articles.models import Article, Revision
from blog.articles.plain_text import from_text
from blog.articles.reading import Reading
from blog.articles.rendering import render_document
from blog.checks.queries import checked
from blog.editor.check_forms import Told, told, typed_waivers, with_places
from blog.editor.draft_queries import discarded_drafts
from blog.editor.forms import BasedForm, Sheet, TextForm
from blog.editor.outlines import OUTLINES, outline_for, outline_of
from blog.editor.presence_queries import Other, others_at
from blog.editor.working_copy_models import NEW, WorkingCopy
from blog.editor.working_copy_queries import open_copies
from blog.errors import Busy, Fault, HindsightError, Invalid, NotAllowed

editor = Blueprint("editor", __name__, url_prefix="/editor")
RETRY_SECONDS = "5"


@editor.before_request
def _writers_only() -> None:
    if not policy.can_write(signed_in()):
        raise NotAllowed("The desk is for authors and reviewers. An admin can make you one.")


@editor.get("/")
def desk() -> ResponseReturnValue:
    user = signed_in()
    return render_template(
        "editor/desk.html",
        drafts=queries.desk_drafts(user),
        copies=open_copies(user),
        put_away=discarded_drafts(user),
        queue=queries.review_queue(user),
        retired=queries.retired_articles(user),
        is_reviewer=user.role in policy.REVIEWERS,
    )


@dataclass
class Draft:
    """What a person works on: nothing yet, or a write-up with its newest revision; and what they typed there and have
    not saved: `copy` is what the page shows, `discarded` what it can bring back, `after` the window that kept last.
    """

    article: Article | None = None
    newest: Revision | None = None
    copy: WorkingCopy | None = None
    is_resumed: bool = False
    discarded: WorkingCopy | None = None
    after: str = ""
    others: list[Other] = field(default_factory=list)
    can_discard: bool = False

    @property
    def place(self) -> int:
        """Where their working copy is kept."""
        return self.article.id if self.article else NEW

    @property
    def address(self) -> str:
        """Where its form is sent."""
        return url_for("editor.save", article_id=self.article.id) if self.article else url_for("editor.create")

    @cached_property
    def document(self) -> Document | None:
        return parse_document_text(self.newest.document) if self.newest else None


def editable(user: User, article_id: int) -> Draft:
    """The write-up of this number, for somebody who may write on it. Raises `NotFound`, `NotAllowed`."""
    article = queries.article_by_id(user, article_id)
    if not policy.can_edit(user, article):
        raise NotAllowed("You may not edit this write-up. One that was retired is restored first.")
    newest = queries.newest_revision_of(article)
    can_discard = policy.can_discard_draft(user, newest, article, queries.author_ids(newest))
    return Draft(article, newest, others=others_at(user, article_id), can_discard=can_discard)


def form_page(sheet: Sheet, draft: Draft, *, error: HindsightError | None = None, **more: Any) -> ResponseReturnValue:
    """The form with everything that was typed. `error` gives the status and the words on top."""
    if isinstance(error, Invalid):
        sheet.show(error.faults)
    sheet.article_id = draft.article.id if draft.article else None
    sheet.action, sheet.form.continues.data = draft.address, sheet.form.continues.data or draft.after
    name = "editor/edit.html" if draft.article else "editor/new.html"
    return _page(name, error, sheet=sheet, draft=draft, **_questions(sheet.form, draft), **more)


def text_page(form: TextForm, draft: Draft, *, error: HindsightError | None = None, **more: Any) -> ResponseReturnValue:
    """The plain-text mode with everything that was typed."""
    faults = error.faults if isinstance(error, Invalid) else []
    if faults:
        form.text.errors = [str(fault) for fault in faults if not fault.path.startswith("waivers.")]
    form.continues.data = form.continues.data or draft.after
    name = "editor/edit_text.html" if draft.article else "editor/new_text.html"
    found = _found_in(form.text.data or "", draft, faults)
    return _page(name, error, form=form, draft=draft, found=found, **_questions(form, draft), **more)


def _found_in(text: str, draft: Draft, faults: Sequence[Fault]) -> list[Told]:
    """What the checks say of the plain text; nothing while it is no document."""
    try:
        document = from_text(text)
    except Invalid:
        return []
    wrong = {fault.path.removeprefix("waivers."): fault.reason for fault in faults if fault.path.startswith("waivers.")}
    found = checked(document, draft.article.id if draft.article else None)
    return with_places(told(found, typed_waivers(request.form), wrong), document)


def reading_of(document: Document | None) -> Reading | None:
    """A document that is not saved, as readers would see it."""
    if document is None:
        return None
    form, _ = render_document(document)
    return Reading(queries.ArticlePage(Article(slug="preview", card={}), Revision(number=0), document, form))


def _questions(form: BasedForm, draft: Draft) -> dict[str, Any]:
    """The outline whose questions stand beside the text, and those to choose from."""
    outline = outline_of(form.outline.data or "")
    if outline is None and draft.document is not None:
        outline = outline_for(draft.document)
    return {"outline": outline, "outlines": OUTLINES}


def _page(name: str, error: HindsightError | None, **values: Any) -> ResponseReturnValue:
    shown = None if error is None or isinstance(error, Invalid) else error.message
    response = make_response(render_template(name, problem=shown, **values), error.status if error else 200)
    if isinstance(error, Busy):
        response.headers["Retry-After"] = RETRY_SECONDS
    return response


def is_part() -> bool:
    """Whether a script asks for the piece of the page that it puts in, rather than a browser for the page."""
    return "part" in request.form
