"""The page of one's API tokens: making one, whose secret is shown in this one answer, and revoking; admins see all."""

from flask import flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blog import policy
from blog.accounts import access, label_queries, token_changes, token_queries
from blog.accounts.forms import show_faults
from blog.accounts.models import ApiToken, User
from blog.accounts.settings_views import confirm_password
from blog.accounts.token_forms import TokenForm, token_form
from blog.errors import Conflict, Invalid, NotAllowed, TooMany
from blog.extensions import db
from blog.journal import once_changes
from blog.lib.database import writing
from blog.lib.once import new_key, once_of_form

MADE_BEFORE = "This token was made already. Its secret was shown that once; revoke it and make another if it was lost."


def tokens() -> ResponseReturnValue:
    return _page(access.signed_in())


def make_token() -> ResponseReturnValue:
    user = access.signed_in()
    form = token_form(user)
    if not form.validate():
        return _page(user, form, status=400)
    try:
        made = _make(user, form)
    except Invalid as error:
        show_faults(form, error)
        return _page(user, form, status=error.status)
    except (Conflict, TooMany) as error:
        form.form_errors.append(error.message)
        return _page(user, form, status=error.status)
    if made is None:
        flash(MADE_BEFORE, "warning")
        return redirect(url_for("accounts.tokens"), code=303)
    token, secret = made
    answer = make_response(render_template("accounts/token_made.html", token=token, secret=secret))
    answer.headers["Cache-Control"] = "private, no-store"  # the secret is in this answer and nowhere else
    return answer


def revoke_token(token_id: int) -> ResponseReturnValue:
    user = access.signed_in()
    with writing(db.session):
        token = token_changes.revoke(actor=user, token_id=token_id)
    flash(f"The token “{token.name}” is revoked. A program that uses it is refused from now on.", "ok")
    return redirect(url_for("accounts.tokens" if token.user_id == user.id else "accounts.all_tokens"), code=303)


def all_tokens() -> ResponseReturnValue:
    if not policy.can_administer(access.signed_in()):
        raise NotAllowed("Only admins look after the tokens of others.")
    held = token_queries.held_by_all()
    return render_template(
        "accounts/all_tokens.html", held=held, written=label_queries.written_with([token.id for token, _ in held])
    )


def _make(user: User, form: TokenForm) -> tuple[ApiToken, str] | None:
    """The token and its secret; None where the same form made one before."""
    checked = confirm_password(user, form.password.data, field="password")
    name, model, scopes, days = form.name.data, form.model.data or "", form.scopes.data or [], int(form.days.data)
    once = once_of_form(user.id, form.once.data or "", name, model, *scopes, str(days))
    with writing(db.session):
        if once_changes.answered(once):
            return None
        made = token_changes.make_token(
            actor=user, checked_hash=checked, name=name, model=model, scopes=scopes, days=days
        )
        once_changes.keep(once, status=303, location=url_for("accounts.tokens"))
    return made


def _page(user: User, form: TokenForm | None = None, *, status: int = 200) -> ResponseReturnValue:
    form = form or token_form(user, formdata=None, data={"scopes": ["read"], "days": "30"})
    held, ended = token_queries.tokens_of(user)
    page = render_template(
        "accounts/tokens.html",
        form=form,
        once=form.once.data or new_key(),
        held=held,
        ended=ended,
        written=label_queries.written_with([token.id for token in (*held, *ended)]),
        scopes=policy.token_scopes(user),
        limit=token_changes.MAX_HELD,
    )
    return page, status
