"""`flask import` of a JSON Lines bundle: any order of lines, roles, threads; a bad line is refused by its number."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from blog.accounts.models import Role, User
from blog.comments.models import Comment
from blog.journal.models import Event
from blog.transfer import bundle
from tests.people import MIA, join
from tests.transfer.reading import FILES
from tests.transfer.site import articles_in, rows_in, rows_of, run_import

POTTERY = FILES / "bundles" / "pottery.jsonl"
USER = {"type": "user", "name": "Una", "email": "una@people.example", "role": "member"}
ARTICLE = {
    "type": "article", "slug": "kiln", "published_at": "2024-01-01T00:00:00Z", "authors": ["una@people.example"],
    "document": {"title": "Kiln", "body": "words"},
}  # fmt: skip
COMMENT = {
    "type": "comment", "article": "kiln", "id": "c1", "user": "una@people.example",
    "created_at": "2024-01-02T00:00:00Z", "text": "words",
}  # fmt: skip


@pytest.fixture
def bring(app: Flask, tmp_path: Path) -> Any:
    def bring(lines: Sequence[dict[str, Any] | str], *options: str) -> Any:
        path = tmp_path / "site.jsonl"
        path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in lines), "utf-8")
        return run_import(app, path, *options)

    return bring


def test_lines_in_any_order_make_the_same_thread(app: Flask) -> None:
    result = run_import(app, POTTERY)
    assert result.exit_code == 0, result.output
    first, second, third = rows_of(app, Comment)
    assert [row.text for row in (first, second, third)] == [
        "We saw it first at nine.", "Which shelf?", "It was the *east* shelf.",
    ]  # fmt: skip
    assert (second.parent_id, third.parent_id) == (first.id, second.id)
    assert {row.root_id for row in (first, second, third)} == {first.id}
    assert "<em>east</em>" in third.html
    assert articles_in(app)["glaze-cracked"].comment_count == 3


def test_the_imported_thread_shows_on_the_page(app: Flask) -> None:
    run_import(app, POTTERY)
    page = app.test_client().get("/postmortems/glaze-cracked").text
    assert "We saw it first at nine." in page and "<em>east</em>" in page


def test_people_come_without_a_password_and_with_their_role(app: Flask) -> None:
    run_import(app, POTTERY)
    people = {user.name: user for user in rows_of(app, User)}
    assert people["Una"].role == Role.AUTHOR and people["Otto"].role == Role.MEMBER
    assert {user.password_hash for user in people.values()} == {None}


def test_a_person_who_is_here_keeps_name_and_role(app: Flask, bring: Any) -> None:
    mia = join(app, MIA)
    bring([{**USER, "name": "Other", "email": mia.email.upper(), "role": "admin"}])
    (person,) = rows_of(app, User)
    assert (person.name, person.role) == ("Mia", Role.MEMBER)


def test_the_byline_holds_names_and_no_addresses(app: Flask) -> None:
    run_import(app, POTTERY)
    assert articles_in(app)["glaze-cracked"].authors == ["Una", "A Visitor"]


def test_an_author_nobody_tells_of_is_left_out_and_told(app: Flask, bring: Any) -> None:
    result = bring([{**ARTICLE, "authors": ["nobody@people.example"]}])
    assert result.exit_code == 0 and "line 1: left out 1 author(s)" in result.output
    assert articles_in(app)["kiln"].authors == []


def test_a_second_import_changes_nothing_not_even_after_a_comment_was_hidden(app: Flask) -> None:
    run_import(app, POTTERY)
    before = rows_in(app)
    assert "0 comments (3 here already)" in run_import(app, POTTERY).output
    assert rows_in(app) == before


def test_the_same_words_twice_are_two_comments_and_stay_two(app: Flask, bring: Any) -> None:
    lines = [USER, ARTICLE, COMMENT, {**COMMENT, "id": "c2"}]
    bring(lines)
    assert len(rows_of(app, Comment)) == 2
    bring(lines)
    assert len(rows_of(app, Comment)) == 2


def test_an_answer_that_is_older_than_what_it_answers_finds_its_place(app: Flask, bring: Any) -> None:
    answer = {**COMMENT, "id": "c0", "parent": "c1", "created_at": "2024-01-01T23:00:00Z", "text": "early"}
    assert bring([USER, ARTICLE, answer, COMMENT]).exit_code == 0
    first, second = rows_of(app, Comment)
    assert (first.text, second.text, second.parent_id) == ("words", "early", first.id)


def test_comments_can_be_added_to_a_write_up_that_is_here(app: Flask, bring: Any) -> None:
    bring([USER, ARTICLE])
    assert bring([USER, COMMENT]).exit_code == 0
    assert articles_in(app)["kiln"].comment_count == 1


def test_deep_threads_join_the_deepest_level(app: Flask, bring: Any) -> None:
    lines: list[dict[str, Any]] = [USER, ARTICLE]
    for number in range(10):
        parent = {"parent": f"c{number - 1}"} if number else {}
        lines.append({**COMMENT, "id": f"c{number}", "created_at": f"2024-01-02T00:00:{number:02d}Z", **parent})
    bring(lines)
    rows = rows_of(app, Comment)
    assert [row.parent_id and row.parent_id - rows[0].id for row in rows] == [None, 0, 1, 2, 3, 4, 4, 4, 4, 4]
    assert {row.root_id for row in rows} == {rows[0].id}


def test_the_same_slug_twice_gets_a_number_and_comments_belong_to_the_first(app: Flask, bring: Any) -> None:
    other = {**ARTICLE, "document": {"title": "Other", "body": "x"}}
    result = bring([USER, ARTICLE, other, COMMENT])
    assert result.exit_code == 0 and "stands 2 times" in result.output
    assert {slug: row.comment_count for slug, row in articles_in(app).items()} == {"kiln": 1, "kiln-2": 0}
    before = rows_in(app)
    bring([USER, ARTICLE, other, COMMENT])
    assert rows_in(app) == before


def test_a_slug_taken_by_another_write_up_is_refused(app: Flask, bring: Any, tmp_path: Path) -> None:
    (tmp_path / "kiln.md").write_text("# Kiln\n\nsomething else")
    run_import(app, tmp_path / "kiln.md")
    result = bring([USER, ARTICLE, COMMENT])
    assert result.exit_code == 1 and "line 2: slug: another write-up stands at /postmortems/kiln" in result.output
    assert "line 3: article: the write-up 'kiln' was refused" in result.output
    assert len(articles_in(app)) == 1


DEEP = '{"type":"article","slug":"x","document":' + '{"a":' * 40 + "1" + "}" * 41
DEEPER = '{"type":"user","name":' + "[" * 100_000 + "]" * 100_000 + "}"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{broken", "broken JSON"),
        ("[1]", "one JSON object"),
        ('{"type":"user","type":"user"}', "stands twice"),
        ('{"type":"user","name":NaN}', "no number"),
        (DEEP, "nested deeper than 32"),
        (DEEPER, "nested deeper than 32"),
        ('{"type":"vote"}', "user, article or comment"),
        ({**USER, "role": "owner"}, "role: this is one of"),
        ({**USER, "email": "una"}, "email: Enter an e-mail address"),
        ({**USER, "name": "a\u202eb"}, "name: "),
        ({**USER, "name": "Another Una"}, "stands twice, with different names"),
        ({**ARTICLE, "slug": "../etc"}, "slug: "),
        ({**ARTICLE, "slug": "b", "document": {"title": "T"}}, "body: this is required"),
        ({**ARTICLE, "slug": "b", "document": {"title": "T", "body": "x", "mood": 1}}, "mood: there is no field"),
        ({**ARTICLE, "slug": "b", "document": {"title": "T", "body": "a\0b"}}, "NUL"),
        ({**ARTICLE, "slug": "b", "document": {"title": "T", "body": "a\ud800b"}}, "not valid"),
        ({**COMMENT, "id": "c9", "article": "a\ud800"}, "not valid"),
        ({**ARTICLE, "slug": "b", "published_at": "soon"}, "published_at: a time such as"),
        ({**ARTICLE, "slug": "b", "published_at": "2999-01-01T00:00:00Z"}, "future"),
        ({**COMMENT, "id": "c9", "article": "nowhere"}, "there is no write-up 'nowhere'"),
        ({**COMMENT, "id": "c9", "user": "nobody@people.example"}, "no line and no account"),
        ({**COMMENT, "id": "c9", "parent": "c77"}, "there is no comment 'c77'"),
        ({**COMMENT, "id": "c9", "parent": "c9"}, "in a circle"),
        ({**COMMENT, "id": "c9", "text": "x" * 10_001}, "10,001 characters"),
        ({**COMMENT, "id": "c9", "text": "a\0b"}, "NUL"),
        ({**COMMENT, "id": 9}, "id: text of 1 to"),
        ({**COMMENT, "created_at": "2024-01-02"}, "created_at: a time such as"),
        ({**COMMENT, "created_at": "2024-02-02T00:00:00Z"}, "the comment id 'c1' stands twice"),
    ],
)
def test_a_bad_line_is_refused_by_its_number_and_the_others_come_in(
    app: Flask, bring: Any, line: dict[str, Any] | str, reason: str
) -> None:
    result = bring([USER, ARTICLE, COMMENT, line])
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    (refusal,) = (row for row in result.output.splitlines() if "site.jsonl line" in row)
    assert "site.jsonl line 4: " in refusal and reason in refusal
    assert len(articles_in(app)) == len(rows_of(app, Comment)) == 1
    dry = bring([USER, ARTICLE, COMMENT, line], "--dry-run")
    assert reason in dry.output and dry.exit_code == 1


def test_an_answer_to_a_comment_of_another_write_up_is_refused(app: Flask, bring: Any) -> None:
    other = {**ARTICLE, "slug": "other", "document": {"title": "Other", "body": "x"}}
    result = bring([USER, ARTICLE, other, COMMENT, {**COMMENT, "id": "c2", "article": "other", "parent": "c1"}])
    assert "line 5: parent: the comment it answers belongs to another write-up" in result.output
    assert len(rows_of(app, Comment)) == 1


def test_a_line_that_is_too_long_is_passed_without_holding_it(app: Flask, bring: Any) -> None:
    result = bring([USER, '{"type":"article","slug":"' + "x" * (bundle.MAX_LINE_BYTES + 5) + '"}', ARTICLE])
    assert "line 2: the line is longer than 2 MiB" in result.output
    assert list(articles_in(app)) == ["kiln"]


def test_invalid_utf8_in_a_line_is_refused_by_its_number(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "site.jsonl"
    path.write_bytes(json.dumps(ARTICLE).encode() + b'\n{"type":"user","name":"\xff"}\n')
    result = run_import(app, path)
    assert "line 2: the line is not UTF-8 (byte 23)" in result.output and list(articles_in(app)) == ["kiln"]


def test_state_and_numbers_in_a_line_are_ignored(app: Flask, bring: Any) -> None:
    bring([USER, {**ARTICLE, "id": 77, "state": "retired", "comment_count": 9}, {**COMMENT, "state": "hidden"}])
    (article,) = articles_in(app).values()
    assert (article.state, article.comment_count) == ("published", 1) and article.id != 77


def test_the_journal_tells_of_every_row_and_stays_whole(app: Flask) -> None:
    run_import(app, POTTERY)
    kinds = [event.kind for event in rows_of(app, Event)]
    assert kinds.count("article.imported") == 2 and kinds.count("comment.imported") == 3
    assert kinds.count("account.imported") == 2
    assert app.test_cli_runner().invoke(args=["journal", "verify"]).exit_code == 0


def test_a_dry_run_of_a_bundle_writes_nothing(app: Flask) -> None:
    before = rows_in(app)
    result = run_import(app, POTTERY, "--dry-run")
    assert "2 write-ups, 2 people, 3 comments" in result.output and result.exit_code == 0
    assert rows_in(app) == before


def test_a_dry_run_tells_what_is_here_already(app: Flask) -> None:
    run_import(app, POTTERY)
    told = run_import(app, POTTERY, "--dry-run").output
    assert "0 write-ups (2 here already), 0 people (2 here already), 0 comments (3 here already)" in told


def test_a_bundle_is_known_by_its_first_line_too(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.write_bytes(POTTERY.read_bytes())
    assert run_import(app, path).exit_code == 0
    assert len(articles_in(app)) == 2
