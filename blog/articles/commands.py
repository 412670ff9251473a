"""`flask articles check | submit | move | merge | unmerge`: what the desk does, for the operator, under the same rules;
`rebuild` makes projections and rendered HTML anew, and touches nothing that a person wrote.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup

from blog.accounts.models import User
from blog.accounts.queries import person_by_email
from blog.articles import addresses, queries
from blog.articles.document import parse_document_text
from blog.articles.queries import published_ids
from blog.articles.rebuilding import remake, store
from blog.checks import queries as check_queries
from blog.comments import merging
from blog.editor import reviewing
from blog.errors import HindsightError, Invalid
from blog.extensions import db
from blog.followups.projections import project_actions
from blog.journal.versions import move_site
from blog.lib.database import writing

article_commands = AppGroup("articles", help="Write-ups.")
BY = click.option("--by", "email", required=True, help="The address of the person who does it.")
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


@article_commands.command("check")
@click.argument("slug")
@click.option("--by", "email", required=True, help="The address of the person who asks.")
def check(slug: str, email: str) -> None:
    """Say what the checks find in the newest revision of a write-up. Exit 1 while something stands unexplained."""
    try:
        article = queries.article_for(_person(email), slug)
        revision = queries.newest_revision_of(article)
        found = check_queries.checked(parse_document_text(revision.document), article.id)
    except HindsightError as error:
        raise click.ClickException(error.message) from error
    for one in found:
        waived = f" (left so: {one.waiver.reason})" if one.waiver else ""
        click.echo(f"{one.finding.fingerprint}  {one.finding.path}: {one.finding.message}{waived}")
    if is_open := sum(one.waiver is None for one in found):
        raise click.ClickException(f"{is_open} to mend, or to leave with a reason.")
    click.echo("Nothing stands in the way of a review.")


@article_commands.command("submit")
@click.argument("slug")
@click.option("--by", "email", required=True, help="The address of the person who asks for the review.")
@click.option("--note", default="", help="For the reviewers.")
@click.option("--public-note", default="", help="For readers, where the write-up is live: what changes.")
@click.option("--waive", multiple=True, metavar="FINGERPRINT=REASON", help="Why a finding of the checks stays.")
def submit(slug: str, email: str, note: str, public_note: str, waive: tuple[str, ...]) -> None:
    """Ask for a review of the newest revision of a write-up, under the rules of the editors' desk."""
    waivers = {fingerprint.strip(): reason for fingerprint, _, reason in (one.partition("=") for one in waive)}
    try:
        with writing(db.session):
            actor = _person(email)
            article = queries.article_for(actor, slug)
            revision = queries.newest_revision_of(article)
            reviewing.submit(
                actor=actor, revision=revision, article=article, note=note, public_note=public_note, waivers=waivers
            )
    except Invalid as error:
        told = "\n".join(f"{fault.fingerprint or '-':32}  {fault}" for fault in error.faults)
        raise click.ClickException(f"It stays a draft:\n{told}") from error
    except HindsightError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"Revision {revision.number} of {slug} waits for a review.")


@article_commands.command("move")
@click.argument("slug")
@click.argument("new")
@BY
def move(slug: str, new: str, email: str) -> None:
    """Give a write-up another slug, under the rules of the editors' desk. The old one leads there for ever."""
    with _told():
        actor = _person(email)
        addresses.change_slug(actor=actor, article=queries.find_article(actor, slug), slug=new)
    click.echo(f"It stands at /postmortems/{new} now.")


@article_commands.command("merge")
@click.argument("slug")
@click.argument("into")
@BY
@click.option("--reason", required=True, help="Why, for everybody who follows a link to it.")
def merge(slug: str, into: str, email: str, reason: str) -> None:
    """Let a write-up stand in another one that tells the same, with its comments."""
    with _told():
        actor = _person(email)
        article, other = queries.article_with_history(actor, slug), queries.find_article(actor, into)
        merging.merge(actor=actor, article=article, into=other, reason=reason)
        told = f"/postmortems/{article.slug} leads to /postmortems/{other.slug} now."
    click.echo(told)


@article_commands.command("unmerge")
@click.argument("slug")
@BY
def unmerge(slug: str, email: str) -> None:
    """Undo `merge`: the write-up and its threads stand where they stood."""
    with _told():
        actor = _person(email)
        merging.undo_merge(actor=actor, article=queries.article_with_history(actor, slug))
    click.echo(f"/postmortems/{slug} stands by itself again.")


@contextmanager
def _told() -> Iterator[None]:
    """One transaction; a refusal as an operator reads it."""
    try:
        with writing(db.session):
            yield
    except HindsightError as error:
        raise click.ClickException(error.message) from error


def _person(email: str) -> User:
    person = person_by_email(email)
    if person is None or not person.is_active:
        raise click.ClickException(f"There is no active account with the address {email}.")
    return person
