"""Writing in the form: new write-ups, new revisions, and what the form's own buttons do without saving."""

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog import policy
from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.articles import queries, writing
from blog.articles.document import Document
from blog.articles.models import Article, Revision, RevisionState
from blog.articles.plain_text import from_text, to_text
from blog.articles.rendering import render_changes, render_document
from blog.checks import waiver_changes
from blog.editor import reviewing
from blog.editor.button_forms import number_rows, press
from blog.editor.check_forms import typed_waivers
from blog.editor.conflict_forms import sheet_with, three_ways
from blog.editor.desk_views import Draft, editable, editor, form_page, is_part, reading_of, text_page
from blog.editor.forms import Sheet, TextForm
from blog.editor.outlines import outline_of
from blog.editor.working_copy_forms import FORM
from blog.editor.working_copy_models import NEW
from blog.editor.working_copy_views import forget_saved, keep_typed, resumed
from blog.errors import Busy, Conflict, HindsightError, Invalid
from blog.extensions import db
from blog.lib.database import writing as transaction
from blog.lib.web import large_form


@editor.get("/new")
def new() -> ResponseReturnValue:
    draft, outline = Draft(), outline_of(request.args.get("outline", ""))
    return resumed(draft, mode=FORM) or form_page(Sheet.begun(outline) if outline else Sheet.empty(), draft)


@editor.post("/articles")
@large_form
def create() -> ResponseReturnValue:
    sheet = Sheet.sent()
    if (answer := _pressed(sheet, Draft())) is not None:
        return answer
    try:
        revision = create_from(sheet.document(), slug=sheet.form.slug.data or "", note=sheet.form.note.data or "")
    except (Invalid, Conflict, Busy) as error:
        keep_typed(draft := Draft())
        return form_page(sheet, draft, error=error)
    return saved(revision)


@editor.get("/articles/<int:article_id>")
def edit(article_id: int) -> ResponseReturnValue:
    draft = editable(signed_in(), article_id)
    assert draft.newest is not None and draft.document is not None
    page = resumed(draft, mode=FORM)
    return page or form_page(Sheet.of(draft.document, based_on_id=draft.newest.id), draft)


@editor.post("/articles/<int:article_id>")
@large_form
def save(article_id: int) -> ResponseReturnValue:
    draft = editable(signed_in(), article_id)
    sheet = Sheet.sent(base=draft.document)
    if (answer := _pressed(sheet, draft)) is not None:
        return answer
    try:
        revision = save_from(
            draft, sheet.document(), based_on_id=sheet.form.based_on_id.data or 0, note=sheet.form.note.data or ""
        )
    except (Invalid, Conflict, Busy) as error:
        keep_typed(draft)
        return _refused(article_id, sheet, draft, error)
    return saved(revision)


def _refused(article_id: int, sheet: Sheet, draft: Draft, error: HindsightError) -> ResponseReturnValue:
    """The form again, with what is wrong; beside what somebody else saved meanwhile."""
    newest, three = editable(signed_in(), article_id), None
    newest.copy = draft.copy
    if isinstance(error, Conflict):
        three = three_ways(signed_in(), newest.newest, sheet)
        sheet.form.go_on_from(newest.newest)
    return form_page(sheet, newest, error=error, three=three)


@editor.post("/preview")
@large_form
def preview() -> ResponseReturnValue:
    """The piece that a script puts beside the form while somebody types."""
    document, faults = _readable_text() if "text" in request.form else Sheet.sent().readable()
    return render_template("editor/_preview.html", reading=reading_of(document), faults=faults)


def _readable_text() -> tuple[Document | None, int]:
    """As `Sheet.readable`, of the plain-text mode: all of it or nothing."""
    try:
        return from_text(request.form["text"]), 0
    except Invalid as error:
        return None, len(error.faults)


def create_from(document: Document, *, slug: str, note: str) -> Revision:
    """Save a new write-up, and ask for its review where that button was pressed."""
    rendered = render_document(document)  # before the transaction: nobody waits for it
    with transaction(db.session):
        user = signed_in()
        revision = writing.create_article(actor=user, document=document, slug=slug, note=note, rendered=rendered)
        _submit_if_asked(user, revision, db.session.get_one(Article, revision.article_id))
        forget_saved(user, NEW)
    return revision


