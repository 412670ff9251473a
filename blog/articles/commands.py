"""`flask articles rebuild` makes projections and rendered HTML anew; nothing a person wrote is touched."""

import click
from flask.cli import AppGroup

from blog.articles.queries import published_ids
from blog.articles.rebuilding import rebuild_article
from blog.extensions import db
from blog.lib.database import writing

article_commands = AppGroup("articles", help="Write-ups.")
CHUNK = 100  # write-ups in one transaction: short enough that a site in use never waits


@article_commands.command("rebuild")
@click.option("--render/--no-render", default=True, help="Also make HTML anew where the renderer moved on.")
def rebuild(render: bool) -> None:
    """Make list columns, facets, incidents and HTML of every published write-up anew."""
    ids = published_ids()
    with click.progressbar(length=len(ids), label="Rebuilding") as bar:
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            with writing(db.session):
                for article_id in chunk:
                    rebuild_article(article_id, render=render)
            bar.update(len(chunk))
    click.echo(f"{len(ids)} write-up(s) rebuilt.")
