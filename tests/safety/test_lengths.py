"""Every length at its limit and one above, by every way in: stored whole, or refused with nothing stored. Never cut."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from blog.accounts import administering, names, token_changes
from blog.accounts import changes as account_changes
from blog.articles import document, writing
from blog.comments import text_checks
from blog.editor import remarking, reviewing
from blog.moderation import appeal_changes, reason_checks
from tests.people import ADA, ARUN, MIA, MOSS, NOOR, ROSA
from tests.safety.conftest import close
from tests.world import World, content_of

TABLES = ("users", "articles", "revisions", "comments", "api_tokens", "events")
_numbers = count(1)


@dataclass(frozen=True)
class Bench:
    """A site that all of these share; `folder` holds its data."""

    app: Flask
    world: World
    folder: Path

    def post(self, person: Any, path: str, /, **fields: str) -> int:
        path = path.format(**self.world.names)
        return int(self.world.client(self.app, person).post(path, data=fields).status_code)

    def api(self, person: Any, scope: str, path: str, body: Any) -> int:
        headers = {"Authorization": f"Bearer {self.world.secrets[person, scope]}"}
        return int(self.app.test_client().post(f"/api/v1{path}", json=body, headers=headers).status_code)

    def command(self, *arguments: str, given: str = "") -> int:
        """200 where a command did it all, 422 where it refused something and said so."""
        result = self.app.test_cli_runner().invoke(args=list(arguments), input=given)
        assert result.exit_code in (0, 1) and "Traceback" not in result.output
        return 422 if result.exit_code else 200

    def bring(self, *lines: dict[str, Any]) -> int:
        path = self.folder / f"bundle-{next(_numbers)}.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return self.command("import", str(path))

    def bring_file(self, text: str) -> int:
        path = self.folder / f"file-{next(_numbers)}.md"
        path.write_text(text)
        return self.command("import", str(path))


@pytest.fixture(scope="module")
def bench(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("lengths")
    app = world.app(folder)
    app.extensions["hindsight_worker"].handlers = {}  # an import would wait for the index
    yield Bench(app, world, folder)
    close(app)


def words(length: int) -> str:
    """So many characters, unlike any before, in lines that a renderer likes, with nothing at the ends to trim."""
    start = f"No. {next(_numbers)} "
    return (start + "of all the words in it\n" * (length // 23 + 1))[: length - 1] + "x"


def line(length: int) -> str:
    return f"{next(_numbers)}".rjust(length, "x")


def typed(**fields: Any) -> dict[str, Any]:
    return {"title": f"Title {next(_numbers)}", "summary": "", "body": "Text.", "tags": "", **fields}


def sent(**fields: Any) -> dict[str, Any]:
    return {"title": f"Title {next(_numbers)}", "body": "Text.", **fields}


def article_line(**fields: Any) -> dict[str, Any]:
    return {"type": "article", "slug": f"brought-{next(_numbers)}", "document": sent(**fields)}


def comment_line(text: str) -> dict[str, Any]:
    at = "2024-01-02T00:00:00Z"
    said = {"type": "comment", "article": "live", "id": f"c{next(_numbers)}", "user": MIA.email}
    return {**said, "created_at": at, "text": text}


def user_line(name: str) -> dict[str, Any]:
    return {"type": "user", "name": name, "email": f"u{next(_numbers)}@people.example", "role": "member"}


def registered(bench: Bench, name: str) -> int:
    fields = {"name": name, "email": f"r{next(_numbers)}@people.example", "password": "seven lanterns over harbour"}
    return bench.post(None, "/account/register", **fields)


def many(number: int, length: int = 8) -> list[str]:
    return [line(length) for _ in range(number)]


Way = Callable[[Bench, int], int]
MOST: dict[str, int] = {
    "comment": text_checks.MAX_TEXT,
    "article": document.MAX_BODY,
    "title": document.MAX_TITLE,
    "summary": document.MAX_SUMMARY,
    "tag": document.MAX_TAG,
    "tags": document.MAX_TAGS,
    "name": names.MAX_NAME,
    "about oneself": account_changes.MAX_ABOUT,
    "note of a revision": writing.MAX_REVISION_NOTE,
    "remark on a line": remarking.MAX_TEXT,
    "note to reviewers": reviewing.MAX_REASON,
    "reason of a review": reviewing.MAX_REASON,
    "words of a flag": reason_checks.MAX_REASON,
    "appeal": appeal_changes.MAX_APPEAL,
    "reason of a moderator": reason_checks.MAX_REASON,
    "reason of an admin": administering.MAX_REASON,
    "name of a token": token_changes.MAX_NAME,
}
EDITOR, PLAIN, API = "/editor/articles", "/editor/articles/text", "/articles"
WAYS: dict[tuple[str, str], Way] = {
    ("comment", "form"): lambda b, n: b.post(MIA, "/postmortems/live/comments", text=words(n)),
    ("comment", "api"): lambda b, n: b.api(MIA, "comment", "/articles/live/comments", {"text": words(n)}),
    ("comment", "bundle"): lambda b, n: b.bring(comment_line(words(n))),
    ("article", "form"): lambda b, n: b.post(ARUN, EDITOR, **typed(body=words(n))),
    ("article", "text"): lambda b, n: b.post(ARUN, PLAIN, text=f"---\ntitle: A\n---\n\n{words(n)}"),
    ("article", "api"): lambda b, n: b.api(ARUN, "propose", API, sent(body=words(n))),
    ("article", "bundle"): lambda b, n: b.bring(article_line(body=words(n))),
    ("article", "file"): lambda b, n: b.bring_file(f"---\ntitle: File {next(_numbers)}\n---\n\n{words(n)}"),
    ("title", "form"): lambda b, n: b.post(ARUN, EDITOR, **typed(title=line(n))),
    ("title", "text"): lambda b, n: b.post(ARUN, PLAIN, text=f"---\ntitle: {line(n)}\n---\n\nText."),
    ("title", "api"): lambda b, n: b.api(ARUN, "propose", API, sent(title=line(n))),
    ("title", "bundle"): lambda b, n: b.bring(article_line(title=line(n))),
    ("title", "file"): lambda b, n: b.bring_file(f"---\ntitle: {line(n)}\n---\n\nText."),
    ("summary", "form"): lambda b, n: b.post(ARUN, EDITOR, **typed(summary=words(n))),
    ("summary", "api"): lambda b, n: b.api(ARUN, "propose", API, sent(summary=words(n))),
    ("summary", "bundle"): lambda b, n: b.bring(article_line(summary=words(n))),
    ("tag", "form"): lambda b, n: b.post(ARUN, EDITOR, **typed(tags=line(n))),
    ("tag", "api"): lambda b, n: b.api(ARUN, "propose", API, sent(tags=[line(n)])),
    ("tag", "bundle"): lambda b, n: b.bring(article_line(tags=[line(n)])),
    ("tags", "form"): lambda b, n: b.post(ARUN, EDITOR, **typed(tags=", ".join(many(n)))),
    ("tags", "api"): lambda b, n: b.api(ARUN, "propose", API, sent(tags=many(n))),
    ("tags", "bundle"): lambda b, n: b.bring(article_line(tags=many(n))),
    ("name", "form"): lambda b, n: registered(b, line(n)),
    ("name", "settings"): lambda b, n: b.post(ROSA, "/account/settings", name=line(n), about=""),
    ("name", "command"): lambda b, n: b.command("users", "create", line(n), f"o{next(_numbers)}@people.example"),
    ("name", "bundle"): lambda b, n: b.bring(user_line(line(n))),
    ("about oneself", "form"): lambda b, n: b.post(MIA, "/account/settings", name="Mia", about=words(n)),
    ("note of a revision", "form"): lambda b, n: b.post(ARUN, EDITOR, **typed(note=line(n))),
    ("remark on a line", "form"): lambda b, n: b.post(
        ROSA, "/editor/revisions/{draft_revision}/remarks", path="title", line="1", text=words(n)
    ),
    ("note to reviewers", "form"): lambda b, n: b.post(
        ARUN, "/editor/revisions/{draft_revision}/submit", note=words(n)
    ),
    ("reason of a review", "form"): lambda b, n: b.post(
        ROSA, "/editor/revisions/{submitted_revision}/request-changes", reason=words(n)
    ),
    ("words of a flag", "form"): lambda b, n: b.post(NOOR, "/comments/{comment}/flag", code="other", reason=line(n)),
    ("appeal", "form"): lambda b, n: b.post(MIA, "/account/acts/{mias_hiding}/appeal", text=words(n)),
    ("reason of a moderator", "form"): lambda b, n: b.post(MOSS, "/moderation/comments/{comment}/hide", reason=line(n)),
    ("reason of an admin", "form"): lambda b, n: b.post(ADA, "/account/users/{gone}/enable", reason=words(n)),
    ("name of a token", "command"): lambda b, n: b.command(
        "tokens", "create", ADA.email, "--name", line(n), "--scopes", "read"
    ),
}


@pytest.mark.parametrize(("what", "way"), WAYS, ids=[f"{what} by {way}" for what, way in WAYS])
def test_line_14_a_length_is_taken_at_its_limit_and_refused_one_above(bench: Bench, what: str, way: str) -> None:
    before = content_of(bench.folder)
    refused = WAYS[what, way](bench, MOST[what] + 1)
    assert refused in (413, 422), refused
    after = content_of(bench.folder)
    assert [table for table in TABLES if before[table] != after[table]] == [], "something was stored, perhaps cut"
    accepted = WAYS[what, way](bench, MOST[what])
    assert accepted in (200, 201, 303), accepted
    stored = content_of(bench.folder)
    assert [table for table in TABLES if after[table] != stored[table]] != []


def test_line_14_every_length_has_a_way_in() -> None:
    assert {what for what, _ in WAYS} == set(MOST)
    for what in ("comment", "article", "title", "tag", "tags", "name"):
        assert len({way for other, way in WAYS if other == what}) >= 3, "a form, a program, an import"


def test_line_14_what_is_stored_at_the_limit_is_whole(bench: Bench) -> None:
    text = words(text_checks.MAX_TEXT)
    assert bench.post(MIA, "/postmortems/live/comments", text=text) == 303
    said = bench.app.test_client().get("/api/v1/articles/live/comments").json["items"]
    assert text in [one["text"] for one in said]
    body = words(document.MAX_BODY)
    assert bench.post(ARUN, EDITOR, **typed(body=body, slug="whole")) == 303
    headers = {"Authorization": f"Bearer {bench.world.secrets[ARUN, 'read']}"}
    assert bench.app.test_client().get("/api/v1/articles/whole", headers=headers).json["document"]["body"] == body
