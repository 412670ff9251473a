"""`flask search rebuild | status | check`: the index from an operator's side."""

import click
from flask.cli import AppGroup

from blog.search import document_queries, jobs
from blog.search.engine import IndexUnavailable
from blog.search.engines import current_engine
from blog.settings import current_settings

search_commands = AppGroup("search", help="The search index. It can always be made anew from the database.")
NAMED = 10  # keys that a complaint names; a rebuild mends the others, too


@search_commands.command("rebuild")
def rebuild() -> None:
    """Make the index anew beside the old one, then switch. Searches go on meanwhile."""
    articles, comments = document_queries.count_documents()
    try:
        with click.progressbar(length=articles + comments, label="Rebuilding the index") as bar:
            documents = jobs.rebuild(bar.update)
    except IndexUnavailable as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"The index holds {documents} document(s).")


@search_commands.command("status")
def status() -> None:
    """Say what the index holds, how far it is behind, and how large it is. Exit 1 when it cannot be used."""
    found = current_engine().check()
    waiting, given_up = document_queries.index_job_counts()
    for problem in found.problems:
        click.echo(problem, err=True)
    if found.openable:
        comments = found.documents - found.articles
        click.echo(f"documents  {found.documents} ({found.articles} write-ups, {comments} comments)")
        click.echo(f"replaced   {found.deleted} that take room until a rebuild")
        click.echo(f"mark       event {found.mark}; the newest to index is {document_queries.newest_indexed_event()}")
    click.echo(f"jobs       {waiting} waiting, {given_up} given up")
    click.echo(f"on disk    {_size() / 1_000_000:.1f} MB{', being written now' if found.locked else ''}")
    if not found.openable:
        raise click.ClickException("the index cannot be used; run `flask --app app search rebuild`")


@search_commands.command("check")
def check() -> None:
    """Read the whole index and compare it with the database. Exit 1, with reasons, when it needs a rebuild."""
    engine = current_engine()
    found = engine.check(deep=True)
    complaints = list(found.problems)
    if found.openable:
        complaints += _differences()
    for complaint in complaints:
        click.echo(complaint, err=True)
    if complaints:
        raise click.ClickException("the index needs `flask --app app search rebuild`")
    click.echo(f"The index is whole: {found.documents} document(s), as in the database.")


def _differences() -> list[str]:
    """What the index holds and the database does not show, or the other way round."""
    in_index, in_database = current_engine().all_keys(), set(document_queries.all_keys())
    waiting, given_up = document_queries.index_job_counts()
    late = {"missing": in_database - in_index, "too many": in_index - in_database}
    complaints = [f"{len(keys)} {what}: {', '.join(sorted(keys)[:NAMED])}" for what, keys in late.items() if keys]
    if complaints and waiting:
        complaints.append(f"{waiting} job(s) wait for the index: this may pass by itself.")
    if given_up:
        complaints.append(f"{given_up} job(s) were given up; what they brought may be old in the index.")
    return complaints


def _size() -> int:
    """Bytes that the folder of the index takes."""
    return sum(path.stat().st_size for path in current_settings().index_dir.rglob("*") if path.is_file())
