"""Running the commands, and archives that nobody should trust."""

import gzip
import hashlib
import io
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask

from blog.backup.manifest import DATABASE, MANIFEST, Manifest, Member


def run(app: Flask, *args: object) -> Result:
    return app.test_cli_runner().invoke(args=["backup", *map(str, args)])


def backup_of(app: Flask, target: Path) -> Path:
    result = run(app, "create", "--to", target)
    assert result.exit_code == 0, result.output
    return target


def unpacked(archive: Path) -> dict[str, bytes]:
    """Every member by its name, the manifest first."""
    with tarfile.open(archive) as tar:
        return {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]


def manifest_of(archive: Path) -> Manifest:
    return Manifest.model_validate_json(unpacked(archive)[MANIFEST])


def pack(target: Path, parts: list[tuple[tarfile.TarInfo | str, bytes]]) -> Path:
    """A gzipped tar of these parts, in this order; a bare name becomes a plain file."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for named, content in parts:
            info = tarfile.TarInfo(named) if isinstance(named, str) else named
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    target.write_bytes(gzip.compress(packed.getvalue(), 1))
    return target


def member_of(name: str, content: bytes) -> Member:
    return Member(name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest())


def forge(target: Path, like: Path, *, database: bytes | None = None, **facts: Any) -> Path:
    """An archive that fits together in itself, with another database or other facts in the manifest than `like`."""
    content = unpacked(like)[DATABASE] if database is None else database
    manifest = manifest_of(like).model_copy(update={"members": [member_of(DATABASE, content)], **facts})
    return pack(target, [(MANIFEST, manifest.model_dump_json().encode()), (DATABASE, content)])


def altered(archive: Path, scratch: Path, *statements: str) -> bytes:
    """The database of an archive after these statements."""
    path = scratch / "altered.sqlite3"
    path.write_bytes(unpacked(archive)[DATABASE])
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return path.read_bytes()


def rewritten(archive: Path, scratch: Path, name: str, old: str, new: str) -> bytes:
    """The database of an archive with another text for one thing of its schema, written past SQLite's own checks."""
    path = scratch / "rewritten.sqlite3"
    path.write_bytes(unpacked(archive)[DATABASE])
    with closing(sqlite3.connect(path)) as connection, connection:
        (text,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        assert old in text
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (text.replace(old, new, 1), name))
    return path.read_bytes()
