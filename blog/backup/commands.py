"""`flask backup create | verify | restore`: for an operator, and for the clock that runs it every night."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from blog.backup import checking, creating, restoring
from blog.backup.archive import ArchiveReader, Progress
from blog.backup.creating import Source
from blog.backup.manifest import BadBackup, Manifest
from blog.extensions import db
from blog.lib import clock
from blog.lib.migrating import alembic
from blog.settings import current_settings

backup_commands = AppGroup("backup", help="Archives of the whole site: made while it runs, checked, put back.")
MAX_TOLD = 5  # names of lost pictures; the manifest holds them all
FILE = click.Path(dir_okay=False, path_type=Path)


@backup_commands.command("create")
@click.option("--to", type=click.Path(path_type=Path), help="A new file, or a folder. DATA_DIR/backups when absent.")
@click.option("--keep", type=click.IntRange(1), help="Remove all but the newest N backups of that folder afterwards.")
def create(to: Path | None, keep: int | None) -> None:
    """Write one archive with database, uploads and a manifest of hashes. The site may run meanwhile."""
    folder, target = _place(to)
    if keep and not folder:
        raise click.UsageError("--keep needs a folder: name none, or one, with --to")
    with _told():
        source = Source(_database_file(), current_settings().data_dir)
        with _Bars("Packing") as bars:
            manifest = creating.create(source, target, begin=bars.begin)
    click.echo(f"{target}  {target.stat().st_size / 1e6:.1f} MB  {_summary(manifest)}")
    _tell_lost(manifest)
    for path in creating.prune(folder, keep=keep) if folder and keep else ():
        click.echo(f"removed {path.name}")


@backup_commands.command("verify")
@click.argument("file", type=FILE)
def verify(file: Path) -> None:
    """Read an archive through: hashes, database, journal, counts. Exit 1 with a reason if anything is amiss."""
    with _told(), ArchiveReader(file) as reader, _scratch() as folder, _Bars("Reading") as bars:
        manifest = reader.manifest()
        progress = bars.begin(manifest.size)
        checking.unpack_checked(reader, manifest, folder, scripts=alembic.script_directory, progress=progress)
    click.echo(f"The backup is whole: {_summary(manifest)}, made {clock.iso(manifest.made_at)}.")
    _tell_lost(manifest)


@backup_commands.command("restore")
@click.argument("file", type=FILE)
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), help="The data folder to fill; DATA_DIR.")
@click.option("--replace", is_flag=True, help="Put what is in the folder aside, in a folder of its own inside it.")
def restore(file: Path, to: Path | None, replace: bool) -> None:
    """Check an archive, then make a data folder of it. The site must not run on that folder."""
    if to is None and current_settings().database_url:
        raise click.ClickException("HINDSIGHT_DATABASE_URL names another database; say where to unpack with --to")
    target = (to or current_settings().data_dir).resolve()
    db.engine.dispose()
    with _told(), ArchiveReader(file) as reader, _Bars("Restoring") as bars:
        manifest = reader.manifest()
        scripts = alembic.script_directory
        aside = restoring.restore(reader, manifest, target, scripts=scripts, replace=replace, begin=bars.begin)
    click.echo(f"{target} holds the site of {clock.iso(manifest.made_at)}: {_summary(manifest)}.")
    if aside:
        click.echo(f"What was there is in {aside}; remove it when it is no longer needed.")
    click.echo("The search index is made anew when the site starts; everybody signs in again.")


def _place(to: Path | None) -> tuple[Path | None, Path]:
    """(folder, or None where a file was named; the new file)."""
    folder = current_settings().data_dir / "backups" if to is None else to
    if to is not None and not to.is_dir() and to.suffix:
        return None, to.absolute()
    return folder, (folder / creating.default_name(clock.now())).absolute()


def _database_file() -> Path:
    address = db.engine.url
    if address.get_backend_name() != "sqlite" or not address.database:
        raise BadBackup("only a SQLite file can be backed up here; use the tools of the database server (pg_dump)")
    return Path(address.database).resolve()


def _summary(manifest: Manifest) -> str:
    shown = ("articles", "revisions", "comments", "users", "events")
    uploads = len(manifest.members) - 1
    return ", ".join([*(f"{manifest.counts.get(name, 0)} {name}" for name in shown), f"{uploads} uploads"])


def _tell_lost(manifest: Manifest) -> None:
    if manifest.lost:
        shown = ", ".join(manifest.lost[:MAX_TOLD])
        words = f"{len(manifest.lost)} pictures were missing or damaged on the disk when it was made: {shown}"
        click.echo(f"{words}. An older backup may hold them.", err=True)


@contextmanager
def _told() -> Iterator[None]:
    """One clear line and exit code 1 instead of a traceback."""
    try:
        yield
    except BadBackup as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def _scratch() -> Iterator[Path]:
    """A private folder on the disk of the data: `/tmp` may be small."""
    data_dir = current_settings().data_dir
    creating.sweep(data_dir, restoring.SCRATCH)
    with tempfile.TemporaryDirectory(prefix=restoring.SCRATCH, dir=data_dir) as folder:
        yield Path(folder)


class _Bars(ExitStack):
    """A progress bar on standard error that begins once its length is known."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self._label = label

    def begin(self, length: int) -> Progress:
        bar: Any = click.progressbar(length=length, label=self._label, file=sys.stderr)
        shown: Progress = self.enter_context(bar).update
        return shown
