"""`flask comments rebuild` makes the stored HTML of comments anew where the renderer moved on."""

import click
from flask.cli import AppGroup

from blog.comments.importing import render_anew
from blog.comments.queries import ids_to_render
from blog.extensions import db
from blog.lib.database import writing

comment_commands = AppGroup("comments", help="Comments.")
CHUNK = 100  # comments in one transaction: short enough that a site in use never waits


@comment_commands.command("rebuild")
def rebuild() -> None:
    """Make HTML anew that another version of the renderer made; nothing a person wrote is touched."""
    ids = ids_to_render()
    with click.progressbar(length=len(ids), label="Rendering") as bar:
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            with writing(db.session):
                render_anew(chunk)
            bar.update(len(chunk))
    click.echo(f"{len(ids)} comment(s) rendered anew.")
