"""`flask users create | list | set-password`: how the operator makes the first admin and helps people without mail."""

import sys

import click
from flask.cli import AppGroup

from blog.accounts import changes, queries
from blog.accounts.models import Role, User
from blog.errors import Invalid
from blog.extensions import db
from blog.lib import passwords
from blog.lib.database import writing

user_commands = AppGroup("users", help="People and what they may do.")
FROM_STDIN = click.option("--password-stdin", is_flag=True, help="Read the password from standard input, one line.")


@user_commands.command("create")
@click.argument("name")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.MEMBER.value, show_default=True)
@FROM_STDIN
def create(name: str, email: str, role: str, password_stdin: bool) -> None:
    """Make an account. Without --password-stdin it waits for `users set-password`."""
    password = _password_from_stdin() if password_stdin else None
    try:
        account = changes.prepare_account(name=name, email=email, password=password, role=Role(role))
        with writing(db.session):
            user = changes.create_account(account)
    except Invalid as error:
        raise _refusal(error) from error
    click.echo(f"{user.name} <{user.email}> is made, with the role {user.role}.")
    if password is None:
        click.echo("There is no password yet. Set one with: users set-password EMAIL --password-stdin", err=True)
    else:
        _warn_of_short(password, user)


@user_commands.command("list")
def list_users() -> None:
    """Print everybody: number, role, address, name, one a line, with tabs between them."""
    for user in queries.everybody():
        marks = " (disabled)" if not user.is_active else "" if user.password_hash else " (no password)"
        click.echo(f"{user.id}\t{user.role}\t{user.email}\t{user.name}{marks}")


@user_commands.command("set-password")
@click.argument("email")
@FROM_STDIN
def set_password(email: str, password_stdin: bool) -> None:
    """Set the password of a person, who is signed out everywhere."""
    if not password_stdin:
        raise click.UsageError("Give --password-stdin and send the password on standard input.")
    user = queries.person_by_email(email)
    if user is None:
        raise click.ClickException(f"There is no account with the address {email}.")
    password = _password_from_stdin()
    try:
        password_hash = changes.prepare_password(user=user, password=password, is_operator=True)
    except Invalid as error:
        raise _refusal(error) from error
    with writing(db.session):
        changes.set_password(user=user, password_hash=password_hash)
    click.echo(f"The password of {user.name} is set.")
    _warn_of_short(password, user)


def _password_from_stdin() -> str:
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise click.ClickException("There was no password on standard input.")
    return line


def _warn_of_short(password: str, user: User) -> None:
    if user.role in changes.TRUSTED and len(password) < passwords.MIN_LENGTH_TRUSTED:
        click.echo(
            f"Warning: a {user.role} should have a password of at least"
            f" {passwords.MIN_LENGTH_TRUSTED} characters; this one has {len(password)}.",
            err=True,
        )


def _refusal(error: Invalid) -> click.ClickException:
    return click.ClickException("\n".join(str(fault) for fault in error.faults))
