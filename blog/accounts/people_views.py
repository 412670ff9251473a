"""Pages about people: the public profile, and the list in which an admin changes roles and disables accounts."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blog import policy
from blog.accounts import access, administering, queries
from blog.accounts.label_queries import labels_of
from blog.accounts.models import Role, User
from blog.articles.listing import started_by
from blog.comments.queries import said_by
from blog.errors import Conflict, Invalid, NotAllowed, NotFound
from blog.extensions import db
from blog.lib.database import writing
from blog.lib.mentions import handle_of
from blog.lib.row_numbers import MAX_ROW_NUMBER
from blog.lib.text import plain_text
from blog.moderation.appeal_queries import suspension_of

SHOWN = 20  # of each kind on a profile; search by author finds the rest


def profile(user_id: int) -> ResponseReturnValue:
    person = queries.person(user_id)
    if person is None:
        raise NotFound
    if person.erased_at is not None:
        return render_template("accounts/erased.html"), 410
    user = access.user_of_request()
    said = said_by(user, person, limit=SHOWN)
    return render_template(
        "accounts/profile.html",
        person=person,
        articles=started_by(user, person, limit=SHOWN),
        comments=[(one, plain_text(one.html)) for one in said],
        labels=labels_of("comment", [one.id for one in said]),
        suspension=suspension_of(person),
        handle=handle_of(person.name) if person.is_active else "",
    )


def users() -> ResponseReturnValue:
    _admin()
    return _list_page()


def change_role(user_id: int) -> ResponseReturnValue:
    actor = _admin()
    return _administer(
        lambda: administering.change_role(
            actor=actor, user_id=user_id, role=request.form.get("role", ""), reason=_reason()
        ),
        user_id=user_id,
        done="The role is changed, and the person was signed out.",
    )


def disable(user_id: int) -> ResponseReturnValue:
    actor = _admin()
    return _administer(
        lambda: administering.disable(actor=actor, user_id=user_id, reason=_reason()),
        user_id=user_id,
        done="The account is disabled, and the person was signed out. Enabling it undoes this.",
    )


def enable(user_id: int) -> ResponseReturnValue:
    actor = _admin()
    return _administer(
        lambda: administering.enable(actor=actor, user_id=user_id, reason=_reason()),
        user_id=user_id,
        done="The account is enabled: the person can sign in again.",
    )


def _reason() -> str:
    return request.form.get("reason", "")


def _admin() -> User:
    user = access.signed_in()
    if not policy.can_administer(user):
        raise NotAllowed("Only admins look after accounts.")
    return user


def _administer(change: Callable[[], None], *, user_id: int, done: str) -> ResponseReturnValue:
    try:
        with writing(db.session):
            change()
    except (Invalid, Conflict) as error:
        return _list_page(problem=error, problem_with=user_id)
    flash(done, "ok")
    place = _place()
    address = url_for("accounts.users", after=place.get("after"), q=place.get("q"), _anchor=f"person-{user_id}")
    return redirect(address, code=303)


def _list_page(*, problem: Invalid | Conflict | None = None, problem_with: int | None = None) -> ResponseReturnValue:
    place = _place()
    people, next_after = queries.people_page(after=int(place.get("after", 0)), starting_with=place.get("q", ""))
    page = render_template(
        "accounts/users.html",
        people=people,
        next_after=next_after,
        place=place,
        roles=list(Role),
        problem=problem,
        problem_with=problem_with,
        typed=request.form,
    )
    return page, problem.status if problem else 200


def _place() -> dict[str, str]:
    """Where in the list the admin is, as its address says: `after` (a cursor) and `q` (how names begin)."""
    after, starts = request.args.get("after", ""), request.args.get("q", "").strip()
    if after and (not after.isascii() or not after.isdigit() or int(after[:11]) > MAX_ROW_NUMBER):
        raise Invalid("This page of the list does not exist. Start from its first page.")
    return {name: value for name, value in (("after", after), ("q", starts[:254])) if value}
