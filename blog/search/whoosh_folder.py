"""The index on disk: which directory is current, who may write, and the atomic switch to a new one."""

import fcntl
import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from secrets import token_hex

from blog.lib.disk import flush
from blog.search.engine import Delete, IndexUnavailable, Operation, Put, SearchDocument
from blog.search.whoosh_schema import SCHEMA_VERSION

POINTER = "CURRENT"
MAGIC = "hindsight-search"
_PREFIX = "index-"


class Folder:
    """A private directory holding CURRENT (one line: magic, schema version, name) and the index it names.

    Index files are pickles, so whoever can write here can run code in our name: a directory that group or
    others may write to is refused.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def current(self) -> Path:
        """Give the directory of the index in use. Raises IndexUnavailable with the reason."""
        path = self._named()
        while not path.is_dir():
            before, path = path, self._named()
            if path == before:  # otherwise a rebuild switched and removed it between the two looks
                raise IndexUnavailable("The search index is missing; it needs a rebuild.")
        for directory in (self.root, path):
            if directory.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                raise IndexUnavailable("The search folder can be written by others, so its files are not trusted.")
        return path

    def _named(self) -> Path:
        try:
            line = (self.root / POINTER).read_bytes().decode("utf-8", "replace").split()
        except FileNotFoundError:
            raise IndexUnavailable("There is no search index yet.") from None
        if len(line) != 3 or line[0] != MAGIC or not line[2].startswith(_PREFIX) or "/" in line[2]:
            raise IndexUnavailable("The search folder does not hold an index of this program.")
        if line[1] != str(SCHEMA_VERSION):
            raise IndexUnavailable("The search index was made by another version and needs a rebuild.")
        return self.root / line[2]

    def make(self) -> Path:
        """Create an empty directory for a new index."""
        path = self.root / f"{_PREFIX}{token_hex(6)}"
        path.mkdir(mode=0o700)
        return path

    def prepare(self) -> None:
        """Create the root, private, or make it private again."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)

    def switch_to(self, path: Path) -> None:
        """Make `path` the current index for every process. Flushed first, since Whoosh never does."""
        for file in path.iterdir():
            if file.is_file():
                flush(file)
        flush(path)
        fresh = self.root / f"{POINTER}.new"
        fresh.write_text(f"{MAGIC} {SCHEMA_VERSION} {path.name}\n", encoding="utf-8")
        flush(fresh)
        fresh.replace(self.root / POINTER)
        flush(self.root)

    def discard(self, path: Path) -> None:
        shutil.rmtree(path, ignore_errors=True)

    def discard_all_but(self, kept: Path) -> None:
        """Remove former and half-built indexes; readers that have them open keep their files."""
        for path in self.root.glob(f"{_PREFIX}*"):
            if path != kept:
                self.discard(path)

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Hold the lock `writer` or `rebuild`, which dies with the process. IndexUnavailable when it is taken."""
        descriptor = os.open(self.root / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise IndexUnavailable(f"The search index is locked by another {name}.") from None
            yield
        finally:
            os.close(descriptor)

    def is_locked(self, name: str) -> bool:
        try:
            descriptor = os.open(self.root / f"{name}.lock", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False


class Backlog:
    """The batches applied while a rebuild runs, kept in a file so that the new index gets them too."""

    def __init__(self, root: Path) -> None:
        self._path = root / "backlog.jsonl"

    def clear(self) -> None:
        self._path.unlink(missing_ok=True)

    def append(self, batch: list[Operation], mark: int) -> None:
        lines = [[None if isinstance(each, Delete) else asdict(each.document), each.key] for each in batch]
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([mark, lines]) + "\n")

    def read(self) -> Iterator[tuple[list[Operation], int]]:
        """Give (batch, mark) in the order they were applied."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as file:
            for line in file:
                mark, entries = json.loads(line)
                yield [Delete(key) if facts is None else Put(_document(facts)) for facts, key in entries], mark


def _document(facts: dict[str, object]) -> SearchDocument:
    return SearchDocument(**{k: tuple(v) if isinstance(v, list) else v for k, v in facts.items()})  # type: ignore[arg-type]
