"""Pictures: shown to whoever has the address, uploaded and withdrawn by those who write."""

import logging

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.errors import Busy, HindsightError, Invalid, NoRoom, NotFound, TooMany
from blog.extensions import db
from blog.lib import images, rate_limits, upload_folder
from blog.lib.database import end_reading, writing
from blog.lib.error_pages import wait_headers
from blog.lib.intake import takes_picture
from blog.lib.pagination import page_number
from blog.lib.static_files import YEAR_SECONDS
from blog.media import changes, queries
from blog.media.forms import PictureInput
from blog.media.models import Upload
from blog.settings import current_settings

blueprint = Blueprint("media", __name__)
# A picture opened by itself is a page of its own: it may do nothing and load nothing, whatever a browser makes of it.
CSP = "default-src 'none'; sandbox; frame-ancestors 'none'"
log = logging.getLogger(__name__)


@blueprint.get("/media/<name>")
def show(name: str) -> Response:
    upload = queries.upload_named(name)
    if upload.is_withdrawn:
        abort(410)
    path = upload_folder.path_of(current_settings().data_dir.resolve(), name)
    if not path.is_file():
        log.error("the file of upload %d is missing", upload.id)
        raise NotFound("The file of this picture is missing.")
    kind = images.TYPES[path.suffix[1:]]
    response = send_file(path, mimetype=kind, etag=upload.sha256[:32], last_modified=upload.created_at)
    response.headers["Content-Security-Policy"] = CSP
    response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return response


@blueprint.get("/editor/images")
def index() -> ResponseReturnValue:
    """The pictures somebody uploaded; for a script the form alone, which it puts over the editor."""
    user = signed_in()
    changes.require_writer(user)
    if _wants_part():
        return render_template("media/_dialog.html", given=PictureInput())
    return _page(user, PictureInput())


@blueprint.post("/editor/images")
@takes_picture
def upload() -> ResponseReturnValue:
    """Keep one picture. A script gets the piece with its Markdown, a browser the list."""
    user = signed_in()
    changes.require_writer(user)
    given = PictureInput.read(request)
    try:
        rate_limits.count(rate_limits.rates(current_settings().upload_rates), "upload", str(user.id))
        made = _keep(given)
    except (Invalid, Busy, NoRoom, TooMany) as error:
        return _refused(user, PictureInput(alt=given.alt, problem=error), error)
    if _wants_part():
        return render_template("media/_added.html", upload=made), 201
    flash("The picture is kept. Copy its line into the text.", "ok")
    return redirect(url_for("media.index", _anchor=f"image-{made.id}"), code=303)


@blueprint.post("/editor/images/<int:upload_id>/withdraw")
def withdraw(upload_id: int) -> ResponseReturnValue:
    with writing(db.session):
        user = signed_in()
        changes.withdraw_upload(
            actor=user, upload=queries.upload_for(user, upload_id), reason=request.form.get("reason", "")
        )
    flash("The picture is shown no longer. Who saw it before may still have a copy.", "ok")
    return redirect(url_for("media.index", _anchor=f"image-{upload_id}"), code=303)


@blueprint.post("/editor/images/<int:upload_id>/restore")
def restore(upload_id: int) -> ResponseReturnValue:
    with writing(db.session):
        user = signed_in()
        changes.restore_upload(actor=user, upload=queries.upload_for(user, upload_id))
    flash("The picture is shown again.", "ok")
    return redirect(url_for("media.index", _anchor=f"image-{upload_id}"), code=303)


def _keep(given: PictureInput) -> Upload:
    """File first, then row: whoever reads a row finds its file, and a killed process leaves a file nobody knows."""
    settings = current_settings()
    picture = _checked(given, most_bytes=settings.max_image_bytes)
    name = upload_folder.keep(settings.data_dir, picture.content, picture.kind)
    try:
        with writing(db.session):
            return changes.add_upload(actor=signed_in(), picture=picture, name=name, alt=given.alt)
    except BaseException:
        upload_folder.discard(settings.data_dir, name)
        raise


def _checked(given: PictureInput, *, most_bytes: int) -> images.Picture:
    """The picture made anew. Raises `Invalid` with what is wrong with either field: nobody is sent back twice."""
    faults = []
    try:
        changes.checked_alt(given.alt)
    except Invalid as error:
        faults += error.faults
    end_reading(db.session)  # the picture may take seconds, and needs no row
    try:
        picture = images.remade(given.content, most_bytes=most_bytes)
    except Invalid as error:
        raise Invalid([*error.faults, *faults], status=None if faults else error.status) from None
    if faults:
        raise Invalid(faults)
    return picture


def _refused(user: User, given: PictureInput, error: HindsightError) -> ResponseReturnValue:
    answer = make_response(
        render_template("media/_fields.html", given=given) if _wants_part() else _page(user, given), error.status
    )
    answer.headers.update(wait_headers(error))
    return answer


def _page(user: User, given: PictureInput) -> str:
    uploads, page = queries.uploads_for(user, page_number(request.args.get("page")))
    return render_template("media/index.html", uploads=uploads, page=page, given=given)


def _wants_part() -> bool:
    return request.headers.get("X-Requested-With") == "fetch"
