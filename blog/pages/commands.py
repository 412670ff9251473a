"""`flask pages make`: for an operator after an update, whose first readers would wait."""

from collections import Counter

import click
from flask import current_app
from flask.cli import AppGroup

from blog.pages.ahead_jobs import PagesAhead

page_commands = AppGroup("pages", help="Kept pages.")


@page_commands.command("make")
def make() -> None:
    """Make the pages of the newest write-ups before anybody asks for them. The worker does the same, by and by."""
    ahead: PagesAhead = current_app.extensions["hindsight_pages_ahead"]
    outcomes: Counter[str] = Counter()
    with click.progressbar(length=ahead.begin(), label="Making pages") as bar:
        while not ahead.is_done:
            outcomes[ahead.step()] += 1
            bar.update(1)
    click.echo(f"{outcomes['made']} page(s) made, {outcomes['current']} were there.")
    if outcomes["not kept"]:
        click.echo(f"{outcomes['not kept']} could not be kept.")
