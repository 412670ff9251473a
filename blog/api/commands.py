"""`flask tokens create | revoke`: how the operator gives a program access, and takes it away."""

import click
from flask.cli import AppGroup

from blog.accounts import queries, token_changes
from blog.errors import Conflict, Invalid, NotFound
from blog.extensions import db
from blog.lib.database import writing

token_commands = AppGroup("tokens", help="Keys of programs to the JSON API.")


@token_commands.command("create")
@click.argument("email")
@click.option("--name", required=True, help="What the program is called; stands on all it writes.")
@click.option("--scopes", required=True, help=f"Comma separated: {', '.join(token_changes.SCOPES)}.")
@click.option("--model", default="", help="The AI model it runs; stands on all it writes, too.")
@click.option("--days", type=int, default=90, show_default=True, help="How long it holds.")
def create(email: str, name: str, scopes: str, model: str, days: int) -> None:
    """Make a token for the person with this address. Its secret is printed once, alone on standard output."""
    wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
    try:
        with writing(db.session):
            owner = queries.person_by_email(email)
            if owner is None or not owner.is_active:
                raise click.ClickException(f"There is no active account with the address {email}.")
            token, secret = token_changes.create_token(owner=owner, name=name, scopes=wanted, model=model, days=days)
    except (Conflict, Invalid) as error:
        raise click.ClickException(error.message) from error
    click.echo(
        f"The token {token.prefix} of {owner.name} holds until {token.expires_at:%Y-%m-%d} and may {token.scopes}.\n"
        "Keep the line below: it is shown this once.",
        err=True,
    )
    click.echo(secret)


@token_commands.command("revoke")
@click.argument("prefix")
def revoke(prefix: str) -> None:
    """End the token whose secret begins with PREFIX, at once."""
    try:
        with writing(db.session):
            token = token_changes.revoke_token(prefix=prefix[: token_changes.PREFIX_LENGTH])
    except (Conflict, NotFound) as error:
        raise click.ClickException(error.message) from error
    click.echo(f"The token {token.prefix} ({token.name}) is revoked.")
