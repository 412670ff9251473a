"""What a request may bring in, at each limit and one above it."""

import gzip
import threading
import time
from urllib.parse import unquote_to_bytes

import pytest
from flask import Flask, request

from blog.lib.web import large_form
from tests.conftest import MakeApp
from tests.visitor import Visitor

MIB = 1024 * 1024


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app()

    def read() -> str:
        return f"{len(request.form)} names"

    def read_large() -> str:
        return f"{len(request.form)} names"

    app.add_url_rule("/test/form", "test.form", read, methods=["POST"])
    app.add_url_rule("/test/large", "test.large", large_form(read_large), methods=["POST"])
    for view in (read, read_large):
        app.extensions["csrf"].exempt(view)
    return app


def post(client: Visitor, body: bytes, *, path: str = "/test/form", kind: str = "application/x-www-form-urlencoded"):
    return client.post(path, data=body, content_type=kind)


def parts(number: int, *, value: str = "x") -> tuple[bytes, str]:
    body = "".join(
        f'--edge\r\nContent-Disposition: form-data; name="f{place}"\r\n\r\n{value}\r\n' for place in range(number)
    )
    return (body + "--edge--\r\n").encode(), "multipart/form-data; boundary=edge"


def test_a_body_of_a_mebibyte_is_read_and_one_byte_more_is_not(client: Visitor) -> None:
    assert post(client, b"a=" + b"x" * (MIB - 2), path="/test/large").status_code == 200
    answer = post(client, b"a=" + b"x" * (MIB - 1), path="/test/large")
    assert answer.status_code == 413
    assert "larger than this site accepts" in answer.text


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/octet-stream"])
def test_a_large_body_of_any_kind_is_refused_before_it_is_read(client: Visitor, kind: str) -> None:
    assert post(client, b"x" * (MIB + 1), kind=kind, path="/account/login").status_code == 413
    assert post(client, b"x" * (MIB + 1), kind=kind, path="/api/v1/articles").status_code == 413


def test_an_ordinary_form_holds_300_kilobytes(client: Visitor) -> None:
    assert post(client, b"a=" + b"x" * 299_998).status_code == 200
    assert post(client, b"a=" + b"x" * 299_999).status_code == 413
    body, kind = parts(1, value="x" * 300_001)
    assert post(client, body, kind=kind).status_code == 413


def test_a_form_of_parts_holds_a_hundred(client: Visitor) -> None:
    for number, status in ((100, 200), (101, 413)):
        body, kind = parts(number)
        assert post(client, body, kind=kind).status_code == status


def test_a_form_holds_two_hundred_fields(client: Visitor) -> None:
    for number, status in ((200, 200), (201, 413)):
        body = "&".join(f"f{place}=x" for place in range(number)).encode()
        assert post(client, body).status_code == status


def test_one_name_sent_many_times_counts_every_time(client: Visitor) -> None:
    assert post(client, b"&".join([b"tag=x"] * 201)).status_code == 413


def test_an_editors_form_holds_a_field_for_every_cell(client: Visitor) -> None:
    for number, status in ((20_000, 200), (20_001, 413)):
        body = "&".join(f"f{place}=x" for place in range(number)).encode()
        assert post(client, body, path="/test/large").status_code == status


def test_large_forms_are_refused_fast(client: Visitor) -> None:
    body, kind = parts(20_000)
    started = time.perf_counter()
    assert post(client, body[: MIB - 10], kind=kind).status_code == 413
    assert time.perf_counter() - started < 5  # it is refused unread: 0.01 s


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity, gzip"])
def test_a_compressed_body_is_refused(client: Visitor, encoding: str) -> None:
    answer = client.post("/account/login", data=gzip.compress(b"email=a"), headers={"Content-Encoding": encoding})
    assert answer.status_code == 415
    assert "compressed" in answer.text


BAD_UTF8 = [b"%ff", b"%c3%28", b"%ed%a0%80", b"%f8%88%80%80%80", b"%C0%AF"]


@pytest.mark.parametrize("bad", BAD_UTF8)
def test_malformed_utf8_in_a_query_is_refused(client: Visitor, bad: bytes) -> None:
    for path in ("/", "/postmortems/", "/search", "/api/v1/articles"):
        answer = client.get(f"{path}?q={bad.decode()}")
        assert answer.status_code == 400, path
        assert "UTF-8" in answer.text, path
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("bad", BAD_UTF8)
def test_malformed_utf8_in_a_path_is_refused(client: Visitor, bad: bytes) -> None:
    path = f"/postmortems/{unquote_to_bytes(bad).decode('latin-1')}"  # as a server hands it on
    assert client.get("/", environ_overrides={"PATH_INFO": path}).status_code == 400


