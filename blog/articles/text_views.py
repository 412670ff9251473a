"""Writing as plain text: the same document in one field, saved the same way."""

from flask import request
from flask.typing import ResponseReturnValue

from blog.accounts.access import signed_in
from blog.articles.desk_views import Draft, editable, editor, form_page, newer_than, reading_of, text_page
from blog.articles.editor_views import create_from, save_from, saved
from blog.articles.forms import Sheet, TextForm
from blog.articles.plain_text import from_text, to_text
from blog.errors import Busy, Conflict, Invalid
from blog.lib.web import large_form

BEGINNING = "---\ntitle: \nsummary: \ntags: []\n---\n\n"


@editor.get("/new/text")
def new_text() -> ResponseReturnValue:
    return text_page(TextForm(formdata=None, data={"text": BEGINNING}), Draft())


@editor.post("/articles/text")
@large_form
def create_text() -> ResponseReturnValue:
    form = TextForm()
    if (answer := _pressed(form, Draft())) is not None:
        return answer
    try:
        revision = create_from(from_text(form.text.data or ""), slug="", note=form.note.data or "")
    except (Invalid, Conflict, Busy) as error:
        return text_page(form, Draft(), error=error)
    return saved(revision)


@editor.get("/articles/<int:article_id>/text")
def edit_text(article_id: int) -> ResponseReturnValue:
    draft = editable(signed_in(), article_id)
    assert draft.newest is not None and draft.document is not None
    data = {"text": to_text(draft.document), "based_on_id": draft.newest.id}
    return text_page(TextForm(formdata=None, data=data), draft)


@editor.post("/articles/<int:article_id>/text")
@large_form
def save_text(article_id: int) -> ResponseReturnValue:
    draft, form = editable(signed_in(), article_id), TextForm()
    if (answer := _pressed(form, draft)) is not None:
        return answer
    typed = form.text.data or ""
    try:
        revision = save_from(
            article_id, from_text(typed), based_on_id=form.based_on_id.data or 0, note=form.note.data or ""
        )
    except (Invalid, Conflict, Busy) as error:
        draft = editable(signed_in(), article_id)
        newer = newer_than(draft, typed.replace("\r\n", "\n")) if isinstance(error, Conflict) else None
        if newer:
            form.go_on_from(newer.revision.id)
        return text_page(form, draft, error=error, newer=newer)
    return saved(revision)


def _pressed(form: TextForm, draft: Draft) -> ResponseReturnValue | None:
    """The answer to a button that saves nothing; None where the text is to be saved."""
    if not ({"preview", "as_form"} & set(request.form)):
        return None
    try:
        document = from_text(form.text.data or "")
    except Invalid as error:
        return text_page(form, draft, error=error)
    if "preview" in request.form:
        return text_page(form, draft, reading=reading_of(document), preview_faults=0)
    sheet = Sheet.of(document, based_on_id=form.based_on_id.data)
    sheet.form.note.data = form.note.data
    return form_page(sheet, draft)
