"""Forms of accounts: which fields they have and what browsers are told. The rules are in `changes`."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, StringField, TextAreaField
from wtforms.validators import InputRequired

from blog.errors import Invalid


def _told(autocomplete: str, **more: Any) -> dict[str, Any]:
    return {"autocomplete": autocomplete, **more}


def _email(autocomplete: str) -> Field:
    # Not type="email": browsers refuse addresses with letters beyond ASCII in it.
    told = _told(autocomplete, inputmode="email", autocapitalize="none", spellcheck="false")
    return StringField("E-mail address", [InputRequired("Enter your e-mail address.")], render_kw=told)


class RegisterForm(FlaskForm):  # type: ignore[misc]
    name = StringField("Name", [InputRequired("Enter a name.")], render_kw=_told("nickname", maxlength=64))
    email = _email("email")
    password = PasswordField("Password", [InputRequired("Enter a password.")], render_kw=_told("new-password"))


class LoginForm(FlaskForm):  # type: ignore[misc]
    email = _email("username")
    password = PasswordField("Password", [InputRequired("Enter your password.")], render_kw=_told("current-password"))


class ResetForm(FlaskForm):  # type: ignore[misc]
    email = _email("username")


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    password = PasswordField("New password", [InputRequired("Enter a new password.")], render_kw=_told("new-password"))


class ProfileForm(FlaskForm):  # type: ignore[misc]
    name = StringField("Name", [InputRequired("Enter a name.")], render_kw=_told("nickname", maxlength=64))
    about = TextAreaField("About you", render_kw=_told("off", rows=4))


class PasswordForm(FlaskForm):  # type: ignore[misc]
    current_password = PasswordField(
        "Current password", [InputRequired("Enter the password you have now.")], render_kw=_told("current-password")
    )
    password = PasswordField("New password", [InputRequired("Enter a new password.")], render_kw=_told("new-password"))


def show_faults(form: FlaskForm, error: Invalid) -> None:
    """Put each fault of a rule beside its field; one without a field of this form goes on top."""
    for fault in error.faults:
        if fault.path in form:
            field = form[fault.path]
            field.errors = [*field.errors, fault.reason]
        else:
            form.form_errors.append(fault.reason)
