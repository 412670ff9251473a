"""The permission table: every route, tried as every role and as nobody. A route without an entry fails.

A world is built once (drafts, reviews, a published write-up, comments), and every try starts from a copy of it.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from blog.extensions import alembic, db
from blog.lib.database import writing
from tests.factories.articles import make_approved, make_draft, make_published, make_submitted
from tests.factories.comments import make_comment
from tests.people import ADA, ARUN, CAST, MIA, MOSS, NOOR, RAVI, ROSA, Person, join
from tests.visitor import Visitor, signed_in

NOBODY = None
Asker = Person | None
EVERYBODY: set[Asker] = {NOBODY, *CAST}
MEMBERS: set[Asker] = set(CAST)
WRITERS: set[Asker] = {ARUN, ROSA, RAVI, ADA}
REVIEWERS: set[Asker] = {ROSA, RAVI, ADA}
MODERATORS: set[Asker] = {MOSS, ADA}
ADMINS: set[Asker] = {ADA}


@dataclass(frozen=True)
class Try:
    """One route on one object: `may` is who gets through; everybody else is refused or sent to sign in."""

    endpoint: str
    path: str
    may: set[Asker] = field(default_factory=lambda: EVERYBODY)
    post: dict[str, str] | None = None

    def __str__(self) -> str:
        return f"{'POST' if self.post is not None else 'GET'} {self.path}"


def get(endpoint: str, path: str, may: set[Asker] = EVERYBODY) -> Try:
    return Try(endpoint, path, may)


def post(endpoint: str, path: str, may: set[Asker], **fields: str) -> Try:
    return Try(endpoint, path, may, fields)


WHY = {"reason": "for a test"}
DOCUMENT = {"title": "Another", "body": "Text.", "summary": "", "tags": ""}
TRIES = [
    get("pages.home", "/"),
    get("pages.about", "/about"),
    get("pages.health", "/healthz"),
    post("pages.csp_report", "/csp-report", EVERYBODY),
    get("pages.robots", "/robots.txt"),
    get("pages.favicon", "/favicon.ico"),
    get("pages.sitemap", "/sitemap.xml"),
    get("feeds.atom", "/feed.atom"),
    get("feeds.json_feed", "/feed.json"),
    get("feeds.tag_atom", "/tags/queues/feed.atom"),
    get("feeds.tag_json", "/tags/queues/feed.json"),
    get("search.results", "/search?q=queue"),
    get("articles.index", "/postmortems/"),
    get("articles.tags", "/tags/"),
    get("articles.services", "/services/"),
    get("articles.organisations", "/organisations/"),
    get("articles.tag", "/tags/queues"),
    get("articles.service", "/services/mailer"),
    get("articles.organisation", "/organisations/example"),
    get("articles.schema", "/schema/document.json"),
    get("articles.show", "/postmortems/live"),
    get("search.similar", "/postmortems/live/similar"),
    get("search.similar", "/postmortems/draft/similar", {ARUN, *REVIEWERS}),
    get("articles.revisions", "/postmortems/live/revisions"),
    get("articles.revision", "/postmortems/live/revisions/1"),
    get("articles.show", "/postmortems/draft", {ARUN, *REVIEWERS}),
    get("articles.revisions", "/postmortems/draft/revisions", {ARUN, *REVIEWERS}),
    get("articles.revision", "/postmortems/draft/revisions/1", {ARUN, *REVIEWERS}),
    get("editor.desk", "/editor/", WRITERS),
    get("editor.new", "/editor/new", WRITERS),
    get("editor.new_text", "/editor/new/text", WRITERS),
    post("editor.create", "/editor/articles", WRITERS, **DOCUMENT),
    post("editor.create_text", "/editor/articles/text", WRITERS, text="---\ntitle: A\n---\n\nB\n"),
    post("editor.preview", "/editor/preview", WRITERS, **DOCUMENT),
    get("editor.edit", "/editor/articles/{draft}", {ARUN, *REVIEWERS}),
    get("editor.edit", "/editor/articles/{live}", WRITERS),
    get("editor.edit_text", "/editor/articles/{draft}/text", {ARUN, *REVIEWERS}),
    post("editor.save", "/editor/articles/{draft}", {ARUN, *REVIEWERS}, based_on_id="{draft_revision}", **DOCUMENT),
    post(
        "editor.save_text",
        "/editor/articles/{draft}/text",
        {ARUN, *REVIEWERS},
        based_on_id="{draft_revision}",
        text="x",
    ),
    get("editor.review", "/editor/revisions/{draft_revision}", {ARUN, *REVIEWERS}),
    get("editor.review", "/editor/revisions/{submitted_revision}", {ARUN, *REVIEWERS}),
    post("editor.submit", "/editor/revisions/{draft_revision}/submit", {ARUN, *REVIEWERS}),
    post("editor.approve", "/editor/revisions/{submitted_revision}/approve", REVIEWERS, hash="{submitted_hash}"),
    post("editor.approve", "/editor/revisions/{rosas_revision}/approve", {RAVI, ADA}, hash="{rosas_hash}"),
    post("editor.request_changes", "/editor/revisions/{submitted_revision}/request-changes", REVIEWERS, **WHY),
    post("editor.publish", "/editor/revisions/{approved_revision}/publish", REVIEWERS),
    post("editor.publish", "/editor/revisions/{submitted_revision}/publish", set()),
    post("editor.retire", "/editor/articles/{live}/retire", REVIEWERS, **WHY),
    post("editor.restore", "/editor/articles/{live}/restore", set(), **WHY),
    get("comments.permalink", "/comments/{comment}"),
    get("comments.thread", "/comments/{comment}/thread"),
    get("comments.reply", "/comments/{comment}/reply", MEMBERS),
    post("comments.preview", "/comments/preview", MEMBERS, text="Hello"),
    post("comments.post_comment", "/postmortems/live/comments", MEMBERS, text="We saw it too."),
    post("comments.post_comment", "/postmortems/draft/comments", set(), text="Too early."),
    post("comments.withdraw", "/comments/{comment}/withdraw", {MIA}),
    get("moderation.log", "/moderation/log"),
    get("moderation.queue", "/moderation/", MODERATORS),
    get("moderation.comment", "/moderation/comments/{comment}", MODERATORS),
    post("moderation.hide", "/moderation/comments/{comment}/hide", MODERATORS, **WHY),
    post("moderation.restore", "/moderation/comments/{comment}/restore", MODERATORS, **WHY),
    get("accounts.profile", "/people/{mia}"),
    get("accounts.login", "/account/login"),
    get("accounts.register", "/account/register"),
    get("accounts.settings", "/account/settings", MEMBERS),
    post("accounts.settings", "/account/settings", MEMBERS, name="Somebody"),
    post("accounts.change_password", "/account/password", MEMBERS, current="x", password="y"),
    post("accounts.logout", "/account/logout", EVERYBODY),
    post("accounts.end_session", "/account/sessions/{mias_session}/end", {MIA}),
    post("accounts.end_other_sessions", "/account/sessions/end-others", MEMBERS),
    get("accounts.users", "/account/users", ADMINS),
    post("accounts.change_role", "/account/users/{mia}/role", ADMINS, role="author", **WHY),
    post("accounts.disable", "/account/users/{mia}/disable", ADMINS, **WHY),
    post("accounts.enable", "/account/users/{mia}/enable", ADMINS, **WHY),
]
# Routes that show nothing of a person or a write-up; each says where it is tried.
ELSEWHERE = {
    "static": "tests/web/test_static.py",
    "pages.ready": "tests/pages: its answer depends on the worker",
    "pages.sitemap_part": "tests/pages: exists only for very large sites",
}


@dataclass(frozen=True)
class World:
    database: Path
    names: dict[str, str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """One of everything: written by Arun, reviewed by Ravi, discussed by Mia."""
    folder = tmp_path_factory.mktemp("world")
    app = _app(folder)
    with app.app_context():
        alembic.upgrade()
    for person in CAST:
        join(app, person)
    incident = {"services": ["Mailer"], "organisations": ["Example"]}
    live = make_published(app, slug="live", author=ARUN, reviewer=RAVI, incidents=[incident])
    draft = make_draft(app, slug="draft", author=ARUN)
    submitted, rosas = make_submitted(app, author=ARUN), make_submitted(app, author=ROSA)
    approved = make_approved(app, author=ARUN, reviewer=RAVI)
    comment = make_comment(app, live, user=MIA)
    signed_in(app.test_client(), MIA)
    names = {
        "live": live.id, "draft": draft.article_id, "draft_revision": draft.id, "submitted_revision": submitted.id,
        "submitted_hash": submitted.document_hash, "rosas_revision": rosas.id, "rosas_hash": rosas.document_hash,
        "approved_revision": approved.id, "comment": comment.id, "mia": join(app, MIA).id, "mias_session": 1,
    }  # fmt: skip
    with app.app_context():
        db.session.connection().exec_driver_sql("COMMIT")
        with db.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        db.engine.dispose()
    return World(folder / "hindsight.sqlite3", {name: str(value) for name, value in names.items()})


def _app(folder: Path) -> Flask:
    app = create_app({"data_dir": folder, "worker": "off", "rate_limits": False})
    app.testing, app.test_client_class = True, Visitor
    return app


@pytest.fixture
def fresh(world: World, tmp_path: Path) -> Iterator[Flask]:
    shutil.copyfile(world.database, tmp_path / "hindsight.sqlite3")
    app = _app(tmp_path)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("tried", TRIES, ids=str)
def test_only_those_who_may_get_through(fresh: Flask, world: World, tried: Try, tmp_path: Path) -> None:
    path = tried.path.format(**world.names)
    fields = {name: value.format(**world.names) for name, value in (tried.post or {}).items()}
    for asker in sorted(EVERYBODY, key=str):
        if tried.post is not None:  # a change by one must not decide about the next
            with fresh.app_context():
                db.engine.dispose()
            for left in tmp_path.glob("hindsight.sqlite3-*"):
                left.unlink()
            shutil.copyfile(world.database, tmp_path / "hindsight.sqlite3")
        client = fresh.test_client()
        assert isinstance(client, Visitor)
        if asker is not NOBODY:
            signed_in(client, asker)
        answer = client.get(path) if tried.post is None else client.post(path, data=fields)
        refused = answer.status_code in (401, 403, 404) or "/account/login" in answer.headers.get("Location", "")
        who = asker.name if asker else "nobody"
        assert answer.status_code < 500, f"{who}: {answer.status_code}"
        assert refused == (asker not in tried.may), (
            f"{who} got {answer.status_code} {answer.headers.get('Location', '')}"
        )


def test_every_route_has_an_entry(app: Flask) -> None:
    tried = {one.endpoint for one in TRIES} | set(ELSEWHERE)
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if not rule.rule.startswith("/api/")}
    assert routes - tried == set(), "say in TRIES who may use these routes"
    assert tried - routes == set(), "these routes are gone"


def test_every_method_of_a_route_has_an_entry(app: Flask) -> None:
    tried = {(one.endpoint, "GET" if one.post is None else "POST") for one in TRIES}
    missing = [
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in ELSEWHERE and not rule.rule.startswith("/api/")
        for method in (rule.methods or set()) & {"GET", "POST"}
        if (rule.endpoint, method) not in tried and (rule.endpoint, method) not in SIGNED_OUT_FORMS
    ]
    assert missing == []


SIGNED_OUT_FORMS = {("accounts.login", "POST"), ("accounts.register", "POST")}  # anybody; tests/accounts tries them


def test_a_disabled_person_may_do_nothing(fresh: Flask, world: World) -> None:
    client = fresh.test_client()
    noor = signed_in(client, NOOR)
    assert client.get("/account/settings").status_code == 200
    with fresh.app_context(), writing(db.session):
        db.session.connection().exec_driver_sql(
            "UPDATE users SET disabled_at = '2026-01-01 00:00:00.000000' WHERE id = ?", (noor.id,)
        )
    assert client.get("/account/settings").status_code == 303
    assert client.post("/postmortems/live/comments", data={"text": "Still here?"}).status_code in (303, 403)
