"""The addresses of accounts, and how one comes in and goes out: register, sign in, sign out."""

import logging

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import login_user

from blog.accounts import (
    access,
    changes,
    data_views,
    people_views,
    queries,
    sessions,
    settings_views,
    throttle,
    token_views,
)
from blog.accounts.forms import LoginForm, RegisterForm, show_faults
from blog.accounts.models import User
from blog.accounts.names import key_of_email
from blog.accounts.wording import suspended_words
from blog.errors import Busy, Invalid, TooMany
from blog.extensions import client_address, db
from blog.lib import clock, passwords
from blog.lib.database import writing
from blog.lib.web import local_path
from blog.moderation.appeal_queries import suspension_of

log = logging.getLogger(__name__)
blueprint = Blueprint("accounts", __name__)

NOT_RIGHT = "The e-mail address or the password is not right."  # never which of them
LONGER = (
    f"Your role asks for a password of at least {passwords.MIN_LENGTH_TRUSTED} characters: change it in your settings."
)


@blueprint.route("/account/register", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    if access.user_of_request() is not None:
        return redirect(_target(), code=303)
    if current_app.extensions["hindsight_settings"].registration != "open":
        return render_template("accounts/register_closed.html"), 403 if request.method == "POST" else 200
    form = RegisterForm()
    status = 200
    if form.validate_on_submit():
        try:
            return _register(form)
        except Invalid as error:
            show_faults(form, error)
            status = error.status
        except TooMany as error:
            return _too_many("accounts/register.html", form, error)
    elif form.is_submitted():
        status = 400
    return render_template("accounts/register.html", form=form, target=request.args.get("next")), status


@blueprint.route("/account/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    if request.method != "POST" and access.user_of_request() is not None:
        return redirect(_target(), code=303)
    form = LoginForm()
    status = 200
    if form.validate_on_submit():
        try:
            user = _sign_in(email=form.email.data, password=form.password.data)
        except TooMany as error:
            return _too_many("accounts/login.html", form, error)
        if user is not None:
            return _welcome(user, form.password.data)
        form.form_errors.append(NOT_RIGHT)
        status = 400
    elif form.is_submitted():
        status = 400
    return render_template("accounts/login.html", form=form, target=request.args.get("next")), status


@blueprint.post("/account/logout")
def logout() -> ResponseReturnValue:
    user, row = access.user_of_request(), access.session_of_request()
    if user is not None and row is not None:
        with writing(db.session):
            sessions.end_session(actor=user, session_id=row.id)
    session.clear()
    return redirect("/", code=303)


@blueprint.after_app_request
def note_seen(response: Response) -> Response:
    """Once the answer is made: a write before it would delay the page, and inside a view it would commit for it."""
    session_id, seen_at = g.get("account_seen", (None, None))
    if seen_at is None or "_user_id" not in session or clock.now() - seen_at < access.SEEN_EVERY:
        return response
    try:
        with writing(db.session):
            sessions.mark_seen(session_id)
    except Busy:
        log.warning("a session could not be marked as seen; the next request tries again")
    return response


def _register(form: RegisterForm) -> ResponseReturnValue:
    with writing(db.session):
        tries = throttle.admit_registration(address=client_address())
    typed = {"name": form.name.data, "email": form.email.data, "password": form.password.data}
    try:
        account = changes.prepare_registration(**typed)
    except Invalid as error:
        if changes.EMAIL_TAKEN not in error.at("email"):  # asking who has an account is limited like making one
            with writing(db.session):
                tries.forgive()
        raise
    with writing(db.session):
        user = changes.register(account)
        token = sessions.open_session(user=user, user_agent=access.browser_of_request(), address=client_address())
    _keep_in_cookie(user, token)
    made = "Your account is made, and you are signed in."
    if current_app.extensions["hindsight_settings"].mail_url:
        made += f" A mail is on its way to {user.email}: its link shows that the address is yours."
    flash(made, "ok")
    return redirect(_target(), code=303)


def _sign_in(*, email: str, password: str) -> User | None:
    """The person, signed in; None when address and password do not fit. Both take the same steps and the same time."""
    address = client_address()
    with writing(db.session):
        user = queries.person_by_email(email)
        is_known = user is not None and queries.has_signed_in_from(user, address)
        tries = throttle.admit_sign_in(email_key=key_of_email(email), address=address, is_known_address=is_known)
    checked = user.password_hash if user is not None and user.is_active else None
    is_right = passwords.matches(password, checked)
    new_hash = passwords.hash_password(password) if is_right and checked and passwords.is_outdated(checked) else None
    before = access.session_of_request()
    with writing(db.session):
        if user is None or not is_right:
            sessions.note_failure(user=user)
            return None
        tries.forgive()
        if before is not None:  # somebody signs in over a session that is open here: that one is done
            sessions.close_session(before)
        token = sessions.sign_in(
            user=user,
            checked_hash=checked,
            new_hash=new_hash,
            user_agent=access.browser_of_request(),
            address=address,
        )
    _keep_in_cookie(user, token)
    return user


def _keep_in_cookie(user: User, token: str) -> None:
    session.clear()  # also the CSRF secret: nothing of a cookie that was there before lives on
    session.permanent = True
    user.session_token = token
    login_user(user)


def _welcome(user: User, password: str) -> ResponseReturnValue:
    if user.role in changes.TRUSTED and len(password) < passwords.MIN_LENGTH_TRUSTED:
        flash(LONGER, "warning")
    if (suspension := suspension_of(user)) is not None:
        flash(suspended_words(suspension.until, suspension.reason), "warning")
    return redirect(_target(), code=303)


def _target() -> str:
    return local_path(request.args.get("next"), default="/")


def _too_many(template: str, form: LoginForm | RegisterForm, error: TooMany) -> ResponseReturnValue:
    minutes = -(-error.retry_after_seconds // 60)
    wait = f"{minutes} minute{'s' if minutes > 1 else ''}" if minutes < 120 else f"{-(-minutes // 60)} hours"
    form.form_errors.append(f"{error.message} Please try again in {wait}.")
    page = render_template(template, form=form, target=request.args.get("next"))
    return page, error.status, {"Retry-After": str(error.retry_after_seconds)}


for _rule, _view, _methods in (
    ("/account/settings", settings_views.settings, ["GET", "POST"]),
    ("/account/password", settings_views.change_password, ["POST"]),
    ("/account/sessions/<int(max=2147483647):session_id>/end", settings_views.end_session, ["POST"]),
    ("/account/sessions/end-others", settings_views.end_other_sessions, ["POST"]),
    ("/account/tokens", token_views.tokens, ["GET"]),
    ("/account/tokens", token_views.make_token, ["POST"]),
    ("/account/tokens/all", token_views.all_tokens, ["GET"]),
    ("/account/tokens/<int(max=2147483647):token_id>/revoke", token_views.revoke_token, ["POST"]),
    ("/account/data", data_views.data, ["GET"]),
    ("/account/data/export", data_views.export_data, ["POST"]),
    ("/account/data/erase", data_views.erase, ["POST"]),
    ("/account/users/<int(max=2147483647):user_id>/erase", data_views.erase_person, ["GET"]),
    ("/account/users/<int(max=2147483647):user_id>/erase", data_views.erase_other, ["POST"]),
    ("/people/<int(max=2147483647):user_id>", people_views.profile, ["GET"]),
    ("/account/users", people_views.users, ["GET"]),
    ("/account/users/<int(max=2147483647):user_id>/role", people_views.change_role, ["POST"]),
    ("/account/users/<int(max=2147483647):user_id>/disable", people_views.disable, ["POST"]),
    ("/account/users/<int(max=2147483647):user_id>/enable", people_views.enable, ["POST"]),
):
    blueprint.add_url_rule(_rule, view_func=_view, methods=_methods)
