"""`flask users create | list | set-password`."""

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import Role, User
from blog.extensions import db
from blog.journal.models import Event
from tests.people import MIA, PASSWORD, join
from tests.visitor import Visitor, signed_in

ADMIN = ("users", "create", "Ada Admin", "ada@site.example", "--role", "admin", "--password-stdin")


def run(app: Flask, *arguments: str, stdin: str = "") -> Result:
    return app.test_cli_runner().invoke(args=list(arguments), input=stdin)


def people(app: Flask) -> list[User]:
    with app.app_context():
        return list(db.session.scalars(select(User).order_by(User.id)))


def test_a_new_site_has_no_account_at_all(app: Flask) -> None:
    assert people(app) == []


def test_the_operator_makes_the_first_admin(app: Flask, client: Visitor) -> None:
    result = run(app, *ADMIN, stdin=f"{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    [user] = people(app)
    assert (user.name, user.email, user.role) == ("Ada Admin", "ada@site.example", Role.ADMIN)
    assert client.post("/account/login", data={"email": user.email, "password": PASSWORD}).status_code == 303
    assert client.get("/account/users").status_code == 200
    with app.app_context():
        event = db.session.scalars(select(Event).order_by(Event.id)).first()
        assert event is not None
        assert (event.kind, event.actor_id, event.data) == ("account.created", None, {"role": "admin"})


@pytest.mark.parametrize("role", list(Role))
def test_every_role_can_be_given(app: Flask, role: Role) -> None:
    assert run(app, "users", "create", "Kim", "kim@x.test", "--role", role.value).exit_code == 0
    assert people(app)[0].role == role


def test_a_name_of_the_site_is_free_to_the_operator(app: Flask) -> None:
    result = run(
        app, "users", "create", "admin", "admin@localhost", "--role", "admin", "--password-stdin", stdin=PASSWORD
    )
    assert result.exit_code == 0, result.output


def test_a_short_password_of_an_admin_is_taken_with_a_warning(app: Flask) -> None:
    result = run(app, *ADMIN, stdin="fourteen chars\n")
    assert result.exit_code == 0
    assert "Warning" in result.stderr
    assert "at least 15 characters; this one has 14" in result.stderr


@pytest.mark.parametrize("password", ["elevenchars", "password12345", "", "ada@site.example"])
def test_a_password_that_would_be_guessed_is_refused(app: Flask, password: str) -> None:
    result = run(app, *ADMIN, stdin=f"{password}\n")
    assert result.exit_code == 1
    assert "password" in result.stderr
    assert people(app) == []


def test_an_account_that_is_there_already_is_told(app: Flask) -> None:
    join(app, MIA)
    result = run(app, "users", "create", "Mia", MIA.email)
    assert result.exit_code == 1
    assert "name:" in result.stderr
    assert "email:" in result.stderr
    assert len(people(app)) == 1


def test_an_unknown_role_is_refused(app: Flask) -> None:
    assert run(app, "users", "create", "Kim", "kim@x.test", "--role", "owner").exit_code == 2


def test_an_account_without_a_password_waits_for_one(app: Flask, client: Visitor) -> None:
    assert "no password yet" in run(app, "users", "create", "Kim", "kim@x.example").stderr
    sign_in = {"email": "kim@x.example", "password": PASSWORD}
    assert client.post("/account/login", data=sign_in).status_code == 400
    result = run(app, "users", "set-password", "KIM@x.example", "--password-stdin", stdin=f"{PASSWORD}\r\n")
    assert result.exit_code == 0, result.output
    assert client.post("/account/login", data=sign_in).status_code == 303


def test_setting_a_password_signs_the_person_out(app: Flask, client: Visitor) -> None:
    signed_in(client, MIA)
    run(app, "users", "set-password", MIA.email, "--password-stdin", stdin="seven lanterns over the harbour")
    assert client.get("/account/settings").status_code == 303


def test_a_password_for_nobody_is_refused(app: Flask) -> None:
    result = run(app, "users", "set-password", "nobody@x.example", "--password-stdin", stdin=PASSWORD)
    assert result.exit_code == 1
    assert "no account" in result.stderr


def test_the_list_names_everybody(app: Flask) -> None:
    user = join(app, MIA)
    assert run(app, "users", "list").stdout == f"{user.id}\tmember\t{MIA.email}\tMia\n"
