"""Working copies as forms: what of a form is kept, and the form that shows it again as it was typed."""

from collections.abc import Iterable

from blog.articles.document import Document
from blog.articles.plain_text import to_text
from blog.editor.check_forms import WAIVE, typed_waivers
from blog.editor.field_forms import LISTS
from blog.editor.forms import BasedForm, Sheet, TextForm, WriteUpForm
from blog.editor.outlines import outline_of
from blog.editor.row_forms import read_rows, without_blank
from blog.editor.working_copy_models import WorkingCopy

FORM, TEXT = "form", "text"
_ONE_TEXT = ("title", "summary", "body", "tags", "language", "slug")
_ALIKE = (*_ONE_TEXT, "note", "outline")


def mode_of(sent: Iterable[str]) -> str:
    """Which form sent these fields."""
    return TEXT if "text" in sent else FORM


def typed_fields(sent: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What a person typed, of all that a form sent: no tokens, no buttons."""
    lists = {one.name for one in LISTS}
    return {
        name: value.replace("\r\n", "\n")
        for name, value in sent
        if name in (*_ALIKE, "text") or name.startswith(WAIVE) or ("-" in name and name.partition("-")[0] in lists)
    }


def sheet_of(copy: WorkingCopy, *, newest_id: int | None) -> Sheet:
    """The form as it was typed. Whoever saves it has seen the newest revision beside it."""
    plain = {name: copy.fields[name] for name in _ALIKE if name in copy.fields}
    rows = read_rows(copy.fields.items())
    sheet = Sheet(WriteUpForm(formdata=None, data=plain), rows, reasons=typed_waivers(copy.fields))
    _go_on(sheet.form, copy, newest_id)
    return sheet


def text_form_of(copy: WorkingCopy, *, newest_id: int | None) -> TextForm:
    """The plain-text mode as it was typed."""
    form = TextForm(formdata=None, data={name: copy.fields.get(name, "") for name in ("text", "note", "outline")})
    _go_on(form, copy, newest_id)
    return form


def says_the_same(fields: dict[str, str], document: Document | None) -> bool:
    """Whether what was typed is what the document says, so that nothing of it could be lost."""
    if "text" in fields:
        return document is not None and fields["text"].strip() == to_text(document).strip()
    typed = Sheet(WriteUpForm(formdata=None, data=fields), read_rows(fields.items()))
    outline = outline_of(fields.get("outline", ""))
    if document is not None:
        saved = Sheet.of(document, based_on_id=None)
    else:
        saved = Sheet.begun(outline) if outline else Sheet.empty()
    return _texts(typed) == _texts(saved)


def _texts(sheet: Sheet) -> tuple[object, ...]:
    plain = tuple((sheet.form[name].data or "").replace("\r\n", "\n") for name in _ONE_TEXT)
    return (*plain, without_blank(sheet.rows))


def _go_on(form: BasedForm, copy: WorkingCopy, newest_id: int | None) -> None:
    form.based_on_id.data, form.begun_from_id.data = newest_id, copy.begun_from_id
    form.continues.data = copy.window
