"""`flask import PATH` brings write-ups, people and comments in; `flask export PATH` writes them out."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from blog.errors import Busy, Invalid
from blog.extensions import db
from blog.lib.database import writing
from blog.lib.text import Level
from blog.transfer import arrivals, changes, queries, sources
from blog.transfer.ahead import ahead, batched, rendered
from blog.transfer.arrivals import Remark, WriteUp
from blog.transfer.bundle import UserLine
from blog.transfer.bundle_import import NOBODY_YET, BundleImport
from blog.transfer.comment_writers import write_disqus, write_isso, write_wordpress
from blog.transfer.foreign_import import ForeignImport, format_of
from blog.transfer.indexing import index_now, waiting_jobs
from blog.transfer.report import Report
from blog.transfer.sources import SourceFile
from blog.transfer.spool import DONE
from blog.transfer.writers import Advance, write_bundle, write_markdown

BATCH = 100  # write-ups in one transaction: a part of a second, so that people of a running site can post in between
REMARKS = 500  # comments in one
TRIES = 3  # for a transaction that found the database locked
WRITERS: dict[str, Callable[[Path, Advance], dict[str, int]]] = {
    "bundle": write_bundle,
    "markdown": write_markdown,
    "disqus": write_disqus,
    "wordpress": write_wordpress,
    "isso": write_isso,
}
T = TypeVar("T")


@dataclass
class Run:
    """One import: what it may do, what it has to tell, and the bar that shows how far it is."""

    dry_run: bool
    as_draft: bool
    report: Report = field(default_factory=Report)
    advance: Callable[[int], object] = lambda _: None

    def files(self, found: Sequence[SourceFile]) -> None:
        """Bring in write-ups of one file each; those that came before are left as they are."""
        known = queries.articles_from([identity for one in found for identity in one.identities])
        fresh = [one for one in found if not known.keys() & set(one.identities)]
        self.report.counts["known write-ups"] += len(found) - len(fresh)
        self.advance(len(found) - len(fresh))
        present = queries.articles_at([one.path.stem for one in fresh])
        self.write_ups(arrivals.write_ups_of_files(fresh, self.report, present), lambda *_: None)

    def bundle(self, source: SourceFile) -> None:
        """Bring in a bundle: its people, then its write-ups, how their actions stand, then its comments."""
        with closing(BundleImport(source, self.report)) as work:
            self._all_of(work)

    def foreign(self, source: SourceFile, kind: str) -> None:
        """Bring in the comments of another program: `kind` is its format."""
        with closing(ForeignImport(source, kind, self.report)) as work:
            self._all_of(work)

    def _all_of(self, work: BundleImport) -> None:
        for _ in work.look():
            pass
        for lines in work.people():
            work.settle_people(lines, self._people(lines, work.name))
        work.settle_known_write_ups()
        found = arrivals.write_ups_of_bundle(work.file, work.name, work.spool, self.report)
        self.write_ups(found, lambda one, made: work.spool.settle_article(one.number, DONE, made))
        self._actions(work)
        self._remarks(work)

    def _people(self, lines: Sequence[tuple[int, UserLine]], name: str) -> dict[int, int]:
        self.advance(len(lines))
        if self.dry_run:
            here = changes.judge_people(lines, self.report, name)
            return {number: here.get(number, NOBODY_YET) for number, _ in lines}
        return self._written(lambda: changes.bring_in_people(lines, self.report, name))

    def write_ups(self, found: Iterator[WriteUp], settle: Callable[[WriteUp, int], object]) -> None:
        """Write these, whole ones only, some in a transaction, while the next ones are read and rendered."""
        if self.dry_run:
            for one in found:
                settle(one, NOBODY_YET)
                self._count("write-ups", 1)
            return
        if self.as_draft:
            found = arrivals.as_drafts(found)
        for batch in batched(ahead(rendered(found, arrivals.texts_of)), BATCH):
            made = self._written(partial(changes.bring_in_write_ups, batch, self.report))
            for (one, _), article_id in zip(batch, made, strict=True):
                settle(one, article_id)
            self._count("write-ups", len(batch))

    def _actions(self, work: BundleImport) -> None:
        """Set how actions stand, where the write-ups are published and nobody here has touched them."""
        for batch in work.actions():
            self.advance(len(batch))
            if self.as_draft:
                self.report.counts["known actions"] += len(batch)
            elif self.dry_run:
                self.report.counts["actions"] += len(batch)
            else:
                results = self._written(partial(changes.bring_in_standings, batch, work.name))
                for (number, _, _), result in zip(batch, results, strict=True):
                    if isinstance(result, Invalid):
                        self.report.refuse(work.where(number), result)
                    else:
                        self.report.counts["actions" if result else "known actions"] += 1

    def _remarks(self, work: BundleImport) -> None:
        """Write comments in the order of their times, in rounds: what answers a later one waits for the next."""
        while waiting := len(work.spool.waiting_comments()):
            found = arrivals.remarks_of_bundle(work.file, work.where, work.spool, self.report)
            if self.dry_run:
                self._remarks_dry(work, found)
            else:
                for batch in batched(ahead(rendered(found, _text_of)), REMARKS):
                    self._remark_batch(work, batch)
            if len(work.spool.waiting_comments()) == waiting:
                work.refuse_circles()

    def _remarks_dry(self, work: BundleImport, found: Iterator[Remark]) -> None:
        for batch in batched(found, REMARKS):
            parents = work.parents_of(batch)
            ready = [remark for remark in batch if remark.line.id in parents]
            here = changes.known_remarks(ready, work.spool.is_claimed) if ready else []
            for remark, known in zip(ready, here, strict=True):
                work.spool.settle_comment(remark.line.id, DONE, known or NOBODY_YET)
            self._count("comments", here.count(None))
            self.report.counts["known comments"] += len(here) - here.count(None)
            self.advance(len(here) - here.count(None))

    def _remark_batch(self, work: BundleImport, batch: Sequence[changes.RenderedRemark]) -> None:
        parents = work.parents_of([remark for remark, _ in batch])
        ready = [(remark, texts) for remark, texts in batch if remark.line.id in parents]
        if not ready:
            return
        answered = [parents[remark.line.id] for remark, _ in ready]
        ids, known = self._written(lambda: changes.bring_in_remarks(ready, answered, work.spool.is_claimed))
        for (remark, _), made in zip(ready, ids, strict=True):
            work.spool.settle_comment(remark.line.id, DONE, made)
        self.report.counts["known comments"] += known
        self._count("comments", len(ready) - known)
        self.advance(known)

    def _written(self, write: Callable[[], T]) -> T:
        """One transaction. A database that is locked for seconds is asked again; what was written before stays."""
        for attempt in range(TRIES):
            try:
                with writing(db.session):
                    made = write()
                db.session.expunge_all()
                return made
            except Busy:
                if attempt + 1 == TRIES:
                    raise
        raise AssertionError("unreachable")

    def _count(self, kind: str, number: int) -> None:
        self.report.counts[kind] += number
        self.advance(number)


def _text_of(remark: Remark) -> list[tuple[Level, str]]:
    return [("comment", remark.text)]


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read and judge everything, write nothing.")
@click.option("--draft", is_flag=True, help="Bring write-ups in as drafts instead of publishing them.")
@with_appcontext
def import_command(path: Path, dry_run: bool, draft: bool) -> None:
    """Bring in a file or a folder: Markdown, YAML incidents, JSON Lines bundles, and
    comments of Disqus, WordPress or Isso. Exit 1 if anything was refused."""
    run = Run(dry_run=dry_run, as_draft=draft)
    with _told_plainly():
        found = sources.survey(path)
        for name, reason in found.passed_over:
            run.report.pass_over(name, reason)
        for name, reason in found.refused:
            run.report.refuse(name, reason)
        _read_all(run, found.files)
        if not dry_run:
            _index()
    for line in run.report.lines():
        click.echo(line)
    if dry_run:
        click.echo("This was a dry run: nothing was written.")
    if run.report.counts["refused"]:
        sys.exit(1)


def _read_all(run: Run, files: Sequence[SourceFile]) -> None:
    bundles = [one for one in files if sources.is_bundle(one)]
    foreign = {one: kind for one in files if (kind := format_of(one))}
    single = [one for one in files if one not in {*bundles, *foreign}]
    if single:
        with click.progressbar(length=len(single), label="Write-ups", file=sys.stderr) as bar:
            run.advance = bar.update
            run.files(single)
    for source in bundles:
        lines = sources.count_lines(source)
        with click.progressbar(length=lines, label=source.path.name, file=sys.stderr) as bar:
            run.advance = bar.update
            try:
                run.bundle(source)
            except Invalid as error:
                run.report.refuse(source.name, error)
    for source, kind in foreign.items():
        click.echo(f"Reading the comments of {source.name} ({kind})", err=True)
        run.advance = lambda _: None
        try:
            run.foreign(source, kind)
        except Invalid as error:
            run.report.refuse(source.name, error)


def _index() -> None:
    """Make what came in searchable. Where the index cannot be had the import stands, and the site's worker goes on."""
    with click.progressbar(length=max(waiting_jobs(), 1), label="Search index", file=sys.stderr) as bar:
        left = index_now(bar.update)
    if left:
        click.echo(
            f"Search cannot be brought up to date now; {left:,} job(s) wait and are tried again by the site's worker."
            " What was imported is published. See `search status`.",
            err=True,
        )


@click.command("export")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "kind", type=click.Choice(list(WRITERS)), default="bundle", show_default=True)
@with_appcontext
def export_command(path: Path, kind: str) -> None:
    """Write published write-ups, their people and visible comments to PATH: one file, or a folder of Markdown. The
    formats of Disqus, WordPress and Isso hold the comments alone.
    """
    with _told_plainly(), click.progressbar(length=queries.size_of_export(), label="Export", file=sys.stderr) as bar:
        counts = WRITERS[kind](path, bar.update)
    click.echo(f"{', '.join(f'{number:,} {name}' for name, number in counts.items())} written to {path}")


@contextmanager
def _told_plainly() -> Iterator[None]:
    """What an operator can act on, instead of a traceback."""
    try:
        yield
    except Invalid as error:
        raise click.ClickException(str(error)) from error
    except Busy as error:
        raise click.ClickException(
            "The database stayed locked. What was imported so far is whole; run the command again."
        ) from error
    except (OperationalError, ProgrammingError) as error:
        if "no such table" in str(error) or "does not exist" in str(error):
            raise click.ClickException("The site has no tables yet; run `flask --app app db upgrade` first.") from error
        raise
