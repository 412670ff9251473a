"""What a person typed and has not saved: kept as they pause, shown again, discarded and brought back; and who else is
at work on the same write-up.
"""

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.editor import presence_changes, presence_queries, working_copy_changes
from blog.editor.conflict_forms import three_ways
from blog.editor.desk_views import Draft, editor, form_page, text_page
from blog.editor.row_forms import read_rows
from blog.editor.working_copy_forms import FORM, mode_of, says_the_same, sheet_of, text_form_of, typed_fields
from blog.editor.working_copy_models import NEW, WorkingCopy
from blog.editor.working_copy_queries import discarded_copy, open_copy
from blog.errors import Busy, Conflict
from blog.extensions import db
from blog.lib.database import writing
from blog.lib.web import large_form


@editor.post("/working-copies/<int:place>")
@large_form
def keep(place: int) -> ResponseReturnValue:
    """What a script sends when the writer pauses."""
    with writing(db.session):
        copy = _keep(signed_in(), place)
        kept_at = copy.kept_at
    return jsonify(kept_at=kept_at.isoformat())


@editor.post("/working-copies/<int:place>/discard")
def discard(place: int) -> ResponseReturnValue:
    with writing(db.session):
        working_copy_changes.discard(actor=signed_in(), place=place)
    flash("Discarded what you had typed. You can bring it back from here or from the desk for 30 days.", "ok")
    return redirect(address_of(place), code=303)


@editor.post("/working-copies/<int:place>/restore")
def bring_back(place: int) -> ResponseReturnValue:
    try:
        with writing(db.session):
            working_copy_changes.bring_back(actor=signed_in(), place=place)
    except Conflict as error:
        flash(error.message, "error")
    return redirect(address_of(place), code=303)


@editor.post("/articles/<int:article_id>/presence")
def presence(article_id: int) -> ResponseReturnValue:
    """A sign of life from an open page; the answer is the piece that says who else is there."""
    user = signed_in()
    with writing(db.session):
        if "leave" in request.form:
            presence_changes.leave(actor=user, article_id=article_id)
            return "", 204
        presence_changes.note(actor=user, article_id=article_id)
    return render_template("editor/_others.html", others=presence_queries.others_at(signed_in(), article_id))


def address_of(place: int) -> str:
    """Where writing at this place goes on."""
    return url_for("editor.new") if place == NEW else url_for("editor.edit", article_id=place)


def resumed(draft: Draft, *, mode: str) -> ResponseReturnValue | None:
    """The page with what this person typed here and has not saved; None where there is nothing of the kind."""
    user = signed_in()
    copy = open_copy(user, draft.place)
    if copy is None or says_the_same(copy.fields, draft.document):
        draft.discarded = discarded_copy(user, draft.place) if copy is None else None
        draft.after = copy.window if copy else ""
        return None
    if copy.mode != mode:
        return redirect(address_of(draft.place) + ("" if copy.mode == FORM else "/text"))
    draft.copy, draft.is_resumed = copy, True
    return _shown(copy, draft)


def keep_typed(draft: Draft) -> None:
    """Without a script the form's buttons are the pauses. What cannot be kept now is in the page at any rate."""
    fields = typed_fields(request.form.items())
    if says_the_same(fields, draft.document) or not any(fields.values()):
        return
    try:
        with writing(db.session):
            draft.copy = _keep(signed_in(), draft.place)
    except (Busy, Conflict):
        return


def forget_saved(actor: User, place: int) -> None:
    """The page that sent this form saved what it had kept."""
    windows = tuple(one for name in ("window", "continues") if (one := request.form.get(name, "")))
    working_copy_changes.forget_saved(actor=actor, place=place, windows=windows)


def _keep(user: User, place: int) -> WorkingCopy:
    begun, fields = request.form.get("begun_from_id", ""), typed_fields(request.form.items())
    read_rows(fields.items())  # what no form can show again would keep its writer out
    return working_copy_changes.keep(
        actor=user,
        place=place,
        mode=mode_of(request.form),
        fields=fields,
        begun_from_id=int(begun) if begun.isascii() and begun.isdigit() and len(begun) < 10 else None,
        window=request.form.get("window", ""),
        after=request.form.get("continues", ""),
    )


def _shown(copy: WorkingCopy, draft: Draft) -> ResponseReturnValue:
    newest_id = draft.newest.id if draft.newest else None
    if copy.mode == FORM:
        sheet = sheet_of(copy, newest_id=newest_id)
        return form_page(sheet, draft, three=three_ways(signed_in(), draft.newest, sheet))
    form = text_form_of(copy, newest_id=newest_id)
    return text_page(form, draft, three=three_ways(signed_in(), draft.newest, form))
