"""One's own settings: name and text, password, and where one is signed in."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog.accounts import access, changes, queries, sessions, throttle
from blog.accounts.forms import PasswordForm, ProfileForm, show_faults
from blog.accounts.models import User
from blog.accounts.wording import browser_words
from blog.errors import Fault, Invalid, TooMany
from blog.extensions import client_address, db
from blog.lib import passwords
from blog.lib.database import writing

WRONG = "This is not the password you have now."


def settings() -> ResponseReturnValue:
    user = access.signed_in()
    if request.method != "POST":
        return _page(user)
    form = ProfileForm()
    if not form.validate():
        return _page(user, profile=form, status=400)
    try:
        with writing(db.session):
            changes.change_profile(actor=user, name=form.name.data, about=form.about.data or "")
    except Invalid as error:
        show_faults(form, error)
        return _page(user, profile=form, status=error.status)
    flash("Your profile is saved.", "ok")
    return redirect(url_for("accounts.settings"), code=303)


def change_password() -> ResponseReturnValue:
    user, row = access.signed_in(), access.session_of_request()
    form = PasswordForm()
    if not form.validate():
        return _page(user, password=form, status=400)
    try:
        checked = confirm_password(user, form.current_password.data, field="current_password")
        password_hash = changes.prepare_password(user=user, password=form.password.data)
    except (Invalid, TooMany) as error:
        if isinstance(error, TooMany):
            form.form_errors.append(error.message)
        else:
            show_faults(form, error)
        return _page(user, password=form, status=error.status)
    with writing(db.session):
        changes.change_password(
            actor=user,
            checked_hash=checked,
            password_hash=password_hash,
            kept_session_id=row.id if row else None,
        )
    flash("Your password is changed. Every other browser was signed out.", "ok")
    return redirect(url_for("accounts.settings"), code=303)


def end_session(session_id: int) -> ResponseReturnValue:
    user = access.signed_in()
    with writing(db.session):
        sessions.end_session(actor=user, session_id=session_id)
    flash("That browser is signed out.", "ok")
    return redirect(url_for("accounts.settings"), code=303)


def end_other_sessions() -> ResponseReturnValue:
    user, row = access.signed_in(), access.session_of_request()
    with writing(db.session):
        ended = sessions.end_other_sessions(actor=user, kept_id=row.id if row else None)
    flash("You were not signed in anywhere else." if not ended else "Every other browser is signed out.", "ok")
    return redirect(url_for("accounts.settings"), code=303)


def confirm_password(user: User, password: str, *, field: str) -> str | None:
    """The hash that this password was found right for. Raises `Invalid` at path `field`, or `TooMany` as signing in
    does: who holds a stolen session must not find out the password by trying.
    """
    checked = user.password_hash
    with writing(db.session):
        tries = throttle.admit_sign_in(email_key=user.email_key, address=client_address(), is_known_address=False)
    if not passwords.matches(password, checked):
        raise Invalid([Fault(field, WRONG)])
    with writing(db.session):
        tries.forgive()
    return checked


def _page(
    user: User, *, profile: ProfileForm | None = None, password: PasswordForm | None = None, status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "accounts/settings.html",
        profile=profile or ProfileForm(formdata=None, data={"name": user.name, "about": user.about}),
        password=password or PasswordForm(formdata=None),
        sessions=[(row, browser_words(row.user_agent)) for row in queries.sessions_of(user)],
        this_session=access.session_of_request(),
        min_password=passwords.MIN_LENGTH_TRUSTED if user.role in changes.TRUSTED else passwords.MIN_LENGTH,
    )
    return page, status
