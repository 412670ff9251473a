"""Lines 22 to 33: who somebody is, and what they may do. The permission table itself is in tests/architecture."""

import importlib.util
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from app import create_app
from blog.accounts.models import Session, User
from blog.articles.models import Article, Revision
from blog.comments.models import Comment
from blog.extensions import db
from blog.lib import clock, passwords
from blog.lib.database import writing
from blog.settings import BadSettings
from tests.conftest import MakeApp
from tests.people import ADA, ARUN, MIA, MOSS, PASSWORD, ROSA, Person, join
from tests.safety.walk import readable
from tests.visitor import Visitor, signed_in
from tests.world import World, content_of

NEW_PASSWORD = "seven lanterns over the harbour"


def test_line_22_passwords_are_hashed_with_argon2id_as_strong_as_its_makers_say() -> None:
    spec = importlib.util.spec_from_file_location("fresh_passwords", passwords.__file__)
    assert spec is not None and spec.loader is not None
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)  # tests make cheaper hashes; this is what a site uses
    hasher = fresh.hasher
    assert hasher.type.name == "ID"
    assert (hasher.memory_cost, hasher.time_cost, hasher.parallelism) >= (19 * 1024, 2, 1)
    assert hasher.memory_cost >= 19 * 1024 and hasher.time_cost >= 2


