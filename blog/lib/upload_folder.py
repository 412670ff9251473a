"""The folder of uploads: files under random names, each on the disk before anybody hears of it, or not there at all."""

import contextlib
import os
import re
import secrets
import shutil
import time
from pathlib import Path

from blog.errors import NoRoom
from blog.lib.disk import flush

FOLDER = "uploads"
NAME_BYTES = 16  # a name cannot be guessed, since it is all that keeps a draft's picture unseen
SPARE_BYTES = 64 * 1024 * 1024  # left for the database, which matters more than a picture
STALE_SECONDS = 3_600  # an unfinished file this old belongs to a process that was killed
PART = ".part-"
_NAME = re.compile(r"[0-9a-f]{32}\.(?:png|jpg|webp)")


def path_of(data_dir: Path, name: str) -> Path:
    """Where the file of a name stands: in one of 256 folders. Raises ValueError for what is no name of ours."""
    if not _NAME.fullmatch(name):
        raise ValueError("no name of an upload")
    return data_dir / FOLDER / name[:2] / name


def keep(data_dir: Path, content: bytes, kind: str, *, name: str = "") -> str:
    """Write a new file and bring it to the disk, with its folder; gives its name, a random one unless an import brings
    one along. Raises `NoRoom`, then nothing of it is left.
    """
    name = name or f"{secrets.token_hex(NAME_BYTES)}.{kind}"
    target = path_of(data_dir, name)
    part = target.with_name(f"{PART}{name}")
    try:
        _make_folder(target.parent)
        _sweep(target.parent)
        if shutil.disk_usage(target.parent).free < SPARE_BYTES + len(content):
            raise NoRoom
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
        flush(target.parent)
    except OSError as error:
        _remove(part, target)
        raise NoRoom from error
    return name


def discard(data_dir: Path, name: str) -> None:
    """Remove a file that nobody heard of."""
    _remove(path_of(data_dir, name))


def _make_folder(folder: Path) -> None:
    for one in (folder.parent, folder):
        if not one.is_dir():
            one.mkdir(mode=0o700, exist_ok=True)
            flush(one.parent)


def _sweep(folder: Path) -> None:
    for part in folder.glob(f"{PART}*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > STALE_SECONDS:
                part.unlink()


def _remove(*paths: Path) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()
