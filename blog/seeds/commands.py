"""`flask seed` loads the demo world; loading it again changes nothing."""

import click
from flask.cli import with_appcontext

from blog.extensions import db
from blog.journal.changes import leave_undone
from blog.journal.reactions import LOOK_AT_LINKS
from blog.lib.database import writing
from blog.seeds import changes, queries


@click.command("seed")
@click.option("--if-empty", is_flag=True, help="Do nothing on a site that has any write-up.")
@with_appcontext
def seed_command(if_empty: bool) -> None:
    """Load the demo world: ten write-ups, their people and their threads."""
    if if_empty and not queries.is_site_empty():
        return
    missing = changes.missing_write_ups()
    if not missing:
        click.echo("The demo world is here already.")
        return
    with writing(db.session):  # all or nothing: a site that holds a part would not be filled by --if-empty again
        cast = changes.load_people()
        with click.progressbar(missing, label="Loading the demo world", item_show_func=_slug) as bar:
            for write_up in bar:
                changes.load_write_up(write_up, cast=cast)
        leave_undone(LOOK_AT_LINKS)  # a demo asks nothing of other hosts
    click.echo(f"{len(missing)} write-up(s) of the demo world loaded.")


def _slug(write_up: changes.WriteUp | None) -> str:
    return write_up.slug if write_up else ""