@pytest.mark.parametrize("bad", [*BAD_UTF8, b"\xff", b"\xc3("])
def test_malformed_utf8_in_a_form_is_refused(client: Visitor, bad: bytes) -> None:
    assert post(client, b"a=1&text=" + bad).status_code == 400
    if b"%" not in bad:
        body, kind = parts(1, value="@@")
        assert post(client, body.replace(b"@@", bad), kind=kind).status_code == 400


@pytest.mark.parametrize(
    "path", ["/?q=a%00b", "/postmortems/a%00b", "/tags/%00", "/search?q=%00", "/api/v1/articles/%00"]
)
def test_nul_in_an_address_is_refused(client: Visitor, path: str) -> None:
    assert client.get(path).status_code == 400


def test_nul_in_a_form_is_refused(client: Visitor) -> None:
    assert post(client, b"text=a%00b").status_code == 400
    answer = client.post("/account/login", data={"email": "a\0@b.example", "password": "x"})
    assert answer.status_code == 400


def test_text_of_every_language_is_taken(client: Visitor) -> None:
    assert client.get("/postmortems/?page=1&x=%F0%9F%94%A5%C3%A9").status_code == 200
    assert post(client, "text=süß 🔥 %E6%97%A5".encode()).status_code == 200
    body, kind = parts(2, value="süß 🔥 日本")
    assert post(client, body, kind=kind).status_code == 200


def test_an_address_has_an_end(client: Visitor) -> None:
    assert client.get("/postmortems/?x=" + "a" * 4_000).status_code == 200
    assert client.get("/postmortems/?x=" + "a" * 4_096).status_code == 414


def test_fifty_requests_in_ten_seconds_and_no_more(limited_app: Flask) -> None:
    client = limited_app.test_client()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: 1_000_000.0)  # a window of the clock begins here
        statuses = [client.get(path).status_code for path in ["/about"] * 25 + ["/nothing/here"] * 26]
        assert statuses == [200] * 25 + [404] * 25 + [429]
        refused = client.get("/about")
        assert 1 <= int(refused.headers["Retry-After"]) <= 11
        assert "wait a moment" in refused.text
        problem = client.get("/api/v1/articles")
        assert (problem.status_code, problem.json["status"]) == (429, 429)
        assert client.get("/about", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 200


def test_one_network_of_ipv6_is_one_address(limited_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = limited_app.test_client()
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)

    def ask(address: str) -> int:
        return int(client.get("/about", environ_base={"REMOTE_ADDR": address}).status_code)

    assert [ask(f"2001:db8:1:2::{number:x}") for number in range(51)] == [200] * 50 + [429]
    assert ask("2001:db8:1:3::1") == 200
    assert [ask("::ffff:203.0.113.9") for _ in range(51)] == [200] * 50 + [429]
    assert ask("203.0.113.9") == 429
    assert ask("::ffff:203.0.113.10") == 200
    assert ask("no address") == 200


def test_five_searches_a_second(limited_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = limited_app.test_client()
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
    assert [client.get("/search?q=dns").status_code for _ in range(6)] == [200] * 5 + [429]
    assert client.get("/about").status_code == 200


def test_a_request_starts_no_thread(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    client.get("/postmortems/")
    monkeypatch.setattr(threading.Thread, "start", _broken)
    assert client.get("/postmortems/").status_code == 200


def test_static_files_and_probes_are_never_counted(limited_app: Flask) -> None:
    client = limited_app.test_client()
    for _ in range(60):
        assert client.get("/static/any/site.css").status_code == 200
        assert client.get("/healthz").status_code == 200
    assert client.get("/about").status_code == 200


def test_without_rate_limits_nothing_is_counted(app: Flask) -> None:
    client = app.test_client()
    assert {client.get("/about").status_code for _ in range(60)} == {200}


def test_a_counter_that_fails_lets_people_in(limited_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from blog.extensions import limiter

    with limited_app.app_context():
        monkeypatch.setattr(limiter.limiter, "hit", _broken)
    assert limited_app.test_client().get("/about").status_code == 200


def _broken(*_: object) -> bool:
    raise ConnectionError("no storage")
