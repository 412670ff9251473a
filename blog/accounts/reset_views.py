"""A new password by mail: asking for the link, and choosing the password behind it."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog.accounts import access, changes, proof_changes, proof_queries, throttle
from blog.accounts.forms import NewPasswordForm, ResetForm, show_faults
from blog.accounts.names import BadName, clean_email, key_of_email
from blog.accounts.proof_models import Purpose
from blog.accounts.views import blueprint
from blog.errors import Conflict, Fault, Invalid, NotAllowed, TooMany
from blog.extensions import client_address, db
from blog.lib import passwords
from blog.lib.database import end_reading, writing
from blog.settings import current_settings

GONE = 410
ONE_ADDRESS = "Enter one e-mail address such as name@example.org."


@blueprint.route("/account/reset", methods=["GET", "POST"])
def reset() -> ResponseReturnValue:
    """The same answer, made by the same steps, whether somebody has this address or not."""
    if not current_settings().mail_url:
        return render_template("accounts/reset_no_mail.html"), 403 if request.method == "POST" else 200
    form, status = ResetForm(), 200
    if form.validate_on_submit():
        try:
            _ask(request.form.getlist("email"))
            return redirect(url_for("accounts.reset_asked"), code=303)
        except (Invalid, TooMany) as error:
            status = error.status
            if isinstance(error, Invalid):
                show_faults(form, error)
            else:
                form.form_errors.append(f"{error.message} Please try again {throttle.when(error)}.")
    elif form.is_submitted():
        status = 400
    return render_template("accounts/reset.html", form=form), status


@blueprint.get("/account/reset/asked")
def reset_asked() -> ResponseReturnValue:
    minutes = proof_changes.LIFE[Purpose.RESET].total_seconds() // 60
    return render_template("accounts/reset_asked.html", minutes=int(minutes))


# The token is a value of the query: those are never logged, and no page sends them on as a referrer to others.
@blueprint.route("/account/reset/new", methods=["GET", "POST"])
def choose_password() -> ResponseReturnValue:
    token = request.args.get("token", "")
    found = proof_queries.proof_with(token, Purpose.RESET)
    if found is None:
        return render_template("accounts/reset_over.html", why=proof_changes.OVER), GONE
    _, user = found
    form, status = NewPasswordForm(), 200
    if form.validate_on_submit():
        try:
            end_reading(db.session)
            password_hash = changes.prepare_password(user=user, password=form.password.data)
            with writing(db.session):
                proof_changes.reset_password(token=token, password_hash=password_hash)
            return redirect(url_for("accounts.reset_done"), code=303)
        except Conflict as error:
            return render_template("accounts/reset_over.html", why=error.message), GONE
        except Invalid as error:
            show_faults(form, error)
            status = error.status
    elif form.is_submitted():
        status = 400
    least = passwords.MIN_LENGTH_TRUSTED if user.role in changes.TRUSTED else passwords.MIN_LENGTH
    page = render_template("accounts/choose_password.html", form=form, token=token, person=user, min_password=least)
    return page, status


@blueprint.get("/account/reset/done")
def reset_done() -> ResponseReturnValue:
    return render_template("accounts/reset_done.html")


def _ask(addresses: list[str]) -> None:
    """Raises `Invalid` for anything but one address, `TooMany`."""
    if len(addresses) != 1:
        raise Invalid([Fault("email", ONE_ADDRESS)])
    (typed,) = addresses
    try:
        clean_email(typed)
    except BadName as error:
        raise Invalid([Fault("email", str(error))]) from None
    with writing(db.session):
        throttle.admit_reset(email_key=key_of_email(typed), address=client_address())
        proof_changes.ask_for_reset(user=proof_queries.person_with_address(typed))


@blueprint.post("/account/verify")
def ask_to_verify() -> ResponseReturnValue:
    """Send the mail again, or after the address had stopped taking mail."""
    user = access.signed_in()
    if not current_settings().mail_url:
        raise NotAllowed("This site sends no mail, so there is nothing to verify.")
    with writing(db.session):
        throttle.admit_verification(user_id=user.id)
        proof_changes.ask_for_verification(actor=user)
    return redirect(url_for("accounts.verify_asked"), code=303)


@blueprint.get("/account/verify/asked")
def verify_asked() -> ResponseReturnValue:
    return render_template("accounts/verify_asked.html", person=access.signed_in())


@blueprint.route("/account/verify/address", methods=["GET", "POST"])
def verify() -> ResponseReturnValue:
    """A page with a button: programs that look through mail open every link, and must not press it."""
    token = request.args.get("token", "")
    found = proof_queries.proof_with(token, Purpose.VERIFY)
    if found is None:
        user = access.user_of_request()
        if user is not None and proof_queries.is_verified(user):  # pressed twice, or the mail opened again
            return render_template("accounts/verify_done.html", person=user)
        return render_template("accounts/verify_over.html", why=proof_changes.OVER), GONE
    _, person = found
    if request.method == "POST":
        try:
            with writing(db.session):
                proof_changes.verify_address(token=token)
        except Conflict as error:
            return render_template("accounts/verify_over.html", why=error.message), GONE
        return render_template("accounts/verify_done.html", person=person)
    return render_template("accounts/verify.html", person=person, token=token)
