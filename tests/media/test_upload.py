"""Uploading a picture: who may, what is kept, what is refused, and that nothing half is ever left."""

import errno
import os
import re
import shutil
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from blog.extensions import db
from blog.journal.models import Event
from blog.lib import upload_folder
from blog.lib.renderer import render_article
from blog.media import changes, views
from blog.media.models import Upload
from blog.media.wording import markdown_of
from tests.conftest import MakeApp
from tests.factories.media import file_of, sent
from tests.people import ADA, ARUN, MIA, MOSS, ROSA
from tests.visitor import Visitor, signed_in

FORM = "/editor/images"
PART = {"X-Requested-With": "fetch"}


@pytest.fixture
def writer(client: Visitor) -> Visitor:
    signed_in(client, ARUN)
    return client


def files_of(app: Flask) -> list[Path]:
    """Everything that stands below the folder of uploads."""
    folder = Path(app.extensions["hindsight_settings"].data_dir, "uploads")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def rows_of(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Upload)) or 0


def line_in(page: str) -> str:
    found = re.search(r"<code data-markdown>(.*)</code>", page)
    assert found, page
    return found[1]


def test_a_picture_becomes_a_line_for_the_text_that_shows_it(app: Flask, writer: Visitor) -> None:
    answer = writer.post(FORM, data=sent(file_of("JPEG"), alt="Error rate climbs to 40 %"), headers=PART)
    assert answer.status_code == 201
    line = line_in(answer.text)
    assert re.fullmatch(r"!\[Error rate climbs to 40 %\]\(/media/[0-9a-f]{32}\.jpg\)", line)
    assert re.search(
        r'<img alt="Error rate climbs to 40 %" loading="lazy" src="/media/[^"]+">', render_article(line).html
    )
    address = line[line.index("/media/") : -1]
    shown = app.test_client().get(address)  # whoever reads the text sees the picture
    assert Image.open(BytesIO(shown.data)).size == (40, 30)


def test_without_a_script_it_stands_on_the_list_with_its_line(writer: Visitor) -> None:
    answer = writer.post(FORM, data=sent(file_of()))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/editor/images#image-1")
    page = writer.get(FORM).text
    assert "The picture is kept" in page
    assert re.search(r'readonly value="!\[Error rate climbs\]\(/media/[0-9a-f]{32}\.png\)"', page)


def test_a_script_gets_the_form_alone(writer: Visitor) -> None:
    part = writer.get(FORM, headers=PART).text
    assert part.lstrip().startswith("<dialog") and 'name="csrf_token"' in part
    assert "<html" not in part


@pytest.mark.parametrize("person", [None, MIA, MOSS])
def test_only_those_who_write_upload(app: Flask, client: Visitor, person: Any) -> None:
    if person:
        signed_in(client, person)
    assert client.post(FORM, data=sent(file_of())).status_code == 403
    assert client.post(FORM, data=sent(file_of()), headers=PART).status_code == 403
    assert (files_of(app), rows_of(app)) == ([], 0)


def test_a_form_without_its_token_uploads_nothing(app: Flask, writer: Visitor) -> None:
    assert writer.post(FORM, data=sent(file_of()), with_token=False).status_code == 400
    assert writer.post(FORM, data=sent(file_of()), headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert (files_of(app), rows_of(app)) == ([], 0)


def test_an_event_tells_of_it_and_never_its_name(app: Flask, writer: Visitor) -> None:
    writer.post(FORM, data=sent(file_of(), alt="Told to nobody"))
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.kind == "image.uploaded")).one()
        upload = db.session.scalars(select(Upload)).one()
        assert (event.subject_type, event.subject_id, event.actor_id) == ("upload", upload.id, upload.created_by_id)
        assert upload.name not in str(event.data) and "Told" not in str(event.data)


def test_what_is_wrong_is_said_beside_both_fields_at_once(app: Flask, writer: Visitor) -> None:
    for headers in ({}, PART):
        answer = writer.post(FORM, data=sent(b"<svg/>", alt="  "), headers=headers)
        assert answer.status_code == 400
        assert "SVG and HTML can hold programs" in answer.text
        assert "Say in a few words what the picture shows." in answer.text
        assert answer.text.count('aria-invalid="true"') == 2
        assert ("<html" in answer.text) == (not headers)
    assert (files_of(app), rows_of(app)) == ([], 0)


