"""Static files: their addresses, how they are packed, and that nothing beside them is served."""

import gzip
import re
from pathlib import Path

import brotli
import pytest
from flask import Flask

from blog.lib.static_files import read_folder
from tests.factories.articles import make_published
from tests.visitor import Visitor


@pytest.fixture
def address(app: Flask) -> str:
    return str(app.jinja_env.globals["static_url"]("site.css"))


def test_pages_name_files_that_are_there(client: Visitor) -> None:
    page = client.get("/").text
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(found) >= 3
    for one in found:
        assert client.get(one).status_code == 200, one


def test_a_file_under_its_hash_is_kept_for_a_year(client: Visitor, address: str) -> None:
    assert client.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_file_under_an_older_hash_is_given_but_not_kept(client: Visitor) -> None:
    answer = client.get("/static/0123456789ab/site.css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize("name", ["site.css", "js/app.js", "img/favicon.svg"])
def test_files_are_packed_in_what_the_browser_reads(client: Visitor, name: str) -> None:
    plain = client.get(f"/static/x/{name}")
    assert "Content-Encoding" not in plain.headers
    for wanted, unpack in (("gzip", gzip.decompress), ("br", brotli.decompress)):
        packed = client.get(f"/static/x/{name}", headers={"Accept-Encoding": wanted})
        if len(plain.data) >= 500:
            assert packed.headers["Content-Encoding"] == wanted
            assert len(packed.data) < len(plain.data)
            assert unpack(packed.data) == plain.data
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert packed.headers["ETag"] == plain.headers["ETag"]
        assert packed.headers["ETag"].startswith("W/")


def test_brotli_is_chosen_where_both_are_read(client: Visitor) -> None:
    answer = client.get("/static/x/site.css", headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
    assert answer.headers["Content-Encoding"] == "br"
    none = client.get("/static/x/site.css", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in none.headers


def test_who_has_the_file_gets_304(client: Visitor, address: str) -> None:
    tag = client.get(address, headers={"Accept-Encoding": "br"}).headers["ETag"]
    again = client.get(address, headers={"Accept-Encoding": "gzip", "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_head_tells_what_get_would(client: Visitor, address: str) -> None:
    head, get = client.head(address), client.get(address)
    assert head.data == b""
    for name in ("Content-Type", "Content-Length", "ETag", "Cache-Control"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("site.css", "text/css; charset=utf-8"),
        ("js/app.js", "text/javascript; charset=utf-8"),
        ("img/favicon.svg", "image/svg+xml; charset=utf-8"),
        ("img/favicon.ico", "image/x-icon"),
    ],
)
def test_types_are_told(client: Visitor, name: str, kind: str) -> None:
    assert client.get(f"/static/x/{name}").content_type == kind


@pytest.mark.parametrize(
    "path",
    [
        "/static/x/../app.py",
        "/static/x/..%2fapp.py",
        "/static/x/%2e%2e/%2e%2e/app.py",
        "/static/x//etc/passwd",
        "/static/x/css",
        "/static/x/",
        "/static/",
        "/static/x/nothing.css",
    ],
)
def test_nothing_else_is_served(client: Visitor, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (308, 404)
    assert b"create_app" not in answer.data


@pytest.mark.parametrize(
    ("joined", "folder"), [("site.css", "css"), ("desk.css", "css/desk"), ("members.css", "css/members")]
)
def test_a_stylesheet_holds_every_sheet_of_its_folder(client: Visitor, joined: str, folder: str) -> None:
    text = client.get(f"/static/x/{joined}").text
    sheets = sorted(Path(client.application.root_path, "static", folder).glob("*.css"))
    assert sheets and text.lstrip().startswith("@layer")  # the first sheet of all gives the order of layers
    assert "/*" not in text and "\n\n" not in text and "\n " not in text
    for sheet in sheets:
        lines = [line.strip() for line in re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL).splitlines()]
        assert "\n".join(line for line in lines if line) in text, sheet.name


def test_any_change_of_a_file_changes_every_address(tmp_path: Path) -> None:
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "app.css").write_text("a {}")
    before = read_folder(tmp_path)
    (tmp_path / "css" / "more.css").write_text("b {}")
    after = read_folder(tmp_path)
    assert before.version != after.version
    assert after.files["site.css"] == b"a {}\nb {}"


def test_pages_and_feeds_are_packed_too(app: Flask, client: Visitor) -> None:
    make_published(app)
    for path in ("/feed.atom", "/feed.json", "/", "/about", "/postmortems/", "/api/v1/openapi.json"):
        plain = client.get(path)
        for wanted, unpack in (("gzip", gzip.decompress), ("br", brotli.decompress)):
            packed = client.get(path, headers={"Accept-Encoding": wanted})
            assert packed.headers["Content-Encoding"] == wanted, path
            assert unpack(packed.data) == plain.data, path
            assert "Accept-Encoding" in packed.headers["Vary"], path
            assert packed.headers.get("ETag") == plain.headers.get("ETag"), path


def test_a_packed_page_is_known_again(client: Visitor) -> None:
    tag = client.get("/", headers={"Accept-Encoding": "br"}).headers["ETag"]
    again = client.get("/", headers={"Accept-Encoding": "br", "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert "Accept-Encoding" in again.headers["Vary"]


def test_head_of_a_page_has_no_body_and_the_same_headers(client: Visitor) -> None:
    for path in ("/", "/about", "/feed.atom", "/healthz", "/api/v1/articles"):
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.data) == (200, b""), path
        assert head.headers["Content-Length"] == str(len(get.data)), path
