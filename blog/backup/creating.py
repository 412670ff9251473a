"""Making a backup: a snapshot, the uploads, the manifest, and an archive that gets its name when it is whole."""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import blog
from blog.backup.archive import CHUNK, Progress, write_archive
from blog.backup.manifest import DATABASE, UPLOADS, BadBackup, Manifest, Member
from blog.backup.snapshot import copy_database, examine, facts_of, pictures_of
from blog.lib import clock
from blog.lib.disk import flush

PREFIX, ENDING = "hindsight-", ".tar.gz"
NAME = f"{PREFIX}[0-9]*T[0-9]*Z{ENDING}"  # what `--keep` may remove: never a file that somebody named
SCRATCH = ".hindsight-backup-"
SPARE_BYTES = 64 * 1024 * 1024  # left free for the site, which writes meanwhile
STALE_SECONDS = 86_400  # a scratch folder this old belongs to a run that was killed


@dataclass(frozen=True)
class Source:
    """What is backed up: the file of the database, and the folder that may hold `uploads`."""

    database: Path
    data_dir: Path


def default_name(at: datetime) -> str:
    return f"{PREFIX}{at:%Y%m%dT%H%M%SZ}{ENDING}"


def create(source: Source, target: Path, *, begin: Callable[[int], Progress]) -> Manifest:
    """Write an archive to the new file `target`. `begin` is told how many bytes will be packed and gives the progress.

    Raises `BadBackup`; then nothing stands under that name.
    """
    if target.exists():
        raise BadBackup(f"{target} is there already; nothing is overwritten")
    if not source.database.is_file():
        raise BadBackup(f"there is no database at {source.database}")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(target.parent, SCRATCH)
        _require_space(source, target.parent)
        with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=target.parent) as scratch:
            return _create(source, target, Path(scratch), begin)
    except OSError as error:
        raise BadBackup(f"{error.filename or target} cannot be written: {error.strerror}") from None


def _create(source: Source, target: Path, scratch: Path, begin: Callable[[int], Progress]) -> Manifest:
    at = clock.now().replace(microsecond=0)
    copy = scratch / DATABASE
    copy_database(source.database, copy)
    examine(copy)
    facts = facts_of(copy)
    files = {DATABASE: copy, **_uploads(source.data_dir)}
    manifest = Manifest(
        version=blog.__version__,
        made_at=at,
        revision=facts.revision,
        journal_head=facts.journal_head,
        counts=facts.counts,
        members=list(_members(files)),
    )
    manifest = manifest.model_copy(update={"lost": manifest.without(pictures_of(copy))})
    part = scratch / target.name
    write_archive(part, manifest, files, progress=begin(manifest.size))
    part.rename(target)
    flush(target.parent)
    return manifest


def _members(files: dict[str, Path]) -> Iterator[Member]:
    for name, path in files.items():
        try:
            yield Member(name=name, size=path.stat().st_size, sha256=_hash(path))
        except FileNotFoundError:
            if name == DATABASE:
                raise  # a picture whose row could not be written is removed again: nobody knows it


def prune(folder: Path, *, keep: int) -> list[Path]:
    """Remove all but the newest `keep` backups that carry a name of ours. Returns what was removed."""
    old = sorted(folder.glob(NAME), reverse=True)[keep:]
    for path in old:
        path.unlink()
    return old


def require_free(folder: Path, size: int) -> None:
    """Raises `BadBackup` where less than that is free, with something to spare."""
    free = shutil.disk_usage(folder).free
    if free < size + SPARE_BYTES:
        raise BadBackup(f"{folder} has {free / 1e6:.0f} MB free; {(size + SPARE_BYTES) / 1e6:.0f} MB are needed")


def _uploads(data_dir: Path) -> dict[str, Path]:
    """Every plain file of the folder by its name in the archive; links are not followed, unfinished files left out."""
    folder = data_dir / UPLOADS
    if folder.is_symlink() or not folder.is_dir():
        return {}
    found = (path for path in sorted(folder.rglob("[!.]*")) if path.is_file() and not path.is_symlink())
    return {f"{UPLOADS}/{path.relative_to(folder).as_posix()}": path for path in found}


def _require_space(source: Source, folder: Path) -> None:
    """The copy and the archive stand beside each other for a moment."""
    log = source.database.with_name(f"{source.database.name}-wal")
    database = source.database.stat().st_size + (log.stat().st_size if log.exists() else 0)
    require_free(folder, 2 * database + sum(path.stat().st_size for path in _uploads(source.data_dir).values()))


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def sweep(folder: Path, prefix: str) -> None:
    """Remove scratch folders that a killed run left."""
    for left in folder.glob(f"{prefix}*"):
        if time.time() - left.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
