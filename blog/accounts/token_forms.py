"""The form of a new API token. The rules are in `token_changes`."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from blog import policy
from blog.accounts.models import User
from blog.accounts.token_changes import MAX_NAME, SCOPES
from blog.lib.json_api import MAX_MODEL

DAYS = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "A year"}
SCOPE_WORDS = {
    "read": "Read what you may read, your drafts too",
    "propose": "Propose write-ups and revisions, which wait for people",
    "comment": "Comment in your name",
}


class TokenForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        "What the program is called",
        [InputRequired("Give it a name, so that people know who wrote.")],
        render_kw={"autocomplete": "off", "maxlength": MAX_NAME},
    )
    model = StringField(
        "Model it runs", render_kw={"autocomplete": "off", "maxlength": MAX_MODEL, "spellcheck": "false"}
    )
    scopes = SelectMultipleField("What it may do", option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False))
    days = SelectField("How long it holds", choices=[SelectChoice(days, words) for days, words in DAYS.items()])
    password = PasswordField(
        "Your password",
        [InputRequired("Enter your password: a token is a key to your account.")],
        render_kw={"autocomplete": "current-password"},
    )
    once = StringField()


def token_form(user: User, **given: Any) -> TokenForm:
    """The form with the scopes that this person's role carries."""
    form = TokenForm(**given)
    held = policy.token_scopes(user)
    form.scopes.choices = [SelectChoice(scope, SCOPE_WORDS[scope]) for scope in SCOPES if scope in held]
    return form
