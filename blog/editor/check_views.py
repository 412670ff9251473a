"""The checks of one revision on a page of their own: what was found, and why it may stay."""

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog import policy
from blog.accounts.access import signed_in
from blog.articles import queries
from blog.articles.document import parse_document_text
from blog.checks import queries as check_queries
from blog.checks import waiver_changes
from blog.editor.check_forms import told, typed_waivers, with_places
from blog.editor.desk_views import editor
from blog.errors import Invalid, NotAllowed
from blog.extensions import db
from blog.lib.database import writing
from blog.lib.web import large_form


@editor.get("/revisions/<int:revision_id>/checks")
def checks(revision_id: int) -> ResponseReturnValue:
    return _checks_page(revision_id)


@editor.post("/revisions/<int:revision_id>/checks")
@large_form
def waive(revision_id: int) -> ResponseReturnValue:
    typed = typed_waivers(request.form)
    try:
        with writing(db.session):
            user = signed_in()
            revision = queries.revision_for(user, revision_id)
            found = waiver_changes.waive(actor=user, article=revision.article, revision=revision, waivers=typed)
    except Invalid as error:
        return _checks_page(revision_id, error=error)
    is_open = any(one.waiver is None for one in found)
    flash("Your reasons are kept." if typed else "Nothing was typed, so nothing changed.", "ok")
    page = "editor.checks" if is_open else "editor.review"
    return redirect(url_for(page, revision_id=revision_id), code=303)


def _checks_page(revision_id: int, *, error: Invalid | None = None) -> ResponseReturnValue:
    user = signed_in()
    revision = queries.revision_for(user, revision_id)
    article = revision.article
    if not policy.can_edit(user, article):
        raise NotAllowed("The checks are for those who work on this write-up.")
    faults = {fault.path.removeprefix("waivers."): fault.reason for fault in error.faults} if error else {}
    document = parse_document_text(revision.document)
    found = told(check_queries.checked(document, article.id), typed_waivers(request.form), faults)
    page = render_template(
        "editor/checks.html",
        revision=revision,
        article=article,
        found=with_places(found, document),
        can_waive=policy.can_waive(user, revision, article),
        is_faulty=error is not None,
    )
    return make_response(page, error.status if error else 200)
