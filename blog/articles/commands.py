"""`flask articles rebuild` makes projections and rendered HTML anew; nothing a person wrote is touched."""

import click
from flask.cli import AppGroup

from blog.articles.queries import published_ids
from blog.articles.rebuilding import remake, store
from blog.extensions import db
from blog.followups.projections import project_actions
from blog.journal.versions import move_site
from blog.lib.database import writing

article_commands = AppGroup("articles", help="Write-ups.")
CHUNK = 100  # write-ups in one transaction: short enough that a site in use never waits


@article_commands.command("rebuild")
@click.option("--render/--no-render", default=True, help="Also make HTML anew where the renderer moved on.")
def rebuild(render: bool) -> None:
    """Make list columns, facets, incidents, actions and HTML of every published write-up anew."""
    ids, rebuilt = published_ids(), 0
    with click.progressbar(length=len(ids), label="Rebuilding") as bar:
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            made = [one for article_id in chunk if (one := remake(article_id, render=render))]
            with writing(db.session):
                for one in made:
                    store(one)
                    project_actions(one.article_id)
            rebuilt += len(made)
            bar.update(len(chunk))
    with writing(db.session):
        move_site()
    click.echo(f"{rebuilt} write-up(s) rebuilt.")
    if rebuilt < len(ids):
        click.echo(f"{len(ids) - rebuilt} left as they are: not published any more, or not readable (see the log).")