def test_typed_words_stay_when_the_file_is_refused(writer: Visitor) -> None:
    answer = writer.post(FORM, data=sent(b"no picture", alt='Words & "quotes" <b>'))
    assert "Words &amp; &#34;quotes&#34; &lt;b&gt;</textarea>" in answer.text


@pytest.mark.parametrize("data", [{}, {"alt": "No file"}, {"alt": "A word for a file", "image": "words"}])
def test_a_form_without_a_file_is_told_so(app: Flask, writer: Visitor, data: dict[str, str]) -> None:
    answer = writer.post(FORM, data=data)
    assert answer.status_code == 400
    assert "Choose a picture first." in answer.text
    assert rows_of(app) == 0


def test_words_may_be_as_long_as_the_limit_and_no_longer(writer: Visitor) -> None:
    assert writer.post(FORM, data=sent(file_of(), alt="x" * changes.MAX_ALT)).status_code == 303
    answer = writer.post(FORM, data=sent(file_of(), alt="x" * (changes.MAX_ALT + 1)))
    assert answer.status_code == 422
    assert "Shorten them to 500" in answer.text


def test_words_on_many_lines_become_one(app: Flask, writer: Visitor) -> None:
    writer.post(FORM, data=sent(file_of(), alt="  first\r\n\r\nsecond\tthird "))
    with app.app_context():
        assert db.session.scalars(select(Upload.alt)).one() == "first second third"


@pytest.mark.parametrize(
    "alt",
    [
        'a ]( /x "y" ) [b]', "**bold** _it_ `code`", "<script>alert(1)</script>", "&lt;b&gt; &amp; &#60; &co",
        "{{ 7*7 }} {% raw %}", "<https://a.example/x>",
        "back\\slash \\] end\\", "![in](/media/x.png)", "https://a.example/x",
        "100 % – “quoted” 'x'", "| a | b |", "[^1] [x] #1 1. > -",
        "\\*\\*", "]()", "` ``", "a  b", "مرحبا", "x" * 500,
    ],
)  # fmt: skip
def test_words_show_as_they_were_typed(alt: str) -> None:
    shown = render_article(markdown_of("0" * 32 + ".png", changes.checked_alt(alt)))
    images = re.findall(r"<img [^>]*>", shown.html)
    assert len(images) == 1, shown.html
    assert re.sub(r"<[^>]*>", "", shown.html).strip() == ""
    from html import unescape

    found = re.search(r'alt="([^"]*)"', images[0])
    assert found and unescape(found[1]) == changes.checked_alt(alt)


def test_names_of_files_are_not_looked_at(app: Flask, writer: Visitor) -> None:
    for name in ("../../evil.php", "a.svg", "x" * 300 + ".html", "\u202egnp.exe"):
        assert writer.post(FORM, data=sent(file_of(), name=name)).status_code == 303
    stored = files_of(app)
    assert len(stored) == 4
    assert all(re.fullmatch(r"[0-9a-f]{32}\.png", path.name) and path.parent.name == path.name[:2] for path in stored)


def test_stored_files_are_private_to_the_user_of_the_site(app: Flask, writer: Visitor) -> None:
    writer.post(FORM, data=sent(file_of()))
    (stored,) = files_of(app)
    for path in (stored, stored.parent, stored.parent.parent):
        assert path.stat().st_mode & 0o077 == 0


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(make_app: MakeApp) -> None:
    app = make_app(max_image_bytes=262_144)
    client = app.test_client()
    assert isinstance(client, Visitor)
    signed_in(client, ARUN)
    picture = file_of("JPEG")
    whole = picture + bytes(262_144 - len(picture))  # behind its end a picture may hold anything
    assert client.post(FORM, data=sent(whole)).status_code == 303
    answer = client.post(FORM, data=sent(whole + b"x"))
    assert answer.status_code == 413
    assert "larger than 0.25 MB" in answer.text
    assert client.post(FORM, data=sent(whole + bytes(100_000))).status_code == 413
    assert rows_of(app) == 1


def test_one_person_uploads_so_many_and_others_go_on(make_app: MakeApp) -> None:
    app = make_app(rate_limits=True, upload_rates="2/hour")
    client, other = app.test_client(), app.test_client()
    assert isinstance(client, Visitor) and isinstance(other, Visitor)
    signed_in(client, ARUN)
    signed_in(other, ROSA)
    assert [client.post(FORM, data=sent(b"no picture")).status_code for _ in range(2)] == [400, 400]  # tries count
    for headers in ({}, PART):
        answer = client.post(FORM, data=sent(file_of()), headers=headers)
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0
        assert "Error rate climbs" in answer.text
    assert other.post(FORM, data=sent(file_of())).status_code == 303


