"""Kept pages: answered before Flask, never stale, never somebody else's."""

import gzip
import re
import secrets
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import brotli
import pytest
import time_machine
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from blog.accounts import administering, changes, sessions
from blog.accounts.models import Session as SessionRow
from blog.accounts.models import User
from blog.articles import views
from blog.articles.models import Article
from blog.comments import changes as comment_changes
from blog.comments.models import Comment
from blog.editor import publishing
from blog.extensions import db
from blog.journal.changes import record
from blog.lib import clock
from blog.lib.database import writing
from blog.lib.kept_pages import IDLE_CONNECTIONS, KeptPage, PageMemory, PageShelf
from blog.lib.read_path import ReadPath, answer_once
from blog.moderation import changes as moderation
from tests.conftest import MakeApp
from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.people import ADA, ARUN, MIA, MOSS, NOOR, ROSA, join
from tests.visitor import Visitor, signed_in

PAGE = "/postmortems/live"
PAGES = ("/", "/postmortems/", "/tags/", "/services/", "/feed.atom", "/feed.json", PAGE)


@pytest.fixture
def make_app(make_app: MakeApp) -> MakeApp:
    """A site that is known by the name under which a test client asks for it."""
    return lambda **settings: make_app(site_url="http://localhost", **settings)


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="live", tags=["queues"])


@contextmanager
def asked(app: Flask) -> Iterator[list[str]]:
    """The addresses that reach Flask inside the block."""
    seen: list[str] = []
    inner = app.full_dispatch_request

    def counting() -> object:
        seen.append(request.path)
        return inner()

    app.full_dispatch_request = counting  # type: ignore[method-assign, assignment]
    try:
        yield seen
    finally:
        app.full_dispatch_request = inner  # type: ignore[method-assign]


@pytest.mark.parametrize("path", PAGES)
def test_the_second_reader_gets_the_same_page_without_flask(app: Flask, article: Article, path: str) -> None:
    first = app.test_client().get(path)
    with asked(app) as seen:
        second = app.test_client().get(path)
    assert (first.status_code, seen) == (200, [])
    assert second.data == first.data
    varying = {"X-Request-Id"}
    assert {pair for pair in second.headers if pair[0] not in varying} == {
        pair for pair in first.headers if pair[0] not in varying
    }
    assert second.headers["X-Request-Id"] != first.headers["X-Request-Id"]


@pytest.mark.parametrize("path", PAGES)
def test_a_reader_who_holds_the_page_gets_304_until_it_changes(app: Flask, article: Article, path: str) -> None:
    tag = app.test_client().get(path).headers["ETag"]
    with asked(app) as seen:
        again = app.test_client().get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"], seen) == (304, b"", tag, [])
    make_published(app, slug="another", tags=["more"])
    if path != PAGE:
        assert app.test_client().get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_is_only_asked_for_with_an_etag_is_kept_too(
    app: Flask, make_app: MakeApp, article: Article, path: str
) -> None:
    tag = app.test_client().get(path).headers["ETag"]
    (app.extensions["hindsight_settings"].data_dir / "pages.sqlite3").unlink()
    other = make_app()
    with asked(other) as seen:
        answers = [other.test_client().get(path, headers={"If-None-Match": tag}) for _ in range(3)]
    assert seen == [path]
    assert [(one.status_code, one.data) for one in answers] == [(304, b"")] * 3
    assert len({tuple(dict(one.headers)) for one in answers}) == 1


def test_every_encoding_holds_the_same_text(app: Flask, article: Article) -> None:
    plain = app.test_client().get(PAGE).data
    packed = {
        name: app.test_client().get(PAGE, headers={"Accept-Encoding": name}) for name in ("br", "gzip", "deflate")
    }
    assert brotli.decompress(packed["br"].data) == plain
    assert gzip.decompress(packed["gzip"].data) == plain
    assert packed["deflate"].data == plain
    assert [one.headers.get("Content-Encoding") for one in packed.values()] == ["br", "gzip", None]
    assert all("Accept-Encoding" in one.headers["Vary"] for one in packed.values())


