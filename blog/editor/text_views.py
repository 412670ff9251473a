"""Writing as plain text: the same document in one field, saved the same way."""

from flask import request
from flask.typing import ResponseReturnValue

from blog.accounts.access import signed_in
from blog.articles.plain_text import from_text, to_text
from blog.editor.conflict_forms import text_with, three_ways
from blog.editor.desk_views import Draft, editable, editor, form_page, reading_of, text_page
from blog.editor.form_views import create_from, save_from, saved
from blog.editor.forms import Sheet, TextForm
from blog.editor.outlines import outline_of
from blog.editor.working_copy_forms import TEXT
from blog.editor.working_copy_views import keep_typed, resumed
from blog.errors import Busy, Conflict, Invalid
from blog.lib.web import large_form

BEGINNING = "---\ntitle: \nsummary: \ntags: []\n---\n\n"


@editor.get("/new/text")
def new_text() -> ResponseReturnValue:
    draft, outline = Draft(), outline_of(request.args.get("outline", ""))
    data = {"text": BEGINNING + (outline.body if outline else ""), "outline": outline.key if outline else ""}
    return resumed(draft, mode=TEXT) or text_page(TextForm(formdata=None, data=data), draft)


@editor.post("/articles/text")
@large_form
def create_text() -> ResponseReturnValue:
    form = TextForm()
    if (answer := _pressed(form, Draft())) is not None:
        return answer
    try:
        revision = create_from(from_text(form.text.data or ""), slug="", note=form.note.data or "")
    except (Invalid, Conflict, Busy) as error:
        keep_typed(draft := Draft())
        return text_page(form, draft, error=error)
    return saved(revision)


@editor.get("/articles/<int:article_id>/text")
def edit_text(article_id: int) -> ResponseReturnValue:
    draft = editable(signed_in(), article_id)
    assert draft.newest is not None and draft.document is not None
    if (page := resumed(draft, mode=TEXT)) is not None:
        return page
    based = {"based_on_id": draft.newest.id, "begun_from_id": draft.newest.id}
    return text_page(TextForm(formdata=None, data={"text": to_text(draft.document), **based}), draft)


@editor.post("/articles/<int:article_id>/text")
@large_form
def save_text(article_id: int) -> ResponseReturnValue:
    draft, form = editable(signed_in(), article_id), TextForm()
    if (answer := _pressed(form, draft)) is not None:
        return answer
    typed, based_on_id = form.text.data or "", form.based_on_id.data or 0
    try:
        revision = save_from(draft, from_text(typed), based_on_id=based_on_id, note=form.note.data or "")
    except (Invalid, Conflict, Busy) as error:
        keep_typed(draft)
        newest, three = editable(signed_in(), article_id), None
        newest.copy = draft.copy
        if isinstance(error, Conflict):
            three = three_ways(signed_in(), newest.newest, form)
            form.go_on_from(newest.newest)
        return text_page(form, newest, error=error, three=three)
    return saved(revision)


def _pressed(form: TextForm, draft: Draft) -> ResponseReturnValue | None:
    """The answer to a button that saves nothing; None where the text is to be saved."""
    if not ({"preview", "as_form", "merge", "take", "show"} & set(request.form)):
        return None
    keep_typed(draft)
    try:
        if {"merge", "take"} & set(request.form):
            _take_over(form, draft)
        three = three_ways(signed_in(), draft.newest, form)
        if three:
            form.go_on_from(draft.newest)
        if {"show", "merge", "take"} & set(request.form):
            return text_page(form, draft, three=three, is_unkept=True)
        document = from_text(form.text.data or "")
    except Invalid as error:
        return text_page(form, draft, error=error)
    if "as_form" not in request.form:
        return text_page(form, draft, reading=reading_of(document), preview_faults=0, three=three)
    sheet = Sheet.of(document, based_on_id=form.based_on_id.data)
    for name in ("note", "begun_from_id", "window", "continues", "outline"):
        sheet.form[name].data = form[name].data
    return form_page(sheet, draft, three=three)


def _take_over(form: TextForm, draft: Draft) -> None:
    """Put into the text what somebody else saved, as far as it was asked for. Raises `Invalid`."""
    three = three_ways(signed_in(), draft.newest, form)
    taken = three.taken_over(take=request.form.get("take", "")) if three else None
    if taken:
        form.text.data = text_with(taken)
