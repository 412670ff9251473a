"""The forms that ask twice before somebody is erased. The rules are in `blog.my_data.changes`."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, ValidationError
from wtforms.validators import InputRequired

WORD = "erase"


def _is_the_word(_form: FlaskForm, field: StringField) -> None:
    if (field.data or "").strip().casefold() != WORD:
        raise ValidationError(f"Type the word {WORD}, so that nobody is erased by a slip.")


class EraseForm(FlaskForm):  # type: ignore[misc]
    password = PasswordField(
        "Your password",
        [InputRequired("Enter your password: this cannot be undone.")],
        render_kw={"autocomplete": "current-password"},
    )
    word = StringField(
        f"Type the word “{WORD}”",
        [InputRequired(f"Type the word {WORD}, so that nobody is erased by a slip."), _is_the_word],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "maxlength": 20},
    )