def save_from(draft: Draft, document: Document, *, based_on_id: int, note: str) -> Revision:
    """Save the next revision of a write-up, and ask for its review where that button was pressed."""
    assert draft.article is not None and draft.newest is not None and draft.document is not None
    article_id, newest = draft.article.id, draft.newest
    rendered = render_changes(document, before=draft.document, stored=newest.rendered, version=newest.renderer_version)
    with transaction(db.session):
        user = signed_in()
        article = queries.article_by_id(user, article_id)
        revision = writing.save_revision(
            actor=user, article=article, document=document, based_on_id=based_on_id, note=note, rendered=rendered
        )
        _submit_if_asked(user, revision, article)
        forget_saved(user, article_id)
    return revision


def saved(revision: Revision) -> ResponseReturnValue:
    """Where somebody goes who saved: on with the text, or to the page of its review."""
    if revision.state == RevisionState.SUBMITTED and "submit" in request.form:
        flash("Saved, and waiting for a review by somebody who did not write it.", "ok")
        return redirect(url_for("editor.review", revision_id=revision.id), code=303)
    flash(f"Saved as revision {revision.number}. Only you and reviewers see it until it is published.", "ok")
    in_text = request.endpoint in ("editor.create_text", "editor.save_text")
    name = "editor.edit_text" if in_text else "editor.edit"
    return redirect(url_for(name, article_id=revision.article_id), code=303)


def _submit_if_asked(user: User, revision: Revision, article: Article) -> None:
    typed = typed_waivers(request.form)
    if "submit" in request.form and policy.can_submit(user, revision, article):
        try:
            reviewing.submit(actor=user, revision=revision, article=article, note=revision.note, waivers=typed)
        except Invalid as error:  # here the note of the revision is the one that readers see
            at_note = [replace(one, path="note") if one.path == "public_note" else one for one in error.faults]
            raise Invalid(at_note) from error
    elif typed and policy.can_waive(user, revision, article):
        waiver_changes.waive(actor=user, article=article, revision=revision, waivers=typed)


def _pressed(sheet: Sheet, draft: Draft) -> ResponseReturnValue | None:
    """The answer to a button that saves nothing; None where the form is to be saved."""
    try:
        focus = press(sheet.rows, request.form)
    except Invalid as error:
        return form_page(sheet, draft, error=error)
    if focus is not None:
        number_rows(sheet.rows)
        sheet.focus, sheet.action, sheet.article_id = focus, draft.address, draft.place or None
        if is_part():
            return render_template("editor/_rows.html", sheet=sheet)
    elif not ({"preview", "as_text", "merge", "take", "show"} & set(request.form)):
        return None
    keep_typed(draft)
    if "preview" in request.form:
        document, faults = sheet.readable()
        return _again(sheet, draft, reading=reading_of(document), preview_faults=faults)
    if "as_text" in request.form:
        return _as_text(sheet, draft)
    return _again(sheet, draft)


def _again(sheet: Sheet, draft: Draft, **more: Any) -> ResponseReturnValue:
    """The form as it was sent, beside what somebody else saved meanwhile, of which it takes over what was asked for."""
    three = three_ways(signed_in(), draft.newest, sheet)
    if three and {"merge", "take"} & set(request.form):
        taken = three.taken_over(take=request.form.get("take", ""))
        sheet = sheet_with(taken, sheet.form) if taken else sheet
        three = three_ways(signed_in(), draft.newest, sheet)
    if three:
        sheet.form.go_on_from(draft.newest)
    is_unkept = bool({"merge", "take", "show"} & set(request.form))  # the page holds what nobody typed there
    return form_page(sheet, draft, three=three, is_unkept=is_unkept, **more)


def _as_text(sheet: Sheet, draft: Draft) -> ResponseReturnValue:
    """Go on in the plain-text mode with what was typed here."""
    try:
        text = to_text(sheet.document())
    except Invalid as error:
        return form_page(sheet, draft, error=error)
    names = ("note", "based_on_id", "begun_from_id", "window", "continues", "outline")
    carried = {"text": text, **{name: sheet.form[name].data for name in names}}
    return text_page(TextForm(formdata=None, data=carried), draft)
