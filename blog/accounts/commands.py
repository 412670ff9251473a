"""`flask users create | list | set-password`: how the operator makes the first admin and helps people without mail."""

import os
import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from blog.accounts import changes, queries
from blog.accounts.models import Role, User
from blog.errors import Conflict, Invalid
from blog.extensions import db
from blog.lib import passwords
from blog.lib.database import writing
from blog.my_data.archive import write_archive
from blog.my_data.changes import erase
from blog.my_data.queries import erased_people

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


@user_commands.command("export")
@click.argument("who")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False, exists=False))
def export_data(who: str, path: Path) -> None:
    """Write all that is known of a person (address or number) to a new zip, for somebody who cannot sign in."""
    user = _person(who)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            write_archive(file, user)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error
    click.echo(f"All that is known of {user.name} is in {path}. Send it to nobody else.")


@user_commands.command("erase")
@click.argument("who")
@click.option("--yes", is_flag=True, help="Do not ask again.")
def erase_person(who: str, yes: bool) -> None:
    """Erase a person (address or number) for good. Their places in threads and in the journal stay."""
    user = _person(who)
    if not yes:
        click.confirm(f"Erase {user.name} <{user.email}>, account {user.id}? This cannot be undone.", abort=True)
    try:
        with writing(db.session):
            erase(person=user, actor=None)
    except Conflict as error:
        raise click.ClickException(error.message) from error
    click.echo(f"Account {user.id} is erased. The worker empties the search index and the kept pages of its name.")


@user_commands.command("erased")
def list_erased() -> None:
    """Print the numbers of everybody who was erased, one a line: erase them again after an older backup came back."""
    for number in erased_people():
        click.echo(number)


def _person(who: str) -> User:
    user = queries.person(int(who)) if who.isascii() and who.isdigit() else queries.person_by_email(who)
    if user is None:
        raise click.ClickException(f"There is no account {who}.")
    return user


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
