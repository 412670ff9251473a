"""Pictures in backups: each row with its file, as it was; what the disk had lost before is told and stops nothing."""

from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from blog.backup import creating
from blog.backup.manifest import DATABASE, MANIFEST
from blog.extensions import db
from blog.lib import upload_folder
from blog.media.models import Upload
from tests.backup.archives import backup_of, manifest_of, member_of, pack, run, unpacked
from tests.factories.media import file_of, make_upload


@pytest.fixture
def upload(app: Flask) -> Upload:
    return make_upload(app)


def file_on_disk(app: Flask, upload: Upload) -> Path:
    return upload_folder.path_of(app.extensions["hindsight_settings"].data_dir, upload.name)


def member(upload: Upload) -> str:
    return f"uploads/{upload.name[:2]}/{upload.name}"


def test_a_picture_comes_back_with_its_site(app: Flask, upload: Upload, tmp_path: Path) -> None:
    archive = backup_of(app, tmp_path / "whole.tar.gz")
    assert unpacked(archive)[member(upload)] == file_of()
    result = run(app, "restore", archive, "--to", tmp_path / "new")
    assert result.exit_code == 0, result.output
    site = create_app({"data_dir": tmp_path / "new", "worker": "off", "rate_limits": False})
    assert site.test_client().get(upload.address).data == file_of()
    with site.app_context():
        db.engine.dispose()
    site.extensions["hindsight_search"].close()


@pytest.mark.parametrize("harm", ["removed", "changed"])
def test_an_archive_without_a_picture_is_refused(app: Flask, upload: Upload, tmp_path: Path, harm: str) -> None:
    archive = backup_of(app, tmp_path / "whole.tar.gz")
    parts, manifest = unpacked(archive), manifest_of(archive)
    content = b"another picture"
    members = [one for one in manifest.members if one.name == DATABASE]
    if harm == "changed":
        members.append(member_of(member(upload), content))
    forged = manifest.model_copy(update={"members": members})
    files = [(DATABASE, parts[DATABASE]), *([(member(upload), content)] if harm == "changed" else [])]
    bad = pack(tmp_path / "bad.tar.gz", [(MANIFEST, forged.model_dump_json().encode()), *files])
    for command in (("verify", bad), ("restore", bad, "--to", tmp_path / "never")):
        result = run(app, *command)
        assert result.exit_code == 1
        assert f"1 pictures of the database are not in it as they were, such as {member(upload)}" in result.output


@pytest.mark.parametrize("harm", ["removed", "changed"])
def test_what_the_disk_had_lost_is_told_and_the_rest_is_kept(
    app: Flask, upload: Upload, tmp_path: Path, harm: str
) -> None:
    kept, path = make_upload(app), file_on_disk(app, upload)
    if harm == "removed":
        path.unlink()
    else:
        path.write_bytes(b"rotten")
    made = run(app, "create", "--to", tmp_path / "whole.tar.gz")
    checked = run(app, "verify", tmp_path / "whole.tar.gz")
    for result in (made, checked):
        assert result.exit_code == 0, result.output
        assert f"1 pictures were missing or damaged on the disk when it was made: {member(upload)}" in result.output
    assert member(kept) in unpacked(tmp_path / "whole.tar.gz")


def test_unfinished_files_stay_behind(app: Flask, upload: Upload, tmp_path: Path) -> None:
    part = file_on_disk(app, upload).with_name(f"{upload_folder.PART}half")
    part.write_bytes(b"half a pict")
    assert not [name for name in unpacked(backup_of(app, tmp_path / "one.tar.gz")) if "part" in name]


def test_a_file_that_goes_away_meanwhile_stops_nothing(
    app: Flask, upload: Upload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture whose row could not be written is removed again; a backup may have seen it."""
    gone = file_on_disk(app, upload).with_name("0" * 32 + ".png")
    listed = creating._uploads
    monkeypatch.setattr(creating, "_uploads", lambda folder: {**listed(folder), f"uploads/00/{gone.name}": gone})
    monkeypatch.setattr(creating, "_require_space", lambda *_: None)
    assert manifest_of(backup_of(app, tmp_path / "one.tar.gz")).lost == []