def _hide(app: Flask, article: Article) -> None:
    moss = join(app, MOSS)
    with app.app_context(), writing(db.session):
        moderation.hide_comment(actor=moss, comment=db.session.get_one(Comment, 1), reason="for a test")


def _withdraw(app: Flask, article: Article) -> None:
    noor = join(app, NOOR)
    with app.app_context(), writing(db.session):
        comment_changes.withdraw(actor=noor, comment=db.session.get_one(Comment, 1))


def _rename(app: Flask) -> None:
    noor = join(app, NOOR)
    with app.app_context(), writing(db.session):
        row = db.session.get_one(User, noor.id)
        row.name = "Noora"
        record("account.profile_changed", subject=row, actor=row, data={"fields": ["name"]})


def _retire(app: Flask, article: Article) -> None:
    rosa = join(app, ROSA)
    with app.app_context(), writing(db.session):
        publishing.retire(actor=rosa, article=db.session.get_one(Article, article.id), reason="for a test")


CHANGES = {
    "a comment": lambda app, article: make_comment(app, article, text="Seen at the second site."),
    "a comment that is hidden": _hide,
    "a comment that is withdrawn": _withdraw,
    "a new name of its writer": lambda app, article: _rename(app),
    "its retiring": _retire,
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_in_one_process_shows_in_the_next_answer_of_another(
    app: Flask, make_app: MakeApp, article: Article, what: str
) -> None:
    make_comment(app, article, user=NOOR, text="We had this too.")
    other = make_app()
    before = {path: [one.test_client().get(path).data for one in (app, other)] for path in (PAGE, "/")}
    CHANGES[what](other, article)
    for path, pages in before.items():
        after = [one.test_client().get(path).data for one in (app, other)]
        assert after[0] == after[1]
        assert (after[0] != pages[0]) == (path == PAGE or what != "a new name of its writer"), path


def member(app: Flask, person: object) -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    signed_in(client, person)  # type: ignore[arg-type]
    client.get("/about")
    client.get(PAGE)  # the session now holds the secret of its forms
    return client


def test_two_members_share_what_is_kept_and_each_sees_their_own_name_and_token(app: Flask, article: Article) -> None:
    mia, noor = member(app, MIA), member(app, NOOR)
    for client in (mia, noor, mia, noor):
        client.get(PAGE)
    with asked(app) as seen:
        pages = {"Mia": mia.get(PAGE), "Noor": noor.get(PAGE)}
    assert seen == []
    for name, page in pages.items():
        assert re.findall(r'href="/account/settings">([^<]+)<', page.text) == [name]
        assert "no-store" in page.headers["Cache-Control"]
        assert "ETag" not in page.headers
    keys = [re.findall(r'name="once" value="([^"]+)"', page.text)[0] for page in pages.values()]
    assert len(set(keys)) == 2
    token = re.findall(r'name="csrf_token" value="([^"]+)"', pages["Mia"].text)[-1]
    sent = {"csrf_token": token, "text": "Posted from a kept page.", "once": keys[0]}
    assert mia.post(f"{PAGE}/comments", data=sent, with_token=False).status_code == 303
    assert "Posted from a kept page." in noor.get(PAGE).text


def test_the_form_of_a_kept_page_has_another_key_in_every_answer(app: Flask, article: Article) -> None:
    mia = member(app, MIA)
    pages = [mia.get(PAGE).text for _ in range(4)]
    keys = {re.findall(r'name="once" value="([^"]+)"', page)[0] for page in pages}
    assert len(keys) == 4


def test_a_kept_page_of_a_member_is_packed_as_gzip_that_any_reader_opens(app: Flask, article: Article) -> None:
    mia = member(app, MIA)
    mia.get(PAGE)
    with asked(app) as seen:
        packed = mia.get(PAGE, headers={"Accept-Encoding": "gzip, br"})
    assert (seen, packed.headers["Content-Encoding"]) == ([], "gzip")
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    text = gzip.decompress(packed.data).decode()
    without = re.compile(r'value="[^"]+"')
    assert without.sub("", text) == without.sub("", mia.get(PAGE).text)


def test_only_the_writer_of_a_comment_is_offered_to_withdraw_it(app: Flask, article: Article) -> None:
    mia, noor, arun = member(app, MIA), member(app, NOOR), member(app, ARUN)
    make_comment(app, article, user=MIA)
    for _ in range(2):
        offered = ["/withdraw" in client.get(PAGE).text for client in (noor, mia, arun)]
        assert offered == [False, True, False]


def test_roles_never_share_a_page(app: Flask, article: Article) -> None:
    make_comment(app, article, user=NOOR)
    people = {person.name: member(app, person) for person in (MIA, ARUN, ROSA, MOSS, ADA)}
    for _ in range(2):
        seen = {name: client.get(PAGE).text for name, client in people.items()}
        assert {name for name, page in seen.items() if "/moderation/comments/" in page} == {"Moss", "Ada"}
        assert {name for name, page in seen.items() if "/editor/articles/" in page} == {"Arun", "Rosa", "Ada"}


ENDINGS = {
    "signing out": lambda row, ada: sessions.end_session(actor=row, session_id=_session_of(row).id),
    "another password": lambda row, ada: changes.set_password(user=row, password_hash="x" * 40),
    "another role": lambda row, ada: administering.change_role(
        actor=ada, user_id=row.id, role="author", reason="for a test"
    ),
    "being disabled": lambda row, ada: administering.disable(actor=ada, user_id=row.id, reason="for a test"),
}


def _session_of(row: User) -> SessionRow:
    found = db.session.query(SessionRow).filter_by(user_id=row.id).one()
    assert isinstance(found, SessionRow)
    return found


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_ends_a_session_ends_it_for_kept_pages_at_once_in_every_process(
    app: Flask, make_app: MakeApp, article: Article, ending: str
) -> None:
    mia = member(app, MIA)
    assert ">Mia<" in mia.get(PAGE).text
    other = make_app()
    row, ada = join(other, MIA), join(other, ADA)
    with other.app_context(), writing(db.session):
        ENDINGS[ending](db.session.get_one(User, row.id), db.session.get_one(User, ada.id))
    assert ">Mia<" not in mia.get(PAGE).text


def test_a_session_is_looked_at_again_every_two_minutes(app: Flask, article: Article) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        mia = member(app, MIA)
        with asked(app) as seen:
            mia.get(PAGE)
            now.shift(timedelta(minutes=1, seconds=59))
            mia.get(PAGE)
            assert seen == []
            now.shift(timedelta(seconds=1))
            mia.get(PAGE)
        assert seen == [PAGE]


def test_the_same_cookie_in_another_browser_is_nobody(app: Flask, article: Article) -> None:
    mia = member(app, MIA)
    assert ">Mia<" in mia.get(PAGE).text
    assert ">Mia<" not in mia.get(PAGE, headers={"User-Agent": "another"}).text


def test_words_shown_once_are_not_kept(app: Flask, article: Article) -> None:
    mia = member(app, MIA)
    with mia.session_transaction() as cookie:
        cookie["_flashes"] = [("ok", "Only this once.")]
    assert "Only this once." in mia.get(PAGE).text
    assert "Only this once." not in mia.get(PAGE).text


def test_what_stands_in_for_a_while_is_not_kept(app: Flask, article: Article, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = views.thread_page

    def standing_in(*given: object) -> object:
        answer_once()
        return inner(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(views, "thread_page", standing_in)
    for client in (app.test_client(), member(app, MIA)):
        page = client.get(PAGE)
        assert "ETag" not in page.headers
        assert "\x02" not in page.text
        with asked(app) as seen:
            client.get(PAGE)
        assert seen == [PAGE]


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer x"},
        {"Content-Encoding": "gzip"},
        {"If-Modified-Since": "Sat, 01 Jan 2022 00:00:00 GMT"},
    ],
)
def test_what_the_short_way_cannot_weigh_goes_to_flask(app: Flask, article: Article, headers: dict[str, str]) -> None:
    app.test_client().get("/")
    with asked(app) as seen:
        app.test_client().get("/", headers=headers)
    assert seen == ["/"]


@pytest.mark.parametrize(
    "cookie", ["hindsight ={}", " hindsight\t={}", "a=b; hindsight ={}", "hindsight={}; hindsight=x"]
)
def test_a_session_is_seen_however_its_cookie_is_written(app: Flask, article: Article, cookie: str) -> None:
    """A page made for a session, even one of nobody, is not what readers without one get."""
    passing = app.test_client()
    passing.get("/account/login")
    held = next(one.value for one in passing._cookies.values() if one.key == "hindsight")
    app.test_client(use_cookies=False).get("/services/", headers={"Cookie": cookie.format(held)})
    clean = app.test_client().get("/services/")
    assert clean.headers["Cache-Control"] == "no-cache"


def test_what_is_known_of_readers_is_forgotten_when_it_is_over(app: Flask, article: Article) -> None:
    path = app.wsgi_app
    assert isinstance(path, ReadPath)
    with time_machine.travel(clock.now(), tick=False) as now:
        mia = member(app, MIA)
        for number in range(5):
            app.test_client(use_cookies=False).get(PAGE, headers={"Cookie": _cookie(mia, number)})
        assert len(path._readers) >= 5
        assert all(len(key) == 24 for key in path._readers)
        now.shift(timedelta(minutes=3))
        noor = member(app, NOOR)
        noor.get(PAGE)
    assert len(path._readers) == 1


def _cookie(client: Visitor, number: int) -> str:
    held = next(one.value for one in client._cookies.values() if one.key == "hindsight")
    return f"hindsight={held}; more={number}{'a' * 5_000}"


def test_another_host_name_is_another_page(app: Flask, article: Article) -> None:
    app.test_client().get("/")
    assert app.test_client().get("/", base_url="http://evil.example").status_code == 400


def test_more_slashes_before_an_address_are_no_other_page(app: Flask, article: Article) -> None:
    first = app.test_client().get(PAGE)
    with asked(app) as reached:
        again = app.test_client().get(PAGE, environ_overrides={"PATH_INFO": f"//{PAGE}"})
    assert (again.status_code, again.text, reached) == (200, first.text, [])


def test_words_such_as_yesterday_are_made_anew_each_day(app: Flask, article: Article) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        assert ">today<" in app.test_client().get("/").text
        now.shift(timedelta(days=1))
        assert ">yesterday<" in app.test_client().get("/").text


def test_a_kept_page_counts_against_the_limit_of_its_reader(make_app: MakeApp) -> None:
    app = make_app(rate_limits=True)
    make_published(app, slug="live")
    with time_machine.travel(clock.now(), tick=False):
        answers = [app.test_client().get(PAGE).status_code for _ in range(51)]
    assert answers == [200] * 50 + [429]


def test_a_new_process_takes_pages_from_the_shelf(app: Flask, make_app: MakeApp, article: Article) -> None:
    first = app.test_client().get(PAGE, headers={"Accept-Encoding": "br"})
    other = make_app()
    with asked(other) as seen:
        assert other.test_client().get(PAGE, headers={"Accept-Encoding": "br"}).data == first.data
        assert other.test_client().get(PAGE).data == brotli.decompress(first.data)
    assert seen == []
    make_comment(other, article)
    with asked(other) as seen:
        other.test_client().get(PAGE)
    assert seen == [PAGE]


def test_rows_changed_by_hand_show_after_a_refresh_and_projections_after_a_rebuild(
    app: Flask, article: Article
) -> None:
    def titles() -> list[str]:
        return re.findall(r'href="/postmortems/live">([^<]+)<', app.test_client().get("/").text)

    assert titles() == [article.title]
    with app.app_context(), writing(db.session):
        db.session.execute(update(Article).values(title="Written by hand"))
    seen = []
    for command in ("journal refresh", "articles rebuild"):
        seen.append(titles())
        assert app.test_cli_runner().invoke(args=command.split()).exit_code == 0
        seen.append(titles())
    by_hand, told = ["Written by hand"], [article.title]
    assert seen == [told, by_hand, by_hand, told]


@pytest.mark.parametrize("damage", [b"", b"not a database", None])
def test_a_damaged_shelf_is_only_an_empty_one(
    app: Flask, make_app: MakeApp, article: Article, damage: bytes | None
) -> None:
    first = app.test_client().get(PAGE).data
    shelf = app.extensions["hindsight_settings"].data_dir / "pages.sqlite3"
    content = shelf.read_bytes()
    shelf.with_name("pages.sqlite3-wal").unlink(missing_ok=True)
    shelf.write_bytes(damage if damage is not None else content[:50] + bytes(len(content) - 50))
    assert make_app().test_client().get(PAGE).data == first
    assert make_app().test_client().get(PAGE).data == first


def test_a_page_whose_bytes_changed_on_disk_is_not_sent(tmp_path: object, app: Flask) -> None:
    path = app.extensions["hindsight_settings"].data_dir / "shelf"
    shelf = PageShelf(path, edition="1")
    key = ("http", "a", "", "/", "", "")
    shelf.put(key, KeptPage([("A", "b")], (b"words " * 100,), (("a", 1),)))
    kept = shelf.get(key)
    assert kept is not None
    assert kept.body("", {}) == b"words " * 100
    with shelf._file() as file:
        file.execute("UPDATE pages SET br = ?", (b"\x00" * 30,))
    assert shelf.get(key) is None
    assert PageShelf(path, edition="2").get(key) is None


def test_memory_forgets_what_was_asked_for_longest_ago() -> None:
    memory = PageMemory(most=30_000)
    for number in range(5):
        memory.put((str(number),), KeptPage([], (bytes(6_000),), ()))  # 8,000 bytes each
        memory.get(("0",))
    assert [number for number in range(5) if memory.get((str(number),))] == [0, 3, 4]


def test_memory_counts_what_its_pages_are_packed_to() -> None:
    memory = PageMemory(most=20_000)
    text = secrets.token_bytes(6_000)
    packed, unpacked = KeptPage([], (text,), ()), KeptPage([], (text,), ())
    memory.put(("packed",), packed)
    memory.put(("unpacked",), unpacked)
    packed.body("br", {})
    assert memory.get(("packed",)) is packed  # the text it was made from is not held beside it
    assert packed.body("gzip", {}) and packed.body("", {}) == text
    assert memory.get(("packed",)) is packed
    assert memory.get(("unpacked",)) is None


def test_connections_to_the_shelf_that_are_not_kept_are_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect
    monkeypatch.setattr(
        "sqlite3.connect", lambda *given, **named: opened.append(connect(*given, **named)) or opened[-1]
    )
    shelf = PageShelf(tmp_path / "shelf", edition="1")
    with ExitStack() as stack:
        for _ in range(IDLE_CONNECTIONS + 3):
            stack.enter_context(shelf._file())
    assert len(opened) == IDLE_CONNECTIONS + 3
    assert sum(_is_open(one) for one in opened) == IDLE_CONNECTIONS


def _is_open(connection: sqlite3.Connection) -> bool:
    try:
        return bool(connection.execute("SELECT 1").fetchone())
    except sqlite3.ProgrammingError:
        return False


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=7).filter(lambda parts: len(parts) % 2 == 1))
def test_pieces_packed_one_by_one_make_one_stream(parts: list[bytes]) -> None:
    names = tuple(b"%d" % place for place in range(len(parts)))
    pieces = tuple(names[place] if place % 2 else part for place, part in enumerate(parts))
    values = {names[place]: part for place, part in enumerate(parts) if place % 2}
    page = KeptPage([], pieces, ())
    if len(parts) > 1:
        assert gzip.decompress(page.body("gzip", values)) == b"".join(parts)
        assert zlib.decompressobj(31).decompress(page.body("gzip", values)) == b"".join(parts)
    assert page.body("", values) == b"".join(parts)
