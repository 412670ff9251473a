"""Reading a backup through: what is whole passes, everything else is refused with one line and exit code 1."""

import gzip
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from blog.backup import archive as archive_module
from blog.backup import creating
from blog.backup.manifest import DATABASE, MANIFEST
from blog.extensions import db
from tests.backup.archives import altered, backup_of, forge, manifest_of, member_of, pack, run, unpacked
from tests.factories.articles import make_published
from tests.factories.comments import make_comment


@pytest.fixture(scope="module")
def app(template_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One site for all of these: nothing here changes it."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copyfile(template_database, folder / "hindsight.sqlite3")
    made = create_app({"data_dir": folder, "worker": "off"})
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def original(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    make_comment(app, make_published(app))
    return backup_of(app, tmp_path_factory.mktemp("backups") / "whole.tar.gz")


@pytest.fixture
def whole(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copyfile(original, tmp_path / "whole.tar.gz"))


def refusal(app: Flask, archive: Path) -> str:
    """The one line that `verify` and `restore` both end with; nothing is left of a restore."""
    result = run(app, "verify", archive)
    target = archive.parent / "never"
    again = run(app, "restore", archive, "--to", target)
    assert (result.exit_code, again.exit_code) == (1, 1), result.output
    assert not target.exists() or list(target.iterdir()) == []
    lines = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1
    assert "Traceback" not in result.output
    return lines[0]


def test_a_whole_backup_passes(app: Flask, whole: Path) -> None:
    result = run(app, "verify", whole)
    assert result.exit_code == 0
    assert "1 articles" in result.output
    assert "1 comments" in result.output
    assert not list(app.extensions["hindsight_settings"].data_dir.glob(".hindsight-*"))


@pytest.mark.parametrize("place", [0, 3, 12, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, -9, -5, -1])
def test_a_changed_byte_anywhere_is_found(app: Flask, whole: Path, place: float) -> None:
    content = whole.read_bytes()
    at = int(place * len(content)) if isinstance(place, float) else place % len(content)
    while _unzipped(flipped := content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :]) == _unzipped(content):
        at += 1  # by chance this byte copies the same zeros from elsewhere: nothing is damaged
    damaged = whole.with_name("damaged.tar.gz")
    damaged.write_bytes(flipped)
    assert refusal(app, damaged)


@pytest.mark.parametrize("region", [MANIFEST, DATABASE])
@pytest.mark.parametrize("place", [0.02, 0.4, 0.98])
def test_a_changed_byte_that_gzip_does_not_see_is_found(app: Flask, whole: Path, region: str, place: float) -> None:
    parts = {name: bytearray(content) for name, content in unpacked(whole).items()}
    parts[region][int(place * len(parts[region]))] ^= 0x01
    assert refusal(app, pack(whole.with_name("x.tar.gz"), [(name, bytes(part)) for name, part in parts.items()]))


@pytest.mark.parametrize("part", [0.0, 0.001, 0.2, 0.5, 0.99])
def test_a_truncated_archive_is_found(app: Flask, whole: Path, part: float) -> None:
    short = whole.with_name("short.tar.gz")
    short.write_bytes(whole.read_bytes()[: int(part * whole.stat().st_size)])
    assert "cut off" in refusal(app, short)


def test_what_follows_the_archive_is_not_overlooked(app: Flask, whole: Path) -> None:
    more = whole.with_name("more.tar.gz")
    more.write_bytes(whole.read_bytes() + gzip.compress(b"and more", mtime=0))
    assert "more than its manifest" in refusal(app, more)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an archive",
        gzip.compress(b"hello", mtime=0),
        b"SQLite format 3\0" + bytes(600),
        b"PK\3\4" + bytes(99),
    ],
)
def test_a_foreign_file_is_refused(app: Flask, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign"
    path.write_bytes(content)
    assert refusal(app, path)


def test_a_file_that_is_not_there_is_named(app: Flask, tmp_path: Path) -> None:
    assert "gone.tar.gz" in refusal(app, tmp_path / "gone.tar.gz")


def test_a_tar_of_something_else_is_refused(app: Flask, tmp_path: Path) -> None:
    assert "no backup" in refusal(app, pack(tmp_path / "x.tar.gz", [("readme.txt", b"hello")]))


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/evil", "uploads/../../evil", "uploads/./x", "uploads//x", "uploads\\x", "uploads/\n", "index/x"],
)
def test_a_name_that_leads_elsewhere_is_refused(app: Flask, whole: Path, name: str) -> None:
    database, manifest = unpacked(whole)[DATABASE], manifest_of(whole)
    fields = manifest.model_dump(mode="json")
    fields["members"].append({**member_of("uploads/x", b"evil").model_dump(), "name": name})
    text = type(manifest).model_construct(**fields).model_dump_json(warnings=False).encode()
    parts = [(MANIFEST, text), (DATABASE, database), (name, b"evil")]
    assert "manifest" in refusal(app, pack(whole.with_name("x.tar.gz"), parts))
    assert not list(whole.parent.rglob("evil"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_anything_but_a_plain_file_is_refused(app: Flask, whole: Path, kind: bytes) -> None:
    parts = unpacked(whole)
    info = tarfile.TarInfo(DATABASE)
    info.type, info.linkname = kind, "/etc/passwd"
    hostile = [(MANIFEST, parts[MANIFEST]), (info, b""), ("padding", os.urandom(50_000))]
    assert "plain files" in refusal(app, pack(whole.with_name("x.tar.gz"), hostile))


def test_a_long_name_in_a_header_of_its_own_is_refused(app: Flask, whole: Path) -> None:
    parts = unpacked(whole)
    hostile = [("m" * 300, b""), (MANIFEST, parts[MANIFEST])]
    assert "plain files" in refusal(app, pack(whole.with_name("x.tar.gz"), hostile))


def test_a_bomb_is_refused_before_it_is_unpacked(app: Flask, whole: Path) -> None:
    manifest = manifest_of(whole)
    huge = manifest.members[0].model_copy(update={"size": 2**39})
    text = manifest.model_copy(update={"members": [huge]}).model_dump_json().encode()
    assert "far more" in refusal(app, pack(whole.with_name("x.tar.gz"), [(MANIFEST, text), (DATABASE, b"")]))


def test_a_manifest_without_end_is_refused(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "MAX_MANIFEST", 1_000)
    assert "manifest" in refusal(app, pack(tmp_path / "x.tar.gz", [(MANIFEST, b" " * 1_001)]))


@pytest.mark.parametrize("text", [b"{}", b"[]", b"null", b"\xff", b'{"program": "other"}', b"[" * 10_000])
def test_a_manifest_of_another_shape_is_refused(app: Flask, tmp_path: Path, text: bytes) -> None:
    assert "manifest" in refusal(app, pack(tmp_path / "x.tar.gz", [(MANIFEST, text)]))


def test_a_member_twice_or_one_more_is_refused(app: Flask, whole: Path) -> None:
    parts = list(unpacked(whole).items())
    assert refusal(app, pack(whole.with_name("x.tar.gz"), [*parts, ("uploads/x", b"more")]))
    assert refusal(app, pack(whole.with_name("y.tar.gz"), parts[:1]))


def test_a_full_disk_is_told_before_anything_is_unpacked(
    app: Flask, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(creating, "SPARE_BYTES", 10**18)
    assert "MB are needed" in refusal(app, whole)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE events SET kind = 'nothing' WHERE id = 2", "journal is broken at event 2"),
        ("UPDATE comments SET user_id = 4711", "rows that are not there"),
        ("DELETE FROM jobs", "rows of jobs"),
        ("CREATE TRIGGER evil AFTER INSERT ON comments BEGIN DELETE FROM users; END", "trigger evil"),
        ("DROP TRIGGER articles_live_needs_approval", "trigger articles_live_needs_approval"),
        ("CREATE VIEW evil AS SELECT 1", "view evil"),
        ("UPDATE alembic_version SET version_num = '1'", "newer program"),
        ("DELETE FROM alembic_version", "which schema"),
        ("DROP TABLE alembic_version", "table alembic_version (missing)"),
    ],
)
def test_a_database_that_was_tampered_with_is_refused(
    app: Flask, whole: Path, tmp_path: Path, statement: str, words: str
) -> None:
    facts = {"revision": "1"} if "version_num" in statement else {}
    forged = forge(whole.with_name("x.tar.gz"), whole, database=altered(whole, tmp_path, statement), **facts)
    assert words in refusal(app, forged)


def test_a_database_other_than_its_manifest_says_is_refused(app: Flask, whole: Path) -> None:
    assert "its manifest" in refusal(app, forge(whole.with_name("x.tar.gz"), whole, journal_head="0" * 64))
    assert "rows of" in refusal(app, forge(whole.with_name("y.tar.gz"), whole, counts={"users": 9}))
    assert "format 2" in refusal(app, forge(whole.with_name("z.tar.gz"), whole, format=2))


def _unzipped(content: bytes) -> bytes | None:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return None
