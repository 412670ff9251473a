"""`flask mail test ADDRESS` and `mail stop EMAIL`: for whoever runs the site."""

import click
from flask.cli import AppGroup

from blog.accounts import proof_changes
from blog.accounts.queries import person_by_email
from blog.extensions import db
from blog.lib import clock
from blog.lib.database import writing
from blog.lib.mail import Letter, MailDoor, MailServer, Refused, Unavailable, compose
from blog.lib.text import clean_line
from blog.settings import current_settings

mail_commands = AppGroup("mail", help="Mail: try the mail server, and stop mail to an address that bounces.")
TEXT = "This is a test. Mail of this site arrives.\n"


@mail_commands.command("test")
@click.argument("address")
def try_server(address: str) -> None:
    """Send one message to ADDRESS now, and say what the mail server answered."""
    settings = current_settings()
    if not settings.mail_url:
        raise click.ClickException("HINDSIGHT_MAIL_URL is not set, so there is no mail server to try.")
    server, now = MailServer.read(settings.mail_url), clock.now()
    number = f"<test.{now:%Y%m%d%H%M%S%f}@{settings.sender.rpartition('@')[2]}>"
    letter = Letter(address, f"A test of {settings.site_name}", TEXT, f"<p>{TEXT}</p>", number)
    try:
        message = compose(letter, sender=settings.sender, name=settings.site_name, at=now)
        with MailDoor(server, sender=settings.sender) as door:
            door.send(message, to=address)
    except ValueError as error:
        raise click.ClickException(f"{address} is no address: {error}") from error
    except (Refused, Unavailable) as error:
        raise click.ClickException(f"{server.shown} did not take it: {error.message}") from error
    click.echo(f"{server.shown} took a message from {settings.sender} to {address}.")


@mail_commands.command("stop")
@click.argument("email")
@click.option("--reason", default="It bounced.", show_default=True, help="What the bounce said; the person reads it.")
def stop(email: str, reason: str) -> None:
    """Send nothing more to the person with this EMAIL until they verify the address again: for mail that bounced."""
    user = person_by_email(email)
    if user is None:
        raise click.ClickException(f"Nobody has the address {email}.")
    with writing(db.session):
        proof_changes.stop_mail(user=user, reason=clean_line(reason)[:500])
    click.echo(f"Nothing more is sent to {user.email} until {user.name} verifies it again.")
