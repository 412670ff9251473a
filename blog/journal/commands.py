"""`flask worker` runs the jobs in a process of its own; `flask journal verify` walks the chain of events."""

import logging
import signal
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from itertools import chain
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from blog.extensions import db
from blog.journal import event_queries, head_changes, queries
from blog.journal.versions import move_site
from blog.journal.worker import Worker
from blog.journal.worker_process import take_lock
from blog.lib.database import writing
from blog.settings import current_settings

journal_commands = AppGroup("journal", help="The append-only journal of events.")


@journal_commands.command("verify")
@click.option(
    "--heads",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of journal-heads.jsonl that was kept elsewhere; else the one in the data folder.",
)
def verify(heads: Path | None) -> None:
    """Check that no event was changed, removed or put in, and that every head that was told is still there. Exit 1 if
    not.
    """
    broken = 0
    told = heads or current_settings().data_dir / head_changes.FILE
    lost = head_changes.lost_heads(told) if told.exists() else ()
    for event_id, what in _readable(chain(queries.broken_links(), lost)):
        click.echo(f"event {event_id}: {what}", err=True)
        broken += 1
    if broken:
        raise click.ClickException(f"the journal is broken at {broken} place(s)")
    click.echo("The journal is whole.")


def _readable(found: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    try:
        yield from found
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error


@journal_commands.command("head")
def head() -> None:
    """Print the number and hash of the newest event, to be kept elsewhere."""
    newest = event_queries.newest()
    click.echo(f"{newest.id} {newest.hash}" if newest else "The journal is empty.")


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
    """Run background jobs in this process; the web processes start none while it runs."""
    worker: Worker = current_app.extensions["hindsight_worker"]
    if once:
        click.echo(f"{worker.drain()} job(s) run.")
        return
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: worker.stopping.set())
    logging.getLogger(__name__).info("worker %s is ready", worker.name)
    with take_lock(current_settings().data_dir) or nullcontext():  # another one may have it: two do no harm
        worker.run_forever()
