"""`flask import` of the comments of Disqus, WordPress and Isso: threads kept, twice is once, nothing is trusted."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from blog.accounts.models import Role, User
from blog.articles.models import Article
from blog.comments.models import Comment, CommentState
from blog.extensions import db
from blog.lib.database import writing
from blog.my_data import changes as my_data
from blog.transfer import xml_events
from tests.factories.articles import make_published
from tests.people import ADA, ARUN, MIA, ROSA, join
from tests.transfer.site import rows_in, rows_of, run_import

FOLDER = Path(__file__).parent / "comment_files"
DISQUS, WORDPRESS = FOLDER / "disqus.xml", FOLDER / "wordpress.xml"
ISSO = """
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL,
    modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR, author VARCHAR, email VARCHAR, website VARCHAR,
    likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL, notification INTEGER DEFAULT 0);
"""
NINE = datetime(2021, 3, 2, 9, tzinfo=UTC).timestamp()


@pytest.fixture
def kiln(app: Flask) -> Article:
    return make_published(app, slug="kiln", author=ARUN, reviewer=ROSA, title="The kiln stopped")


@pytest.fixture
def isso(tmp_path: Path) -> Callable[..., Path]:
    """An Isso database with these rows: (id, parent, mode, text) and what else is given by column."""

    def make(*rows: tuple[Any, ...], schema: str = ISSO, uri: str = "/blog/kiln/", **given: Any) -> Path:
        path = tmp_path / "comments.db"
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as file, file:
            file.executescript(schema)
            if schema == ISSO:
                file.execute("INSERT INTO threads VALUES (1, ?, 'Kiln')", (uri,))
            for place, (number, parent, mode, text) in enumerate(rows):
                row = {"tid": 1, "id": number, "parent": parent, "created": NINE + place, "mode": mode, "text": text,
                       "author": "Una", "email": "una@pottery.example", "voters": b"", **given}  # fmt: skip
                columns = ", ".join(row)
                file.execute(f"INSERT INTO comments ({columns}) VALUES ({', '.join('?' * len(row))})", [*row.values()])
        return path

    return make


def count_of(app: Flask, article: Article) -> int:
    with app.app_context():
        return db.session.get_one(Article, article.id).comment_count


def test_disqus_comes_with_its_threads_dates_people_and_places(app: Flask, kiln: Article) -> None:
    result = run_import(app, DISQUS)
    first, place, answer = rows_of(app, Comment)
    assert first.text == "We saw it **too**, at [nine](https://kiln.example/log_1).\n\nTwice."
    assert first.created_at == datetime(2021, 3, 2, 9, tzinfo=UTC)
    assert (place.state, place.text, place.html, place.parent_id) == (CommentState.WITHDRAWN, "", "", first.id)
    assert (answer.text, answer.parent_id, answer.root_id) == ("The east one.  \nAsk \\*Otto\\*.", place.id, first.id)
    assert "Ask *Otto*." in answer.html
    assert count_of(app, kiln) == 2
    names = {row.name: row for row in rows_of(app, User)}
    assert names["Una Wheel"].email == "una@pottery.example"
    assert names["Una Wheel"].password_hash is None
    assert names["Otto"].email.endswith("@disqus.invalid")
    assert "Clay" not in names and "Gone Again" not in names
    assert result.exit_code == 1  # one comment belongs to a page that is not here
    for told in ("a-page-of-its-own: no write-up here has this address; 1 comment(s) stay out", "1 comment(s): spam"):
        assert told in result.output


def test_wordpress_comes_with_its_lines_and_without_what_waits_there(app: Flask, kiln: Article) -> None:
    result = run_import(app, WORDPRESS)
    first, answer = rows_of(app, Comment)
    assert first.text == "We saw it **too**.  \nAt nine.\n\nTwice."
    assert (answer.text, answer.parent_id) == ("Which shelf?", first.id)
    for told in ("comment 23: it is a pingback", "comment 24: it says no time", "1 comment(s): waiting for approval"):
        assert told in result.output
    assert "2 comments" in result.output


def test_isso_comes_with_its_markdown_and_replies(app: Flask, kiln: Article, isso: Callable[..., Path]) -> None:
    path = isso(
        (1, None, 1, "*Hot* here."), (2, 1, 4, ""), (3, 2, 1, "Still."), (4, None, 2, "Waits."), (5, 9, 1, "Lone.")
    )
    result = run_import(app, path)
    assert result.exit_code == 0, result.output
    first, place, answer, lone = sorted(rows_of(app, Comment), key=lambda row: row.created_at)
    assert (first.text, "<em>Hot</em>" in first.html) == ("*Hot* here.", True)
    assert (place.state, answer.parent_id, lone.parent_id) == (CommentState.WITHDRAWN, place.id, None)
    assert "answers a comment that the file does not hold" in result.output
    assert len({row.user_id for row in (first, answer, lone)}) == 1


@pytest.mark.parametrize("kind", ["disqus", "wordpress", "isso"])
def test_a_second_import_changes_nothing_whatever_happened_since(
    app: Flask, kiln: Article, isso: Callable[..., Path], kind: str
) -> None:
    path = {"disqus": DISQUS, "wordpress": WORDPRESS}.get(kind) or isso((1, None, 1, "Hot."), (2, 1, 1, "Very."))
    run_import(app, path)
    with app.app_context(), writing(db.session):
        first = db.session.get_one(Comment, rows_of(app, Comment)[0].id)
        person = db.session.get_one(User, first.user_id)
        my_data.erase(person=person, actor=None)
    before = rows_in(app)
    result = run_import(app, path)
    assert rows_in(app) == before
    assert "0 comments (" in result.output and "here already)" in result.output


@pytest.mark.parametrize("path", [DISQUS, WORDPRESS], ids=["disqus", "wordpress"])
def test_a_dry_run_tells_the_same_and_writes_nothing(app: Flask, kiln: Article, path: Path) -> None:
    before = rows_in(app)
    dry = run_import(app, path, "--dry-run")
    assert rows_in(app) == before
    wet = run_import(app, path)
    told = dry.stdout.replace("This was a dry run: nothing was written.\n", "")
    assert told == wet.stdout and "Refused:" in told


@pytest.mark.parametrize("person", [MIA, ADA], ids=lambda person: person.name)
def test_an_address_that_anybody_could_type_gives_nobody_here_words(
    app: Flask, kiln: Article, isso: Callable[..., Path], person: Any
) -> None:
    here = join(app, person)
    result = run_import(app, isso((1, None, 1, "I give up my rights."), email=person.email))
    [comment] = rows_of(app, Comment)
    assert comment.user_id != here.id
    with app.app_context():
        writer = db.session.get_one(User, comment.user_id)
        assert (writer.role, writer.email.endswith("@isso.invalid")) == (Role.MEMBER, True)
    assert "nobody proved" in result.output


@pytest.mark.parametrize("name", ["Hindsight", "Admin", "rn0derator", "Erased member"])
def test_nobody_who_typed_a_name_of_the_site_speaks_for_it(
    app: Flask, kiln: Article, isso: Callable[..., Path], name: str
) -> None:
    result = run_import(app, isso((1, None, 1, "Send me your password."), author=name))
    with app.app_context():
        assert db.session.get_one(User, rows_of(app, Comment)[0].user_id).name == "Somebody"
    assert "kept for the site itself" in result.output


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_before_or_after_all_years_is_refused(app: Flask, kiln: Article, tmp_path: Path, at: str) -> None:
    text = DISQUS.read_text(encoding="utf-8").replace("2021-03-02T10:00:00Z", at)
    (tmp_path / "old.xml").write_text(text, encoding="utf-8")
    result = run_import(app, tmp_path / "old.xml")
    assert "post 2: it says no time" in result.output and len(rows_of(app, Comment)) == 2


def test_what_is_too_long_is_refused_and_its_replies_keep_their_place(
    app: Flask, kiln: Article, isso: Callable[..., Path]
) -> None:
    result = run_import(app, isso((1, None, 1, "long " * 2_001), (2, 1, 1, "Indeed.")))
    assert result.exit_code == 1 and "Shorten it" in result.output
    place, answer = rows_of(app, Comment)
    assert (place.state, answer.parent_id) == (CommentState.WITHDRAWN, place.id)


def test_what_runs_in_a_browser_does_not_come_along(app: Flask, kiln: Article, tmp_path: Path) -> None:
    text = DISQUS.read_text(encoding="utf-8").replace(
        "<p>Twice.</p>", '<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">go</a>'
    )
    (tmp_path / "hostile.xml").write_text(text, encoding="utf-8")
    run_import(app, tmp_path / "hostile.xml")
    page = app.test_client().get("/postmortems/kiln").text
    assert "We saw it" in page
    for hostile in ("alert(1)</script>", "onerror", "javascript:"):
        assert hostile not in page


ENTITY = (
    '<?xml version="1.0"?><!DOCTYPE disqus [<!ENTITY a "{}">]><disqus xmlns="http://disqus.com"><x>&a;</x></disqus>'
)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (ENTITY.format("a" * 100), "a DTD or entities"),
        (ENTITY.replace('"{}"', 'SYSTEM "file:///etc/passwd"'), "a DTD or entities"),
        ("<disqus><thread>", "broken XML"),
        ("<disqus>" + "<a>" * 50 + "</a>" * 50 + "</disqus>", "nest deeper"),
    ],
)
def test_line_35_xml_that_would_harm_is_refused(app: Flask, tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "comments.xml"
    path.write_text(content, encoding="utf-8")
    result = run_import(app, path)
    assert result.exit_code == 1
    assert told in result.output and "Traceback" not in result.output


def test_xml_without_an_end_is_given_up(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_events, "MAX_BYTES", 1_000)
    assert "larger than" in run_import(app, DISQUS).output


EVIL = "CREATE TABLE threads (id INTEGER PRIMARY KEY, uri, title);"


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE TABLE threads (id); CREATE VIEW comments AS SELECT 1 AS id;",
        "CREATE TABLE other (id);",
        "CREATE TABLE threads (id, uri AS (upper(id)) VIRTUAL); CREATE TABLE comments (id, tid, parent, created, mode,"
        " author, email, text AS (upper(id)) VIRTUAL); INSERT INTO threads (id) VALUES (1);"
        " INSERT INTO comments (id) VALUES (1);",
        EVIL + "CREATE TABLE comments (id);",
    ],
    ids=["view", "other tables", "code in a column", "other columns"],
)
def test_line_35_a_database_that_is_not_issos_is_refused(app: Flask, isso: Callable[..., Path], schema: str) -> None:
    result = run_import(app, isso(schema=schema))
    assert result.exit_code == 1
    assert "database of Isso" in result.output and "Traceback" not in result.output


@pytest.mark.parametrize(
    "given",
    [
        {"created": "now"},
        {"created": 9e99},
        {"created": b"x"},
        {"text": 5},
        {"mode": "1"},
        {"author": b"\x00", "email": 7},
    ],
    ids=str,
)
def test_values_of_other_types_harm_nothing(
    app: Flask, kiln: Article, isso: Callable[..., Path], given: dict[str, Any]
) -> None:
    result = run_import(app, isso((1, None, 1, "Hot."), **given))
    assert "Traceback" not in result.output and result.exit_code in (0, 1)
    assert app.test_client().get("/postmortems/kiln").status_code == 200


def test_a_damaged_database_is_refused(app: Flask, kiln: Article, isso: Callable[..., Path]) -> None:
    path = isso(*((number, None, 1, "words " * 100) for number in range(1, 200)))
    raw = bytearray(path.read_bytes())
    raw[4096:-4096] = b"\xff" * (len(raw) - 8192)
    path.write_bytes(raw)
    result = run_import(app, path)
    assert result.exit_code == 1 and "Traceback" not in result.output
