"""Lines 35 to 43: imports, the index, hosts and proxies, limits of the server, logs, error pages, packages."""

import json
import logging
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, abort
from sqlalchemy.exc import OperationalError
from werkzeug import Request

from blog.extensions import db
from blog.journal.models import Event
from blog.lib.logs import WithRequest, formatter
from tests.architecture.test_imports import ROOT
from tests.conftest import MakeApp
from tests.people import ADA, MIA, MOSS, PASSWORD
from tests.transfer.site import articles_in, rows_in, run_import
from tests.world import World

ALIASES = "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 30))])
HOSTILE_FILES = {
    "object.md": "---\ntitle: !!python/object/apply:os.system ['touch pwned']\n---\nwords",
    "object.yaml": "title: T\nx: !!python/name:os.system\n",
    "aliases.md": f"---\ntitle: T\n{ALIASES}\n---\nwords",
    "deep.jsonl": '{"type":"article","slug":"x","document":' + '{"a":' * 40 + "1" + "}" * 41,
    "deeper.jsonl": '{"type":"user","name":' + "[" * 90_000 + "]" * 90_000 + "}",
    "large.md": "# Large\n\n" + "words " * 200_000,
    "entities.md": "---\ntitle: T\nslug: ../../etc/passwd\n---\nwords",
}


@pytest.fixture
def quick(app: Flask) -> Flask:
    """An import that leaves the index alone, which would cost a second."""
    app.extensions["hindsight_worker"].handlers = {}
    return app


def test_line_35_hostile_files_are_refused_and_the_others_come_in(quick: Flask, tmp_path: Path) -> None:
    folder, outside = tmp_path / "notes", tmp_path / "secret.md"
    folder.mkdir()
    outside.write_text("# The secret is 4711\n\nwords")
    for name, text in HOSTILE_FILES.items():
        (folder / name).write_text(text)
    (folder / "link.md").symlink_to(outside)
    (folder / "up").symlink_to("..")
    os.mkfifo(folder / "pipe.md")
    (folder / "good.md").write_text("# Good\n\nwords")
    result = run_import(quick, folder)
    assert result.exit_code == 1 and "Traceback" not in result.output
    assert set(articles_in(quick)) <= {"good", "t", "passwd", "etc-passwd"} and "good" in articles_in(quick)
    assert not [one for one in articles_in(quick).values() if "4711" in one.title or "/" in one.slug or "." in one.slug]
    assert not Path("pwned").exists() and not (folder / "pwned").exists()


