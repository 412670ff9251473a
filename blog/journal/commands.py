"""`flask worker` runs the jobs in a process of its own; `flask journal verify` walks the chain of events."""

import logging
import signal

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from blog.extensions import db
from blog.journal import queries
from blog.journal.versions import move_site
from blog.journal.worker import Worker
from blog.lib.database import writing

journal_commands = AppGroup("journal", help="The append-only journal of events.")


@journal_commands.command("verify")
def verify() -> None:
    """Check that no event was changed, removed or put in. Exit 1 if one was."""
    broken = 0
    for event_id, what in queries.broken_links():
        click.echo(f"event {event_id}: {what}", err=True)
        broken += 1
    if broken:
        raise click.ClickException(f"the journal is broken at {broken} place(s)")
    click.echo("The journal is whole.")


@journal_commands.command("refresh")
def refresh() -> None:
    """Have every page made anew: after rows were changed by hand."""
    with writing(db.session):
        move_site()
    click.echo("Every page is made anew when it is asked for next.")


@click.command("worker")
@click.option("--once", is_flag=True, help="Run what is due now, then end.")
@with_appcontext
def worker_command(once: bool) -> None:
    """Run background jobs in this process (set HINDSIGHT_WORKER=process for the web processes)."""
    worker: Worker = current_app.extensions["hindsight_worker"]
    if once:
        click.echo(f"{worker.drain()} job(s) run.")
        return
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: worker.stopping.set())
    logging.getLogger(__name__).info("worker %s is ready", worker.name)
    worker.run_forever()