def test_line_22_whoever_is_asked_for_one_hash_is_checked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Known or not, the same work: no answer is faster because there is nobody."""
    join(app, MIA)
    checked: list[str] = []
    hasher = passwords.hasher

    class Counting:
        def verify(self, stored: str, given: str) -> bool:
            checked.append(given)
            return bool(hasher.verify(stored, given))

        def __getattr__(self, name: str) -> Any:
            return getattr(hasher, name)

    monkeypatch.setattr(passwords, "hasher", Counting())
    answers = []
    for email in (MIA.email, "nobody@people.example", "no address"):
        answers.append(app.test_client().post("/account/login", data={"email": email, "password": "not the one"}))
    assert len(checked) == 3
    assert {one.status_code for one in answers} == {400}


@pytest.mark.parametrize(
    ("password", "is_taken"),
    [
        ("eleven char", False), ("twelve chars", True), ("ünïcödé wörds", True), ("x y" * 42 + "zz", True),
        ("correct horse battery staple " * 4, True), ("password1234", False), ("qwertyuiopas", False),
        ("aaaaaaaaaaaaaaa", False), ("Hindsight2026!", False), ("newcomer1234", False), ("123456789012", False),
    ],
)  # fmt: skip
def test_line_23_a_password_is_judged_by_length_and_lists_alone(app: Flask, password: str, is_taken: bool) -> None:
    fields = {"name": "Newcomer", "email": "newcomer@people.example", "password": password}
    assert app.test_client().post("/account/register", data=fields).status_code == (303 if is_taken else 400)
    if is_taken:
        again = {"email": fields["email"], "password": password}
        assert app.test_client().post("/account/login", data=again).status_code == 303
        cut = {"email": fields["email"], "password": password[:-1]}
        assert app.test_client().post("/account/login", data=cut).status_code == 400, "nothing is cut"


@pytest.mark.parametrize("person", [ARUN, ROSA, MOSS, ADA], ids=lambda one: str(one.role))
def test_line_23_who_has_a_role_needs_fifteen_characters(app: Flask, client: Visitor, person: Person) -> None:
    signed_in(client, person)
    for new, status in (("fourteen chars", 400), ("fifteen letters", 303)):
        data = {"current_password": PASSWORD, "password": new}
        assert client.post("/account/password", data=data).status_code == status


def test_line_24_answers_do_not_tell_whether_there_is_an_account(limited_app: Flask) -> None:
    join(limited_app, MIA)
    told = []
    for email in (MIA.email, "nobody@people.example"):
        client = limited_app.test_client()
        statuses, bodies = [], []
        for number in range(11):
            typed = {"email": email, "password": "not the one"}
            answer = client.post("/account/login", data=typed, environ_base={"REMOTE_ADDR": f"192.0.2.{number}"})
            statuses.append(answer.status_code)
            bodies.append(answer.text.replace(email, "").replace(answer.headers["X-Request-Id"], ""))
        told.append((statuses, [len(body) for body in bodies]))
    assert told[0] == told[1]
    assert told[0][0] == [400] * 10 + [429]


def test_line_24_processes_count_together(make_app: MakeApp) -> None:
    one, other = make_app(rate_limits=True), make_app(rate_limits=True)
    typed = {"email": MIA.email, "password": "not the one"}
    for number in range(10):
        assert (one if number % 2 else other).test_client().post("/account/login", data=typed).status_code == 400
    assert one.test_client().post("/account/login", data=typed).status_code == 429
    assert other.test_client().post("/account/login", data=typed).status_code == 429


def by_logout(world: World, site: Flask, client: Visitor) -> None:
    client.post("/account/logout")


def by_password(world: World, site: Flask, client: Visitor) -> None:
    other = site.test_client()
    other.post("/account/login", data={"email": MIA.email, "password": PASSWORD})
    data = {"current_password": PASSWORD, "password": NEW_PASSWORD}
    assert other.post("/account/password", data=data).status_code == 303


def by_role(world: World, site: Flask, client: Visitor) -> None:
    data = {"role": "author", "reason": "for a test"}
    assert world.client(site, ADA).post(f"/account/users/{world.names['mia']}/role", data=data).status_code == 303


def by_disabling(world: World, site: Flask, client: Visitor) -> None:
    data = {"reason": "for a test"}
    assert world.client(site, ADA).post(f"/account/users/{world.names['mia']}/disable", data=data).status_code == 303


def by_ending_it_elsewhere(world: World, site: Flask, client: Visitor) -> None:
    other = site.test_client()
    other.post("/account/login", data={"email": MIA.email, "password": PASSWORD})
    assert other.post("/account/sessions/end-others").status_code == 303


@pytest.mark.parametrize("end", [by_logout, by_password, by_role, by_disabling, by_ending_it_elsewhere])
def test_line_25_a_session_dies_at_once_and_its_cookie_with_it(
    world: World, site: Flask, end: Callable[[World, Flask, Visitor], None]
) -> None:
    client, stolen = world.client(site, MIA), world.client(site, MIA)
    assert client.get("/account/settings").status_code == stolen.get("/account/settings").status_code == 200
    assert "Mia" in stolen.get("/postmortems/live").text
    end(world, site, client)
    assert client.get("/account/settings").status_code == stolen.get("/account/settings").status_code == 303
    assert 'action="/account/logout"' not in stolen.get("/postmortems/live").text


@pytest.mark.parametrize(
    ("person", "idle", "is_open"),
    [
        (MIA, timedelta(days=13, hours=23), True), (MIA, timedelta(days=14, minutes=1), False),
        (ADA, timedelta(minutes=29), True), (ADA, timedelta(minutes=31), False),
        (ROSA, timedelta(minutes=31), True),
    ],
)  # fmt: skip
def test_line_25_a_session_nobody_uses_ends(
    world: World, site: Flask, person: Person, idle: timedelta, is_open: bool
) -> None:
    client, now = world.client(site, person), clock.now()
    with site.app_context(), writing(db.session):
        db.session.execute(update(Session).values(seen_at=now))  # the world may have been made minutes ago
    with time_machine.travel(now + idle, tick=False):
        assert client.get("/account/settings").status_code == (200 if is_open else 303)


def test_line_25_no_session_is_older_than_thirty_days(world: World, site: Flask) -> None:
    client = world.client(site, MIA)
    with site.app_context(), writing(db.session):
        began = clock.now() - timedelta(days=30, minutes=1)
        db.session.execute(update(Session).where(Session.id == 1).values(created_at=began))
    assert client.get("/account/settings").status_code == 303


def test_line_25_the_cookie_changes_at_sign_in_and_names_no_person(app: Flask, client: Visitor) -> None:
    mia = join(app, MIA)
    client.get("/account/login")
    with client.session_transaction() as cookie:
        before = dict(cookie)
    client.post("/account/login", data={"email": MIA.email, "password": PASSWORD})
    with client.session_transaction() as cookie:
        after = dict(cookie)
    assert after["_user_id"] not in (str(mia.id), MIA.email) and len(after["_user_id"]) >= 43
    assert before.get("csrf_token") != after.get("csrf_token")


def test_line_29_no_side_route_tells_of_what_its_page_keeps(world: World, site: Flask) -> None:
    """A draft and hidden words: in no list, count, facet, feed, map, search, profile or API answer to strangers. (Noor
    wrote the words, and sees them among her own comments.)
    """
    for person in (None, MIA, MOSS):
        client = world.client(site, person)
        more = [
            "/search?q=zebra",
            "/search?q=unfit",
            "/api/v1/search?q=zebra",
            "/api/v1/search?q=unfit",
            "/tags/unseen",
        ]
        for path in [*readable(world), *more]:
            text = client.get(path).data.decode("utf-8", "replace")  # some are pictures
            assert "Unseen zebra" not in text and '/postmortems/draft"' not in text, f"{path} tells of a draft"
            if person is not MOSS:
                assert "Unfit words" not in text, f"{path} shows hidden words"
        for word in ("zebra", "unfit"):
            found = client.get(f"/api/v1/search?q={word}").json
            assert (found["items"], found["total"]) == ([], 0), word
            assert not any(found["facets"].values())
        assert client.get("/tags/unseen").status_code == client.get("/tags/no-such-tag").status_code == 404


EXTRA = {
    "role": "admin", "author": "1", "user_id": "1", "state": "live", "id": "4711", "created_at": "1999-01-01T00:00:00Z",
    "is_admin": "1", "published_at": "1999-01-01T00:00:00Z", "html": "<script>x()</script>", "renderer_version": "x",
    "email": "mallory@people.example", "disabled_at": "", "imported_from": "x",
}  # fmt: skip


def test_line_30_fields_nobody_asked_for_are_ignored_or_refused(world: World, site: Flask) -> None:
    mia, arun = world.client(site, MIA), world.client(site, ARUN)
    assert mia.post("/postmortems/live/comments", data={"text": "Mine.", **EXTRA}).status_code == 303
    assert arun.post("/editor/articles", data={"title": "Mine", "body": "b", **EXTRA}).status_code == 303
    assert mia.post("/account/settings", data={"name": "Mia", "about": "me", **EXTRA}).status_code == 303
    fields = {"name": "Newcomer", "password": "seven lanterns over harbour", **EXTRA, "email": "new@people.example"}
    assert site.test_client().post("/account/register", data=fields).status_code == 303
    for path, person, scope, body in (
        ("articles", ARUN, "propose", {"title": "By a program", "body": "b"}),
        ("articles/live/comments", MIA, "comment", {"text": "By a program."}),
    ):
        headers = {"Authorization": f"Bearer {world.secrets[person, scope]}"}
        for name, value in EXTRA.items():
            answer = site.test_client().post(f"/api/v1/{path}", json={**body, name: value}, headers=headers)
            assert answer.status_code == 400, f"{path} takes {name}"
    with site.app_context():
        comment = db.session.scalars(select(Comment).where(Comment.text == "Mine.")).one()
        revision = db.session.scalars(select(Revision).where(Revision.title == "Mine")).one()
        article = db.session.get_one(Article, revision.article_id)
        people = {one.name: one for one in db.session.scalars(select(User))}
        mia_row = people["Mia"]
    assert (comment.user_id, comment.state, comment.html) == (mia_row.id, "visible", "<p>Mine.</p>")
    assert comment.id != 4711 and comment.created_at.year > 2000 and comment.imported_from is None
    assert (article.state, article.published_at, article.created_by_id) == ("draft", None, people["Arun"].id)
    assert (mia_row.role, mia_row.email) == (MIA.role, MIA.email)
    assert people["Newcomer"].role == MIA.role and people["Newcomer"].id != 4711


def test_line_31_a_token_is_kept_as_a_hash_and_ends_at_once(world: World, site: Flask, folder: Path) -> None:
    secret = world.secrets[ROSA, "read"]
    assert len(secret) - len("hs_") >= 43, "256 bits"
    stored = b"".join(one.read_bytes() for one in folder.glob("hindsight.sqlite3*"))
    assert secret.encode() not in stored and secret[:11].encode() in stored
    headers = {"Authorization": f"Bearer {secret}"}
    assert site.test_client().get("/api/v1/articles", headers=headers).status_code == 200
    assert site.test_cli_runner().invoke(args=["tokens", "revoke", secret[:11]]).exit_code == 0
    assert site.test_client().get("/api/v1/articles", headers=headers).status_code == 401


def test_line_32_nobody_approves_what_they_wrote(world: World, site: Flask, folder: Path) -> None:
    before = content_of(folder)
    path = f"/editor/revisions/{world.names['rosas_revision']}/approve"
    data = {"hash": world.names["rosas_hash"]}
    assert world.client(site, ROSA).post(path, data=data).status_code == 403
    assert content_of(folder) == before


def test_line_32_the_last_admin_cannot_go(world: World, site: Flask) -> None:
    admin = world.client(site, ADA)
    with site.app_context():
        number = db.session.scalars(select(User.id).where(User.email == ADA.email)).one()
    for verb, data in (("role", {"role": "member"}), ("disable", {})):
        path = f"/account/users/{number}/{verb}"
        assert admin.post(path, data={**data, "reason": "for a test"}).status_code == 409
    assert admin.get("/account/users").status_code == 200


def test_line_33_a_new_site_has_no_account_and_no_debugger(app: Flask) -> None:
    with app.app_context():
        assert db.session.scalars(select(User)).all() == []
    assert app.debug is False
    for path in ("/console", "/?__debugger__=yes&cmd=resource&f=style.css", "/_debug"):
        assert b"Werkzeug" not in app.test_client().get(path).data


@pytest.mark.parametrize(
    "key", ["short", "changeme", "x" * 40, "secret" * 5, "dev", "0123456789012345678901234567890"], ids=str
)
def test_line_33_a_short_or_sample_secret_stops_the_start(tmp_path: Path, key: str) -> None:
    with pytest.raises(BadSettings, match="SECRET_KEY"):
        create_app({"data_dir": tmp_path, "worker": "off", "secret_key": key})


def test_line_33_an_absent_secret_is_made_once_for_this_user_alone(tmp_path: Path) -> None:
    """The one exception, decided for this program: a site of one machine starts without being told a secret."""
    keys = {create_app({"data_dir": tmp_path, "worker": "off"}).secret_key for _ in range(2)}
    path = tmp_path / "secret_key"
    assert keys == {path.read_text().strip()} and len(path.read_text().strip()) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("short")
    with pytest.raises(BadSettings, match="no usable secret key"):
        create_app({"data_dir": tmp_path, "worker": "off"})


def test_line_33_an_older_secret_is_accepted_during_a_rotation(world: World, tmp_path: Path) -> None:
    old, new = world.app(tmp_path), "9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a3928"
    client = world.client(old, MIA)
    (cookie,) = [one for one in client._cookies.values() if one.key == "hindsight"]
    for fallbacks, status in ((str(old.secret_key), 200), ("", 303)):
        moved = create_app(
            {"data_dir": tmp_path, "worker": "off", "secret_key": new, "secret_key_fallbacks": fallbacks}
        )
        answer = moved.test_client(use_cookies=False).get(
            "/account/settings",
            headers={"Cookie": f"hindsight={cookie.value}", "User-Agent": client.environ_base["HTTP_USER_AGENT"]},
        )
        assert answer.status_code == status
