"""Showing a picture: to whoever has its address, as a file that may do nothing, kept for good by browsers."""

import pytest
from flask import Flask

from blog.lib import upload_folder
from blog.media.views import CSP
from tests.factories.articles import make_draft
from tests.factories.media import file_of, make_upload
from tests.people import ARUN, MIA
from tests.visitor import Visitor, signed_in


@pytest.fixture
def address(app: Flask) -> str:
    return make_upload(app).address


def test_line_21_a_picture_is_a_page_that_may_do_nothing(client: Visitor, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.data) == (200, file_of())
    assert answer.content_type == "image/png"
    assert answer.headers["Content-Security-Policy"] == CSP == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_browsers_keep_it_for_good_whoever_signs_in(client: Visitor, address: str) -> None:
    signed_in(client, MIA)
    answer = client.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", "")
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_head_tells_what_get_would(client: Visitor, address: str) -> None:
    head, get = client.head(address), client.get(address)
    assert head.data == b""
    for name in ("Content-Type", "Content-Length", "ETag", "Cache-Control", "Content-Security-Policy"):
        assert head.headers[name] == get.headers[name]


def test_a_part_of_it_can_be_asked_for(client: Visitor, address: str) -> None:
    part = client.get(address, headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.data) == (206, b"PNG")
    assert part.headers["Content-Range"] == f"bytes 1-3/{len(file_of())}"
    assert part.headers["Content-Security-Policy"] == CSP
    assert client.get(address, headers={"Range": "bytes=99999-"}).status_code == 416


@pytest.mark.parametrize(
    "path",
    [
        "/media/" + "0" * 32 + ".png", "/media/x", "/media/..", "/media/../secret_key", "/media/%2e%2e/secret_key",
        "/media/..%2fsecret_key", "/media/uploads/ab", "/media/", "/media", "/media/ab/" + "0" * 32 + ".png",
        "/media/%00", "/media/" + "x" * 2000,
    ],
)  # fmt: skip
def test_there_is_nothing_else(client: Visitor, address: str, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (400, 404)
    assert answer.headers["Content-Security-Policy"] != CSP  # a page of ours


def test_another_ending_or_case_is_another_name(client: Visitor, address: str) -> None:
    for other in (address.replace(".png", ".html"), address.replace(".png", ""), address.upper(), address + "/"):
        assert client.get(other).status_code == 404, other


def test_a_file_that_is_gone_is_a_404_and_a_line_in_the_log(
    app: Flask, client: Visitor, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    upload_folder.path_of(app.extensions["hindsight_settings"].data_dir, address.rpartition("/")[2]).unlink()
    assert client.get(address).status_code == 404
    assert any("is missing" in record.message for record in caplog.records)


def test_a_relative_data_folder_is_the_one_the_site_was_started_in(
    app: Flask, client: Visitor, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.extensions["hindsight_settings"]
    monkeypatch.chdir(settings.data_dir.parent)
    app.extensions["hindsight_settings"] = settings.model_copy(
        update={"data_dir": settings.data_dir.relative_to(settings.data_dir.parent)}
    )
    assert client.get(address).status_code == 200


def test_the_picture_of_a_draft_is_in_no_page_that_strangers_read(app: Flask, client: Visitor) -> None:
    upload = make_upload(app, user=ARUN)
    make_draft(app, author=ARUN, slug="unseen", body=f"Not yet.\n\n{upload.markdown}")
    signed_in(client, MIA)
    for path in (
        "/",
        "/postmortems/",
        "/postmortems/unseen",
        "/feed.atom",
        "/sitemap.xml",
        "/search?q=yet",
        "/api/v1/articles",
    ):
        assert upload.name not in client.get(path).text, path
