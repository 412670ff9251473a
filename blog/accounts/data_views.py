"""What the site knows of a person: the page of it, the archive to take along, and erasing, by oneself or an admin."""

import tempfile
from datetime import timedelta
from typing import IO, cast

from flask import Response, flash, redirect, render_template, send_file, session, url_for
from flask.typing import ResponseReturnValue

from blog import policy
from blog.accounts import access
from blog.accounts import queries as people
from blog.accounts.data_forms import EraseForm
from blog.accounts.forms import show_faults
from blog.accounts.models import User
from blog.accounts.settings_views import confirm_password
from blog.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from blog.extensions import db
from blog.lib import clock
from blog.lib.database import end_reading, writing
from blog.my_data import changes, queries
from blog.my_data.archive import write_archive
from blog.settings import current_settings

ARCHIVE_EVERY = timedelta(hours=1)  # of one person: each reads all that they ever wrote
IN_MEMORY_BYTES = 1 << 20  # a larger archive waits in a file without a name


def data() -> ResponseReturnValue:
    return _own_page(access.signed_in())


def export_data() -> ResponseReturnValue:
    user = access.signed_in()
    if not policy.can_export_data(user, user):
        raise NotAllowed("People take their own data along.")
    try:
        with writing(db.session):
            _require_pause(user)
            changes.note_export(actor=user)
    except TooMany as error:
        answer = Response(_own_page(user, refused=error)[0], error.status)
        answer.headers["Retry-After"] = str(error.retry_after_seconds)
        return answer
    file = cast("IO[bytes]", tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES))  # noqa: SIM115 - the answer closes it
    write_archive(file, user)
    end_reading(db.session)
    file.seek(0)
    name = f"my-data-{clock.now().date().isoformat()}.zip"
    answer = send_file(file, "application/zip", as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def erase() -> ResponseReturnValue:
    user = access.signed_in()
    form = EraseForm()
    refused = _erased(form, user, user)
    if refused is not None:
        return _own_page(user, form=form, status=refused)
    session.clear()
    flash("Your account is erased. Thank you for what you shared.", "ok")
    return redirect("/", code=303)


def erase_person(user_id: int) -> ResponseReturnValue:
    person = _person(user_id)
    return _page_about(person, EraseForm(formdata=None))


def erase_other(user_id: int) -> ResponseReturnValue:
    person = _person(user_id)
    form = EraseForm()
    refused = _erased(form, access.signed_in(), person)
    if refused is not None:
        return _page_about(person, form, status=refused)
    flash(f"Person {user_id} is erased.", "ok")
    return redirect(url_for("accounts.users", after=user_id - 1, _anchor=f"person-{user_id}"), code=303)


def _erased(form: EraseForm, actor: User, person: User) -> int | None:
    """Erase the person when the form says so; None when it is done, else the status of the refusal."""
    if not form.validate():
        return 400
    try:
        checked = confirm_password(actor, form.password.data, field="password")
        with writing(db.session):
            changes.erase(actor=actor, person=person, checked_hash=checked)
    except Invalid as error:
        show_faults(form, error)
        return error.status
    except (Conflict, TooMany) as error:
        form.form_errors.append(error.message)
        return error.status
    return None


def _require_pause(user: User) -> None:
    """Raises `TooMany` within the hour after the last archive."""
    before = queries.exported_at(user) if current_settings().rate_limits else None
    left = before + ARCHIVE_EVERY - clock.now() if before is not None else timedelta()
    if left > timedelta():
        seconds = int(left.total_seconds()) + 1
        words = f"You had an archive made less than an hour ago. Come back in {-(-seconds // 60)} minutes."
        raise TooMany(words, retry_after_seconds=seconds)


def _person(user_id: int) -> User:
    actor = access.signed_in()
    if not policy.can_administer(actor):
        raise NotAllowed("Only admins look after accounts.")
    person = people.person(user_id)
    if person is None or person.erased_at is not None:
        raise NotFound("There is nobody of this number to erase.")
    return person


def _own_page(
    user: User, *, form: EraseForm | None = None, refused: TooMany | None = None, status: int = 200
) -> tuple[str, int]:
    page = render_template(
        "accounts/data.html",
        counts=queries.counts_of(user),
        exported_at=queries.exported_at(user),
        is_last_admin=people.is_last_admin(user),
        form=form or EraseForm(formdata=None),
        refused=refused,
    )
    return page, refused.status if refused else status


def _page_about(person: User, form: EraseForm, *, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "accounts/erase_person.html",
        person=person,
        counts=queries.counts_of(person),
        is_last_admin=people.is_last_admin(person),
        form=form,
    )
    return page, status
