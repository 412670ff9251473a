"""The page of what the site knows of a person, and the archive to take along."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

from flask import Flask

from blog.lib import clock
from tests.factories.articles import make_published
from tests.factories.comments import make_comment
from tests.people import ARUN, MIA, NOOR, ROSA
from tests.visitor import Visitor, signed_in
from tests.world import World


def archive_of(client: Any) -> dict[str, bytes]:
    answer = client.post("/account/data/export", buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_readers_are_asked_to_sign_in(client: Visitor) -> None:
    assert client.get("/account/data").location == "/account/login?next=/account/data"
    assert client.post("/account/data/export").status_code == 403
    assert client.post("/account/data/erase").status_code == 403


def test_a_member_without_anything_sees_so(client: Visitor) -> None:
    signed_in(client, MIA)
    page = client.get("/account/data")
    assert page.status_code == 200
    assert "Download my data" in page.text and "Erase my account" in page.text
    assert 'href="/account/data"' in client.get("/account/settings").text


def test_line_42_the_archive_holds_what_one_did_and_nothing_of_others(app: Flask, client: Visitor) -> None:
    article = make_published(app, author=ARUN, reviewer=ROSA, title="The queue stopped")
    first = make_comment(app, article, user=MIA, text="Said by *Mia*.")
    make_comment(app, article, user=NOOR, text="Said by Noor.", parent_id=first.id)
    signed_in(client, MIA)
    files = archive_of(client)
    [account] = json.loads(files["data/account.json"])
    assert (account["name"], account["email"], account["role"]) == ("Mia", MIA.email, "member")
    [comment] = json.loads(files["data/comments.json"])
    assert (comment["text"], comment["id"], "html" in comment) == ("Said by *Mia*.", first.id, False)
    assert [one["kind"] for one in json.loads(files["data/journal.json"])] == ["comment.posted", "account.exported"]
    assert "On The queue stopped" in files["comments.md"].decode()
    assert "Said by *Mia*." in files["comments.md"].decode()
    whole = b"".join(files.values())
    assert b"Said by Noor" not in whole and NOOR.email.encode() not in whole
    assert b"password_hash" not in whole and b"token_hash" not in whole and b"argon2" not in whole


def test_the_archive_of_an_author_holds_their_revisions_as_markdown(app: Flask, client: Visitor) -> None:
    make_published(app, slug="queue", author=ARUN, reviewer=ROSA, title="The queue stopped")
    signed_in(client, ARUN)
    files = archive_of(client)
    text = files["write-ups/queue/1.md"].decode()
    assert text.startswith("---\n") and "title: The queue stopped" in text
    assert json.loads(files["data/revisions.json"])[0]["number"] == 1
    assert "- revisions: 1" in files["README.md"].decode()


def test_everybody_of_the_world_can_take_their_data(world: World, tmp_path: Any) -> None:
    app = world.app(tmp_path)
    for person in (MIA, ARUN, ROSA):
        files = archive_of(world.client(app, person))
        for name, raw in files.items():
            if name.endswith(".json"):
                assert isinstance(json.loads(raw), list), name
        assert json.loads(files["data/sessions.json"])[0]["address"] == "127.0.0.1"
        assert json.loads(files["data/tokens.json"])[0]["name"].startswith("bot for")


def test_an_archive_is_made_once_an_hour(limited_app: Flask, time_machine: Any) -> None:
    client = limited_app.test_client()
    signed_in(client, MIA)
    assert client.post("/account/data/export", buffered=True).status_code == 200
    again = client.post("/account/data/export", buffered=True)
    assert again.status_code == 429
    assert 3500 < int(again.headers["Retry-After"]) <= 3601
    assert "less than an hour ago" in again.text and "Download my data" in again.text
    time_machine.move_to(clock.now() + timedelta(minutes=61))
    assert client.post("/account/data/export", buffered=True).status_code == 200