def no_room(*_: object, **__: object) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["write", "fsync", "rename", "mkdir", "folder"])
def test_a_full_disk_refuses_the_picture_whole(
    app: Flask, writer: Visitor, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    if step != "mkdir":
        writer.post(FORM, data=sent(file_of()))
    before = files_of(app), rows_of(app)
    with monkeypatch.context() as patch:
        if step == "mkdir":
            patch.setattr(Path, "mkdir", no_room)
        elif step == "rename":
            patch.setattr(Path, "rename", no_room)
        elif step == "folder":
            patch.setattr(upload_folder, "flush", no_room)
        else:
            broken = {"fsync": no_room} if step == "fsync" else {"open": no_room}
            patch.setattr(upload_folder, "os", SimpleNamespace(**{**vars(os), **broken}))
        answer = writer.post(FORM, data=sent(file_of()), headers=PART)
    assert answer.status_code == 507
    assert "no room left" in answer.text and "Error rate climbs" in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert (files_of(app), rows_of(app)) == before
    assert writer.post(FORM, data=sent(file_of())).status_code == 303


def test_a_picture_never_takes_the_last_room(app: Flask, writer: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    little = SimpleNamespace(free=upload_folder.SPARE_BYTES)
    monkeypatch.setattr(upload_folder, "shutil", SimpleNamespace(disk_usage=lambda _: little))
    assert writer.post(FORM, data=sent(file_of())).status_code == 507
    assert (files_of(app), rows_of(app)) == ([], 0)
    assert shutil.disk_usage("/").free  # the real one is what the site asks


def test_a_row_that_cannot_be_written_leaves_no_file(
    app: Flask, writer: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> Upload:
        raise MemoryError

    monkeypatch.setattr(views.changes, "add_upload", fail)
    with pytest.raises(MemoryError):
        app.config["PROPAGATE_EXCEPTIONS"] = True
        app.register_error_handler(Exception, _raise)
        writer.post(FORM, data=sent(file_of()))
    assert (files_of(app), rows_of(app)) == ([], 0)


def _raise(error: Exception) -> None:
    raise error


def test_the_file_is_on_the_disk_before_its_row(app: Flask, writer: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, rename, flush, add = os.fsync, Path.rename, upload_folder.flush, changes.add_upload
    monkeypatch.setattr(upload_folder.os, "fsync", lambda number: (done.append("fsync"), fsync(number))[1])
    monkeypatch.setattr(Path, "rename", lambda path, to: (done.append("rename"), rename(path, to))[1])
    monkeypatch.setattr(upload_folder, "flush", lambda path: (done.append("folder"), flush(path))[1])
    monkeypatch.setattr(views.changes, "add_upload", lambda **how: (done.append("row"), add(**how))[1])
    writer.post(FORM, data=sent(file_of()))
    ours = [step for step in done if step != "fsync"]
    assert ours[-3:] == ["rename", "folder", "row"]
    assert "fsync" in done[: done.index("rename")]


def test_what_a_killed_process_left_is_swept_away_later(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "uploads" / "ab"
    folder.mkdir(parents=True)
    old, fresh = folder / f"{upload_folder.PART}old", folder / f"{upload_folder.PART}fresh"
    for path in (old, fresh):
        path.write_bytes(b"half a pict")
    os.utime(old, (1, 1))
    upload_folder._sweep(folder)
    assert (old.exists(), fresh.exists()) == (False, True)


@pytest.mark.parametrize(
    "name", ["../x.png", "a.png", "0" * 32, "0" * 32 + ".svg", "0" * 32 + ".png\n", "0" * 31 + "G.png"]
)
def test_only_names_of_ours_are_paths(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no name"):
        upload_folder.path_of(tmp_path, name)


def test_an_admin_sees_all_pictures_others_their_own(app: Flask, writer: Visitor) -> None:
    writer.post(FORM, data=sent(file_of(), alt="By Arun alone"))
    for person, sees in ((ARUN, True), (ROSA, False), (ADA, True)):
        client = app.test_client()
        assert isinstance(client, Visitor)
        signed_in(client, person)
        assert ("By Arun alone" in client.get(FORM).text) == sees, person
