"""What lies at a path to import: files in order of their names, and why others are passed over or refused.

Links are never followed, so no loop of them can hold a walk and none can lead out of the folder. Names in reports and
identities are made safe: what cannot be printed is written out.
"""

import os
import stat
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from blog.errors import Invalid
from blog.transfer.reading import MAX_FILE_BYTES

MAX_FILES = 100_000  # of one import; their names alone are held in memory
MAX_DEPTH = 32  # of folders below the one given
MAX_IDENTITY = 300  # the column `imported_from`
BUNDLES = (".jsonl", ".ndjson")
LICENCES = ("license", "licence", "copying", "notice", "copyright")
ABOUT_FOLDER = ("readme", "contributing", "changelog", "code_of_conduct", "security")


@dataclass(frozen=True)
class SourceFile:
    """A file to read. `name` is for reports, `identities` for asking whether it was brought in before: its own first,
    then those it would have had when an import began at a folder further up or down.
    """

    path: Path
    name: str
    identities: tuple[str, ...]
    is_bundle: bool

    @property
    def identity(self) -> str:
        return self.identities[0]


@dataclass
class Survey:
    """What was found: `files` to read; `passed_over` and `refused` as (name, reason)."""

    files: list[SourceFile] = field(default_factory=list)
    passed_over: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def survey(path: Path) -> Survey:
    """Look at a file or a folder, without reading any file. Raises `Invalid` when there is nothing to look at."""
    found = Survey()
    try:
        mode = path.stat().st_mode  # the operator named this path, so here, and only here, a link is followed
    except OSError as error:
        raise Invalid(f"{printable(str(path))} cannot be read: {error.strerror}") from error
    root = Path(os.path.abspath(path))  # noqa: PTH100  # `resolve` follows links
    if stat.S_ISDIR(mode):
        _walk(path, root.name, root, found, depth=0)
    elif stat.S_ISREG(mode):
        found.files.append(_source(path, f"{root.parent.name}/{root.name}", root))
    else:
        raise Invalid(f"{printable(str(path))} is no file and no folder")
    return found


def _walk(folder: Path, name: str, root: Path, found: Survey, *, depth: int) -> None:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        found.refused.append((printable(name), f"the folder cannot be read: {error.strerror}"))
        return
    for entry in entries:
        below = f"{name}/{entry.name}"
        if entry.is_symlink():
            found.refused.append(
                (printable(below), "it is a link, and links are not followed; import what it points to")
            )
        elif entry.name.startswith("."):
            found.passed_over.append((printable(below), "hidden"))
        elif entry.is_dir(follow_symlinks=False):
            if depth + 1 > MAX_DEPTH:
                found.refused.append((printable(below), f"folders nest deeper than {MAX_DEPTH}"))
            else:
                _walk(Path(entry.path), below, root / entry.name, found, depth=depth + 1)
        elif not entry.is_file(follow_symlinks=False):
            found.refused.append((printable(below), "it is no plain file"))
        else:
            _take(Path(entry.path), below, root / entry.name, found)


def _take(path: Path, name: str, absolute: Path, found: Survey) -> None:
    words = path.name.lower()
    if words.startswith(LICENCES):
        found.passed_over.append((printable(name), "a licence text"))
    elif words.startswith(ABOUT_FOLDER):
        found.passed_over.append(
            (printable(name), "it tells of the folder; to read it as a write-up, import it by its path")
        )
    elif len(found.files) >= MAX_FILES:
        raise Invalid(f"the folder holds more than {MAX_FILES:,} files; import its folders one by one")
    else:
        found.files.append(_source(path, name, absolute))


def _source(path: Path, name: str, absolute: Path) -> SourceFile:
    parts = [printable(part) for part in absolute.parts if part != absolute.anchor]
    own = printable(name)
    others = ["/".join(parts[-length:]) for length in range(2, min(len(parts), MAX_DEPTH) + 1)]
    identities = dict.fromkeys(_bounded(one) for one in (own, *others))
    return SourceFile(path, own, tuple(identities), path.suffix.lower() in BUNDLES)


def _bounded(identity: str) -> str:
    """An identity that fits its column; a long one ends in a hash of the whole, so that no two become one."""
    if len(identity) <= MAX_IDENTITY:
        return identity
    return f"{identity[: MAX_IDENTITY - 33]}~{sha256(identity.encode()).hexdigest()[:32]}"


def printable(name: str) -> str:
    """A file's name on one line: characters that cannot be printed, and bytes that are no text, are written out."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in name
    )


def read_bytes(source: SourceFile) -> bytes:
    """The bytes of a write-up's file. Raises `Invalid` when it is too large, or became something else meanwhile."""
    with os.fdopen(_open(source.path), "rb") as file:
        raw = file.read(MAX_FILE_BYTES + 1)
    if len(raw) > MAX_FILE_BYTES:
        raise Invalid(f"the file is larger than {MAX_FILE_BYTES // 1024 // 1024} MiB, more than a write-up can be")
    return raw


def open_bundle(path: Path) -> int:
    """A descriptor of a bundle's file. Raises `Invalid`."""
    return _open(path)


def _open(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Invalid(f"the file cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Invalid("it is no plain file")
    return descriptor


def is_bundle(source: SourceFile) -> bool:
    """Whether a file is a bundle: by its ending, or by an object with a type on its first line."""
    if source.is_bundle:
        return True
    if source.path.suffix.lower() not in ("", ".json", ".txt"):
        return False
    try:
        with os.fdopen(_open(source.path), "rb") as file:
            first = file.readline(400).lstrip()
    except Invalid:
        return False
    return first.startswith(b"{") and b'"type"' in first


def count_lines(source: SourceFile) -> int:
    """How many lines a file has, for a progress bar."""
    try:
        with os.fdopen(_open(source.path), "rb") as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    except Invalid:
        return 0