def test_line_35_a_dry_run_writes_nothing(quick: Flask, tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text("# Good\n\nwords")
    before = rows_in(quick)
    assert run_import(quick, tmp_path / "good.md", "--dry-run").exit_code == 0
    assert rows_in(quick) == before


def test_line_35_a_file_names_no_state_and_makes_nobody_anything(quick: Flask, tmp_path: Path) -> None:
    """Roles come with a bundle alone, which an operator brings, and the report names everybody who arrives with one."""
    (tmp_path / "a.md").write_text("---\ntitle: A\nauthor: Ada\nrole: admin\nid: 4711\ncreated_by_id: 1\n---\nwords")
    run_import(quick, tmp_path / "a.md")
    assert rows_in(quick)["users"] == 0
    assert all(one.id != 4711 and one.created_by_id is None for one in articles_in(quick).values())
    lines = [{"type": "user", "name": "Una", "email": "una@people.example", "role": "admin"}]
    (tmp_path / "b.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert "Roles:" in run_import(quick, tmp_path / "b.jsonl").output


def test_line_36_the_index_is_for_the_user_of_the_site_alone(world: World, site: Flask, folder: Path) -> None:
    site.test_cli_runner().invoke(args=["search", "rebuild"])
    index = [folder / "index", *(folder / "index").rglob("*")]
    assert len(index) > 3
    assert [path for path in index if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    for path in ("/index/", "/instance/index/", "/static/../index/x"):
        assert site.test_client().get(path).status_code == 404


FORWARDED = {
    "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Prefix": "/evil", "Forwarded": "host=evil.example", "X-Original-URL": "/account/users",
    "X-Rewrite-URL": "/account/users", "X-HTTP-Method-Override": "DELETE",
}  # fmt: skip


def test_line_37_hosts_are_ours_and_headers_move_nothing(site: Flask) -> None:
    client = site.test_client()
    for host in ("evil.example", "localhost.evil.example", "localhost@evil.example", "", "127.0.0.1.evil.example"):
        for _ in range(2):  # also where the page is kept
            assert client.get("/postmortems/live", headers={"Host": host}).status_code == 400, host
            assert client.get("/postmortems/live").status_code == 200
    for path in ("/", "/feed.atom", "/sitemap.xml", "/api/v1/articles", "/postmortems/live", "/robots.txt"):
        answer = client.get(path, headers=FORWARDED)
        assert answer.status_code == 200
        assert b"evil" not in answer.data and "evil" not in str(answer.headers), path


def test_line_37_proxies_count_as_far_as_configured(make_app: MakeApp) -> None:
    seen: list[str] = []
    for proxies, expected in ((0, "127.0.0.1"), (1, "203.0.113.9"), (2, "203.0.113.7")):
        app = make_app(trusted_proxies=proxies)
        app.add_url_rule("/test/who", view_func=lambda: seen.append(_address()) or "")
        headers = {"X-Forwarded-For": "203.0.113.1, 203.0.113.7, 203.0.113.9"}
        app.test_client().get("/test/who", headers=headers)
        assert seen[-1] == expected, proxies


def _address() -> str:
    from blog.extensions import client_address

    return client_address()


def test_line_38_limits_of_forms_are_below_those_of_the_framework(app: Flask) -> None:
    assert app.config["MAX_CONTENT_LENGTH"] == 1024 * 1024
    assert app.config["MAX_FORM_MEMORY_SIZE"] < Request.max_form_memory_size
    assert app.config["MAX_FORM_PARTS"] < Request.max_form_parts
    for path in ("/account/login", "/api/v1/articles", "/csp-report"):
        for encoding in ("gzip", "br", "deflate"):
            answer = app.test_client().post(path, data=b"x", headers={"Content-Encoding": encoding})
            assert answer.status_code == 415, path


def test_line_39_what_matters_is_logged_as_json_without_secrets(
    world: World, site: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(WithRequest())
    with caplog.at_level(logging.INFO):
        client = site.test_client()
        wrong = client.post("/account/login", data={"email": MIA.email, "password": "my secret guess"})
        assert wrong.status_code == 400
        client.post("/account/login", data={"email": MIA.email, "password": PASSWORD})
        new = {"current_password": PASSWORD, "password": "seven lanterns over the harbour"}
        client.post("/account/password", data=new)
        denied = client.get("/account/users")
        moderator, admin = world.client(site, MOSS), world.client(site, ADA)
        hide = f"/moderation/comments/{world.names['comment']}/hide"
        moderator.post(hide, data={"reason": 'private\nwords"}\n{"event":"forged"}\x1b[31m'})
        admin.post(f"/account/users/{world.names['mia']}/role", data={"role": "author", "reason": "for a test"})
        admin.post(f"/account/users/{world.names['mia']}/disable", data={"reason": "for a test"})
    lines = [formatter().format(record) for record in caplog.records]
    told = [json.loads(line) for line in lines]
    events = {one["event"]: one for one in told if one.get("event")}
    assert set(events) >= {
        "account.sign_in_failed", "account.signed_in", "account.password_changed", "comment.hidden",
        "account.role_changed", "account.disabled",
    }  # fmt: skip
    for one in events.values():
        assert one["request_id"] and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one["at"])
    refusal = next(one for one in told if one.get("status") == 403)
    assert (refusal["path"], str(refusal["user_id"])) == ("/account/users", world.names["mia"])
    assert denied.status_code == 403 and refusal["request_id"] == denied.headers["X-Request-Id"]
    for secret in (PASSWORD, "my secret guess", "seven lanterns", world.cookies[ADA], "private", MIA.email, "\x1b"):
        assert secret not in "\n".join(lines), secret
    assert all("\n" not in line for line in lines)


def test_line_40_an_edited_journal_is_found(site: Flask) -> None:
    """The other ways to spoil it are in tests/journal: test_recording.py and, for a cut one, test_heads.py."""
    assert site.test_cli_runner().invoke(args=["journal", "verify"]).exit_code == 0
    with site.app_context():
        with db.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("UPDATE events SET actor_id = 4711 WHERE id = 3")
        assert db.session.get_one(Event, 3).actor_id == 4711
    result = site.test_cli_runner().invoke(args=["journal", "verify"])
    assert result.exit_code == 1 and "3" in result.output


ERRORS: dict[int, dict[str, Any]] = {
    400: {"path": "/postmortems/?page=x"}, 404: {"path": "/nothing/here"}, 405: {"path": "/account/logout"},
    403: {"path": "/account/logout", "method": "POST", "headers": {"Sec-Fetch-Site": "cross-site"}},
    413: {"path": "/account/login", "method": "POST", "data": b"x" * (1024 * 1024 + 1)},
    414: {"path": "/?q=" + "a" * 5_000},
    415: {"path": "/csp-report", "method": "POST", "headers": {"Content-Encoding": "br"}},
    429: {"path": "/test/many"}, 431: {"path": "/", "headers": {"X-A": "a" * 20_000}}, 500: {"path": "/test/broken"},
    503: {"path": "/test/locked"},
}  # fmt: skip
DETAIL = "the secret is 4711"


@pytest.fixture
def failing(app: Flask) -> Flask:
    def broken() -> str:
        raise RuntimeError(DETAIL)

    def locked() -> str:
        raise OperationalError(f"SELECT {DETAIL}", {}, Exception(DETAIL))

    app.add_url_rule("/test/broken", view_func=broken)
    app.add_url_rule("/test/locked", view_func=locked)
    app.add_url_rule("/test/many", "many", view_func=lambda: abort(429))
    return app


@pytest.mark.parametrize("status", ERRORS)
def test_line_41_an_error_page_tells_its_request_and_nothing_else(failing: Flask, status: int) -> None:
    """And lesson 11: it has every header of the other pages."""
    how = dict(ERRORS[status])
    answer = failing.test_client().open(how.pop("path"), **how)
    assert answer.status_code == status
    assert answer.headers["X-Request-Id"] in answer.text
    for detail in (DETAIL, "Traceback", "RuntimeError", "sqlalchemy", "werkzeug", "SELECT", "/blog/", ".py"):
        assert detail not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in answer.headers and "X-Powered-By" not in answer.headers


def test_line_43_packages_are_pinned_with_hashes_and_audited() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pins = re.split(r"\n(?=[a-z0-9])", text)
        for pin in pins:
            if not pin.startswith("#"):
                assert re.match(r"[a-z0-9._-]+(?:\[[a-z,]+\])?==\S+", pin), pin[:60]
                assert "--hash=sha256:" in pin, pin[:60]
    assert "--require-hashes" in (ROOT / "Makefile").read_text(encoding="utf-8")
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert "seven days" in operations and all(name in operations for name in ("bleach", "html5lib", "Whoosh"))
