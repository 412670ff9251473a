"""The archive: a gzipped tar of plain files with the manifest in front, written in one go and read in one go.

Reading takes nothing on trust. Headers are parsed one block at a time, so that no link, device, long name or other
extension is ever followed or held in memory; names, order, sizes and hashes must be those of the manifest.
"""

import gzip
import hashlib
import os
import tarfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from blog.backup.manifest import MANIFEST, MAX_MANIFEST, BadBackup, Manifest, read_manifest

BLOCK = 512
CHUNK = 1 << 20
LEVEL = 1  # a quarter of the size for two seconds of work per 250 MB; level 6 takes four times as long for a tenth less
MAX_RATIO = 200  # unpacked to packed; a database of ours has about 4
MAX_TAIL = 1 << 20  # zero bytes after the last member; tar programs pad to 10 kB
PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)
USTAR_MAX = 8 * 1024**3  # bytes; the size of a larger member needs the other notation

Progress = Callable[[int], object]


def write_archive(path: Path, manifest: Manifest, sources: dict[str, Path], *, progress: Progress) -> None:
    """Write `path` (mode 600) and bring it to the disk. Raises `BadBackup` when a source is not what was hashed."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=file) as packed:
            content = manifest.model_dump_json(indent=1).encode()
            _add(packed, _header(MANIFEST, len(content), manifest), BytesIO(content), lambda _: None)
            for member in manifest.members:
                with sources[member.name].open("rb") as source:
                    digest = _add(packed, _header(member.name, member.size, manifest), source, progress)
                if digest != member.sha256:
                    raise BadBackup(f"{member.name} changed while it was read; please try again")
            packed.write(bytes(2 * BLOCK))
        file.flush()
        os.fsync(file.fileno())


def _header(name: str, size: int, manifest: Manifest) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode, header.mtime = size, 0o600, int(manifest.made_at.timestamp())
    return header


def _add(packed: gzip.GzipFile, header: tarfile.TarInfo, source: BinaryIO, progress: Progress) -> str:
    """Write a header and as many bytes as it says; returns their SHA-256."""
    packed.write(header.tobuf(tarfile.USTAR_FORMAT if header.size < USTAR_MAX else tarfile.GNU_FORMAT))
    digest, left = hashlib.sha256(), header.size
    while left and (chunk := source.read(min(CHUNK, left))):
        packed.write(chunk)
        digest.update(chunk)
        progress(len(chunk))
        left -= len(chunk)
    if left:
        raise BadBackup(f"{header.name} changed while it was read; please try again")
    packed.write(bytes(-header.size % BLOCK))
    return digest.hexdigest()


class ArchiveReader:
    """Reads an archive from front to back: `manifest` first, then `unpack`. Use it in a `with`."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise BadBackup(f"{path} cannot be read: {error.strerror}") from None
        self._packed_size = os.fstat(self._file.fileno()).st_size
        self._packed = gzip.GzipFile(fileobj=self._file, mode="rb")

    def __enter__(self) -> "ArchiveReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._packed.close()
        self._file.close()

    def manifest(self) -> Manifest:
        """The manifest. Raises `BadBackup` for a file that is no backup, and for one that promises the impossible."""
        name, size = self._header()
        if name != MANIFEST or size > MAX_MANIFEST:
            raise BadBackup("the file is no backup of this program: it does not begin with a manifest")
        found = read_manifest(self._read(size + -size % BLOCK)[:size])
        if found.size > self._packed_size * MAX_RATIO:
            raise BadBackup("the archive claims to unpack to far more than a backup would")
        return found

    def unpack(self, manifest: Manifest, into: Path, *, progress: Progress) -> None:
        """Write every member below `into`, a folder of our own. Raises `BadBackup` at the first thing out of order."""
        for member in manifest.members:
            if self._header() != (member.name, member.size):
                raise BadBackup(f"the archive does not hold {member.name} where the manifest says so")
            target = into / member.name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            with os.fdopen(os.open(target, flags, 0o600), "wb") as file:
                digest = self._copy(member.size, file, progress)
                file.flush()
                os.fsync(file.fileno())
            if digest != member.sha256:
                raise BadBackup(f"{member.name} is damaged: its hash is not the one in the manifest")
        self._end()

    def _header(self) -> tuple[str, int]:
        """Name and size of the next member. Only plain files exist in a backup."""
        try:
            found = tarfile.TarInfo.frombuf(self._read(BLOCK), "utf-8", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError):
            raise BadBackup("the archive is damaged or cut off, or no backup of this program") from None
        if found.type not in PLAIN or found.size < 0:
            raise BadBackup("the archive holds something else than plain files")
        return found.name, found.size

    def _copy(self, size: int, file: BinaryIO, progress: Progress) -> str:
        digest, left = hashlib.sha256(), size
        while left:
            chunk = self._read(min(CHUNK, left))
            digest.update(chunk)
            file.write(chunk)
            progress(len(chunk))
            left -= len(chunk)
        self._read(-size % BLOCK)
        return digest.hexdigest()

    def _end(self) -> None:
        """Nothing but padding follows. Reading to the very end also checks the sum that gzip keeps."""
        total = 0
        while tail := self._some(CHUNK):
            total += len(tail)
            if total > MAX_TAIL or tail.strip(b"\0"):
                raise BadBackup("the archive holds more than its manifest names")

    def _read(self, size: int) -> bytes:
        parts, left = [], size
        while left:
            part = self._some(left)
            if not part:
                raise BadBackup("the archive is cut off")
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def _some(self, size: int) -> bytes:
        try:
            return self._packed.read(size)
        except (OSError, EOFError, zlib.error):
            raise BadBackup("the archive is damaged or cut off, or no backup of this program") from None
