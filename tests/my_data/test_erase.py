"""Erasing a person leaves nothing that names them: not in a row, the index, the shelf or on a page."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import brotli
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from blog.accounts.models import ApiToken, ProgramLabel, Session, User
from blog.accounts.proof_models import Mailbox, Proof
from blog.articles.models import Article, Revision
from blog.comments.edit_models import CommentEdit
from blog.comments.mark_changes import mark_useful
from blog.comments.models import Comment, CommentState
from blog.comments.rule_models import CommentRule
from blog.editor.working_copy_models import WorkingCopy
from blog.errors import Conflict, NotAllowed
from blog.extensions import db
from blog.journal.models import Event
from blog.journal.queries import broken_links, queue_counts
from blog.lib import clock
from blog.lib.database import writing
from blog.moderation.models import Act, Appeal, Flag
from blog.my_data import changes
from blog.my_data.changes import byline_without
from blog.my_data.holdings import ERASED_NAME
from blog.notifications.models import Follow, Message, Notice
from tests.factories.articles import make_draft, make_published
from tests.factories.comments import count_of, make_comment, row_of
from tests.people import ADA, ARUN, MIA, MOSS, NOOR, PASSWORD, RAVI, ROSA, Person, join
from tests.visitor import Visitor, signed_in
from tests.world import World

ZOLTANA = Person("Zoltana Quibble", ARUN.role)  # a name that stands nowhere by chance
YES = {"password": PASSWORD, "word": "erase"}


@pytest.fixture
def site(world: World, tmp_path: Path) -> Iterator[Flask]:
    """A copy of the world with one of everything."""
    app = world.app(tmp_path)
    yield app
    app.extensions["hindsight_search"].close()
    with app.app_context():
        db.engine.dispose()


def erased(app: Flask, person: Person, *, by: Person | None = None) -> int:
    """The number of the person, who is erased, with the jobs that follow."""
    number = join(app, person).id
    actor = join(app, by).id if by else None
    with app.app_context(), writing(db.session):
        changes.erase(person=db.session.get_one(User, number), actor=db.session.get(User, actor or 0))
    app.extensions["hindsight_worker"].drain()
    return number


def rows_of(path: Path) -> Iterator[tuple[str, str]]:
    """(table, row as text) of every row of a database file."""
    with closing(sqlite3.connect(path)) as file:
        for (table,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            yield from ((table, repr(row)) for row in file.execute(f'SELECT * FROM "{table}"'))


def pages_on_shelf(folder: Path) -> Iterator[str]:
    with closing(sqlite3.connect(folder / "pages.sqlite3")) as file:
        for facts, packed in file.execute("SELECT page, br FROM pages"):
            yield facts + brotli.decompress(packed).decode()


def test_line_42_after_an_erasure_nothing_names_the_person(make_app) -> None:  # type: ignore[no-untyped-def]
    app = make_app()
    folder = Path(app.extensions["hindsight_settings"].data_dir)
    about = make_published(app, slug="about", author=ZOLTANA, reviewer=ROSA)
    make_draft(app, author=ZOLTANA, title="Quibble and what she keeps to herself", slug="kept")
    first = make_comment(app, about, user=ZOLTANA, text="Written by zoltana.quibble@people.example herself.")
    make_comment(app, about, user=NOOR, text="An answer.", parent_id=first.id)
    client, reader = app.test_client(), app.test_client()
    signed_in(client, ZOLTANA)
    client.post("/account/settings", data={"name": ZOLTANA.name, "about": "Quibble, of the queues."})
    token = client.post(
        "/account/tokens", data={"name": "Quibble's bot", "scopes": "comment", "days": "7", "password": PASSWORD}
    )
    secret = token.text.partition('id="secret" value="')[2].partition('"')[0]
    asked = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "one-and-only"}
    assert client.post("/api/v1/articles/about/comments", json={"text": "By a bot."}, headers=asked).status_code == 201
    client.post("/editor/working-copies/0", data={"title": "Quibble's thoughts", "window": "w"})
    app.extensions["hindsight_worker"].drain()
    addresses = (
        "/", "/postmortems/", "/postmortems/about", "/feed.atom", "/feed.json", "/search?q=author:zoltana",
        "/search?q=written", "/postmortems/about/revisions", "/postmortems/about/revisions/1/cite",
    )  # fmt: skip
    site = app.extensions["hindsight_settings"].site_url
    for address in addresses:
        assert reader.get(address, base_url=site).status_code == 200, address
    assert any("Zoltana" in page for page in pages_on_shelf(folder)), "the test looks where there is something"
    assert any("Zoltana" in row for _, row in rows_of(folder / "hindsight.sqlite3"))
    assert client.post("/account/data/erase", data=YES).location == "/"
    app.extensions["hindsight_worker"].drain()

    naming = ("Zoltana", "zoltana", "Quibble", "quibble")
    held = [(table, row) for table, row in rows_of(folder / "hindsight.sqlite3") if any(one in row for one in naming)]
    assert held == []
    files = [*(folder / "index").rglob("*"), *folder.glob("hindsight.sqlite3*"), *folder.glob("pages.sqlite3*")]
    for path in files:  # byte by byte: also where SQLite keeps what is gone until it needs the room
        raw = path.read_bytes() if path.is_file() else b""
        assert not any(one.encode() in raw for one in naming), path
    assert not any(one in page for page in pages_on_shelf(folder) for one in naming)
    for address in (*addresses, "/search?q=zoltana"):
        page = reader.get(address, base_url=site).text.replace("q=zoltana", "").replace("author:zoltana", "")
        assert "Quibble" not in page and "zoltana.quibble" not in page, address
    assert client.get("/account/data").status_code == 303


def test_places_and_the_journal_stay(app: Flask) -> None:
    article = make_published(app)
    first = make_comment(app, article, user=MIA, text="Said by Mia.")
    answer = make_comment(app, article, user=NOOR, text="Said to Mia.", parent_id=first.id)
    number = erased(app, MIA)
    gone, stays = row_of(app, first.id), row_of(app, answer.id)
    assert (gone.state, gone.text, gone.html, gone.user_id) == (CommentState.WITHDRAWN, "", "", number)
    assert (stays.text, stays.parent_id) == ("Said to Mia.", first.id)
    assert count_of(app, article) == 1
    page = app.test_client().get(f"/postmortems/{article.slug}")
    assert "Said to Mia." in page.text and "Said by Mia." not in page.text
    with app.app_context():
        assert list(broken_links()) == []
        posted = db.session.scalar(select(Event).where(Event.kind == "comment.posted", Event.subject_id == first.id))
        assert posted is not None and posted.actor_id == number


def test_the_number_leads_to_nobody(app: Flask, client: Visitor) -> None:
    number = erased(app, MIA)
    answer = client.get(f"/people/{number}")
    assert answer.status_code == 410
    assert "Mia" not in answer.text
    with app.app_context():
        row = db.session.get_one(User, number)
        assert (row.name, row.email, row.about, row.password_hash) == (ERASED_NAME, "", "", None)
        assert not row.is_active


def test_somebody_else_may_have_the_name_and_the_address_afterwards(app: Flask, client: Visitor) -> None:
    erased(app, MIA)
    data = {"name": "Mia", "email": MIA.email, "password": "another lamp beside ten rivers"}
    assert client.post("/account/register", data=data).status_code == 303


def test_nobody_can_call_themselves_erased(client: Visitor) -> None:
    data = {"name": "Erased  mernber", "email": "e@people.example", "password": "another lamp beside ten rivers"}
    assert client.post("/account/register", data=data | {"name": "erased MEMBER"}).status_code == 400


def test_the_byline_of_a_write_up_names_nobody(app: Flask) -> None:
    article = make_published(app, author=ARUN, reviewer=ROSA)
    erased(app, ARUN)
    with app.app_context():
        assert db.session.get_one(Article, article.id).authors == [ERASED_NAME]
        assert "rotated" in db.session.scalars(select(Revision.document)).one()


@pytest.mark.parametrize(
    ("names", "others", "is_imported", "left"),
    [
        (["Ann", "Bo"], ["Bo"], False, [ERASED_NAME, "Bo"]),
        (["Anna", "Bo"], ["Bo"], False, ["Bo", ERASED_NAME]),  # Ann was Anna then
        (["Anna", "Bob"], ["Bo"], False, ["Bo", ERASED_NAME]),  # and Bo was Bob
        (["Bo"], ["Bo"], False, ["Bo"]),
        (["Ann", "Somebody"], [], True, [ERASED_NAME, "Somebody"]),
        (["Somebody"], [], True, ["Somebody"]),
    ],
)
def test_a_byline_loses_the_name_also_where_it_was_another(
    names: list[str], others: list[str], is_imported: bool, left: list[str]
) -> None:
    assert byline_without(names, "Ann", others, is_imported=is_imported) == left


def test_a_draft_of_theirs_alone_is_emptied_and_one_that_others_worked_on_is_not(app: Flask) -> None:
    alone = make_draft(app, author=ARUN, title="For me alone")
    published = make_published(app, author=ARUN, reviewer=ROSA, title="For everybody")
    erased(app, ARUN)
    with app.app_context():
        one = db.session.get_one(Revision, alone.id)
        assert (one.title, one.state) == ("Erased draft", "discarded")
        assert "For me alone" not in one.document
        assert db.session.get_one(Article, published.id).title == "For everybody"


def test_sessions_tokens_and_what_was_typed_are_gone(world: World, site: Flask) -> None:
    client = world.client(site, ARUN)
    assert client.get("/account/data").status_code == 200
    number = erased(site, ARUN)
    assert client.get("/account/data").status_code == 303
    with site.app_context():
        for model in (Session, WorkingCopy):
            assert db.session.scalars(select(model).where(model.user_id == number)).all() == []
        tokens = db.session.scalars(select(ApiToken).where(ApiToken.user_id == number)).all()
        assert tokens and all(token.revoked_at is not None and token.name == "Erased." for token in tokens)


def test_their_marks_count_no_longer(app: Flask) -> None:
    comment = make_comment(app, make_published(app), user=MIA)
    for person in (NOOR, MOSS):
        user = join(app, person)
        with app.app_context(), writing(db.session):
            mark_useful(
                actor=user, comment=db.session.get_one(Comment, comment.id, options=[joinedload(Comment.article)])
            )
    erased(app, NOOR)
    assert row_of(app, comment.id).useful_count == 1


def test_the_label_of_a_program_keeps_its_place_and_loses_the_name_it_was_given(world: World, site: Flask) -> None:
    headers = {"Authorization": f"Bearer {world.secrets[MIA, 'comment']}"}
    posted = site.test_client().post("/api/v1/articles/live/comments", json={"text": "By a bot."}, headers=headers)
    assert posted.status_code == 201
    erased(site, MIA)
    with site.app_context():
        [label] = db.session.scalars(select(ProgramLabel)).all()
        assert (label.program, label.subject_type) == ("a program", "comment")


def test_an_admin_erases_another_and_nobody_else_does(app: Flask) -> None:
    number = join(app, MIA).id
    for person in (NOOR, MOSS, RAVI):
        client = app.test_client()
        signed_in(client, person)
        assert client.get(f"/account/users/{number}/erase").status_code == 403
        assert client.post(f"/account/users/{number}/erase", data=YES).status_code == 403
    client = app.test_client()
    signed_in(client, ADA)
    page = client.get(f"/account/users/{number}/erase")
    assert page.status_code == 200 and "Erase Mia" in page.text
    assert client.post(f"/account/users/{number}/erase", data=YES).status_code == 303
    assert client.get(f"/account/users/{number}/erase").status_code == 404
    people = client.get("/account/users").text
    assert "Erased" in people and MIA.email not in people
    assert client.post(f"/account/users/{number}/enable", data={"reason": "x"}).status_code == 409


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"password": "wrong", "word": "erase"}, "not the password"),
        ({"password": PASSWORD, "word": "erase me"}, "Type the word"),
        ({"password": PASSWORD}, "Type the word"),
        ({"word": "erase"}, "Enter your password"),
    ],
)
def test_it_asks_for_the_password_and_the_word(app: Flask, client: Visitor, given: dict[str, str], said: str) -> None:
    user = signed_in(client, MIA)
    answer = client.post("/account/data/erase", data=given)
    assert answer.status_code == 400
    assert said in answer.text
    with app.app_context():
        assert db.session.get_one(User, user.id).erased_at is None


def test_the_last_admin_stays(app: Flask, client: Visitor) -> None:
    signed_in(client, ADA)
    assert "You are the last admin" in client.get("/account/data").text
    assert client.post("/account/data/erase", data=YES).status_code == 409
    with pytest.raises(Conflict):
        erased(app, ADA)


def test_nobody_is_erased_twice_or_by_a_stranger(app: Flask) -> None:
    erased(app, MIA)
    with pytest.raises(NotAllowed):
        erased(app, NOOR, by=RAVI)
    with app.app_context():
        [gone] = db.session.scalars(select(User).where(User.erased_at.is_not(None))).all()
        with pytest.raises(Conflict), writing(db.session):
            changes.erase(person=gone, actor=None)


def test_an_erasure_stands_in_the_journal_by_number(app: Flask) -> None:
    number = erased(app, MIA, by=ADA)
    with app.app_context():
        [event] = db.session.scalars(select(Event).where(Event.kind == "account.erased")).all()
        assert (event.subject_id, event.data, event.reason) == (number, {"own": False}, "")
        assert "Mia" not in json.dumps([one.data for one in db.session.scalars(select(Event))])
        assert db.session.scalars(select(Comment)).all() == []


def test_follows_notices_mails_flags_and_appeals_go_with_their_person(app: Flask) -> None:
    article, now = make_published(app), clock.now()
    comment = make_comment(app, article, user=NOOR)
    mia, moss = join(app, MIA).id, join(app, MOSS).id
    with app.app_context(), writing(db.session):
        mail = Message(user_id=mia, kind="at-once", state="waiting", event_id=1, created_at=now, due_at=now)
        act = Act(
            verb="hide", comment_id=comment.id, person_id=mia, actor_id=moss, code="other", words="Said why.", at=now,
            was="visible", was_hidden_reason="",
        )  # fmt: skip
        db.session.add_all([mail, act])
        db.session.flush()
        db.session.add_all(
            [
                Follow(user_id=mia, kind="article", subject_id=article.id, pace="daily", created_at=now),
                Notice(user_id=mia, event_id=1, kind="reply", comment_id=comment.id, pace="daily", at=now,
                       message_id=mail.id),
                Mailbox(user_id=mia, address=MIA.email),
                Proof(user_id=mia, purpose="verify", address=MIA.email, token_hash="x" * 64, made_at=now,
                      expires_at=now),
                Flag(comment_id=comment.id, user_id=mia, code="spam", words="By Mia.", weight=100, at=now),
                Appeal(act_id=act.id, user_id=mia, text="Mia says no.", at=now),
                CommentRule(kind="person", state="live", note="About Mia", words="", person_id=mia, created_at=now,
                            changed_at=now, trial={}),
            ]
        )  # fmt: skip
    erased(app, MIA)
    with app.app_context():
        for model in (Follow, Message, Notice, Mailbox, Proof):
            assert db.session.scalars(select(model)).all() == [], model
        assert [(flag.words, flag.code) for flag in db.session.scalars(select(Flag))] == [("", "spam")]
        assert [(one.text, one.state) for one in db.session.scalars(select(Appeal))] == [("Erased.", "moot")]
        [rule] = db.session.scalars(select(CommentRule)).all()
        assert (rule.person_id, rule.state, rule.note) == (None, "off", "Erased.")
    admin = app.test_client()
    signed_in(admin, ADA)
    for address in ("/moderation/", "/moderation/rules/", "/moderation/log", "/account/journal"):
        assert admin.get(address).status_code == 200, address


def test_what_a_comment_said_before_goes_with_it(app: Flask) -> None:
    comment, now = make_comment(app, make_published(app), user=MIA), clock.now()
    with app.app_context(), writing(db.session):
        for source in ("https://mia.example", None):
            db.session.add(
                CommentEdit(comment_id=comment.id, text="Mia said.", source=source, written_at=now, replaced_at=now,
                            answered=False)
            )  # fmt: skip
        db.session.get_one(Comment, comment.id).source = "https://mia.example"
    erased(app, MIA)
    with app.app_context():
        assert db.session.scalars(select(CommentEdit)).all() == []
    assert row_of(app, comment.id).source is None


def test_the_mail_of_somebody_erased_is_not_sent_and_harms_no_other(app: Flask) -> None:
    now = clock.now()
    mia = join(app, MIA).id
    with app.app_context(), writing(db.session):
        db.session.add(Message(user_id=mia, kind="at-once", state="waiting", event_id=1, created_at=now, due_at=now))
    erased(app, MIA)
    with app.app_context():
        assert queue_counts() == {"waiting": 0, "failed": 0}
