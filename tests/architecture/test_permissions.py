"""The permission table: every route and every method of the API, tried as every role and as nobody, by cookie and by
token. A route without an entry fails.

Whoever is refused must also leave the database as it was. Every try of a change starts from the same world.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from blog.api.views import OPERATIONS
from blog.extensions import db
from tests.people import ADA, ARUN, CAST, MIA, MOSS, NOOR, PASSWORD, RAVI, ROSA, Person, join
from tests.visitor import Visitor
from tests.world import GONE, SCOPES, World, content_of, end_token

NOBODY = None
Asker = Person | None
EVERYBODY: set[Asker] = {NOBODY, *CAST}
MEMBERS: set[Asker] = set(CAST)
WRITERS: set[Asker] = {ARUN, ROSA, RAVI, ADA}
REVIEWERS: set[Asker] = {ROSA, RAVI, ADA}
MODERATORS: set[Asker] = {MOSS, ADA}
ADMINS: set[Asker] = {ADA}
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")


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


def post(endpoint: str, path: str, may: set[Asker], /, **fields: str) -> Try:
    return Try(endpoint, path, may, fields)


@dataclass(frozen=True)
class ApiTry:
    """One operation of the JSON API on one object: `may` is who gets through, with a token of the operation's scope."""

    endpoint: str
    path: str
    may: set[Asker] = field(default_factory=lambda: EVERYBODY)
    json: Any = None

    @property
    def method(self) -> str:
        return "GET" if self.json is None else "POST"

    def __str__(self) -> str:
        return f"{self.method} /api/v1{self.path}"


WHY = {"reason": "for a test"}
REMARK = {"path": "title", "line": "1", "text": "Too long?"}
DOCUMENT = {"title": "Another", "body": "Text.", "summary": "", "tags": ""}
TRIES = [
    get("pages.home", "/"),
    get("pages.about", "/about"),
    get("pages.health", "/healthz"),
    get("pages.numbers", "/metrics", set()),  # only for a program with the token, where one is set
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
    get("articles.compare_revisions", "/postmortems/live/compare?from=1&to=1"),
    get("articles.compare_revisions", "/postmortems/draft/compare?from=1&to=1", {ARUN, *REVIEWERS}),
    get("articles.as_of", "/postmortems/live/as-of/2200-01-01", set()),
    get("articles.as_of", "/postmortems/retired/as-of/2026-01-01T00:00Z", set()),
    get("articles.find_as_of", "/postmortems/live/as-of/"),
    get("articles.cite", "/postmortems/live/revisions/1/cite"),
    get("articles.cite_bibtex", "/postmortems/live/revisions/1/cite.bib"),
    get("articles.cite_csl", "/postmortems/live/revisions/1/cite.json"),
    get("articles.cite", "/postmortems/draft/revisions/1/cite", set()),
    post("articles.note_visit", "/postmortems/live/visit", MEMBERS, revision="1"),
    post("articles.note_visit", "/postmortems/draft/visit", set(), revision="1"),
    get("editor.restore_revision", "/editor/articles/{draft}/restore/1", {ARUN, *REVIEWERS}),
    get("editor.restore_revision", "/editor/articles/{live}/restore/1", WRITERS),
    post(
        "editor.save_restored", "/editor/articles/{draft}/restore/1", {ARUN, *REVIEWERS}, based_on_id="{draft_revision}"
    ),
    get("articles.show", "/postmortems/draft", {ARUN, *REVIEWERS}),
    get("articles.revisions", "/postmortems/draft/revisions", {ARUN, *REVIEWERS}),
    get("articles.revision", "/postmortems/draft/revisions/1", {ARUN, *REVIEWERS}),
    get("editor.desk", "/editor/", WRITERS),
    get("editor.new", "/editor/new", WRITERS),
    get("editor.new_text", "/editor/new/text", WRITERS),
    post("editor.create", "/editor/articles", WRITERS, **DOCUMENT),
    post("editor.create_text", "/editor/articles/text", WRITERS, text="---\ntitle: A\n---\n\nB\n"),
    post("editor.preview", "/editor/preview", WRITERS, **DOCUMENT),
    post("editor.keep", "/editor/working-copies/0", WRITERS, window="w", **DOCUMENT),
    post("editor.keep", "/editor/working-copies/{draft}", {ARUN, *REVIEWERS}, window="w", **DOCUMENT),
    post("editor.keep", "/editor/working-copies/{live}", WRITERS, window="w", **DOCUMENT),
    post("editor.discard", "/editor/working-copies/{draft}/discard", {ARUN}),
    post("editor.bring_back", "/editor/working-copies/{draft}/restore", {ROSA}),
    post("editor.discard_draft", "/editor/revisions/{draft_revision}/discard", {ARUN, *REVIEWERS}),
    post("editor.discard_draft", "/editor/revisions/{submitted_revision}/discard", set()),
    post("editor.bring_back_draft", "/editor/revisions/{draft_revision}/bring-back", set()),
    post("editor.presence", "/editor/articles/{draft}/presence", {ARUN, *REVIEWERS}),
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
    get("editor.checks", "/editor/revisions/{draft_revision}/checks", {ARUN, *REVIEWERS}),
    post("editor.waive", "/editor/revisions/{draft_revision}/checks", {ARUN, *REVIEWERS}),
    post("editor.waive", "/editor/revisions/{submitted_revision}/checks", set()),
    post("editor.submit", "/editor/revisions/{draft_revision}/submit", {ARUN, *REVIEWERS}),
    post("editor.approve", "/editor/revisions/{submitted_revision}/approve", REVIEWERS, hash="{submitted_hash}"),
    post("editor.approve", "/editor/revisions/{rosas_revision}/approve", {RAVI, ADA}, hash="{rosas_hash}"),
    post("editor.request_changes", "/editor/revisions/{submitted_revision}/request-changes", REVIEWERS, **WHY),
    post("editor.publish", "/editor/revisions/{approved_revision}/publish", REVIEWERS),
    post("editor.publish", "/editor/revisions/{submitted_revision}/publish", set()),
    get(
        "editor.new_remark", "/editor/revisions/{submitted_revision}/remarks/new?line=1&path=title", {ARUN, *REVIEWERS}
    ),
    post("editor.make_remark", "/editor/revisions/{submitted_revision}/remarks", {ARUN, *REVIEWERS}, **REMARK),
    post("editor.answer_remark", "/editor/remarks/{remark}/answer", {ARUN, *REVIEWERS}, text="It is."),
    post("editor.resolve_remark", "/editor/remarks/{remark}/resolve", {ARUN, *REVIEWERS}),
    post("editor.reopen_remark", "/editor/remarks/{settled}/reopen", {ARUN, *REVIEWERS}),
    get("editor.queue", "/editor/queue", REVIEWERS),
    get("editor.queue", "/editor/queue?part=scheduled", REVIEWERS),
    post("editor.recall", "/editor/revisions/{submitted_revision}/recall", {ARUN}),
    post("editor.recall", "/editor/revisions/{rosas_revision}/recall", {ROSA}),
    post("editor.schedule", "/editor/revisions/{approved_revision}/schedule", REVIEWERS, publish_at="2999-01-01T00:00"),
    post("editor.schedule", "/editor/revisions/{submitted_revision}/schedule", set(), publish_at="2027-01-01T00:00"),
    post("editor.unschedule", "/editor/revisions/{approved_revision}/unschedule", set()),
    post("editor.retire", "/editor/articles/{live}/retire", REVIEWERS, **WHY),
    post("editor.restore", "/editor/articles/{live}/restore", set(), **WHY),
    get("articles.incident", "/incidents/1"),
    get("articles.show", "/postmortems/merged"),
    get("articles.revisions", "/postmortems/merged/revisions"),
    get("editor.address", "/editor/articles/{live}/address", REVIEWERS),
    get("editor.address", "/editor/articles/{draft}/address", {ARUN, *REVIEWERS}),
    get("editor.address", "/editor/articles/{merged}/address", REVIEWERS),
    post("editor.change_address", "/editor/articles/{live}/address", REVIEWERS, slug="elsewhere"),
    post("editor.change_address", "/editor/articles/{draft}/address", {ARUN, *REVIEWERS}, slug="elsewhere"),
    post("editor.merge", "/editor/articles/{retired}/merge", REVIEWERS, into="live", **WHY),
    post("editor.merge", "/editor/articles/{draft}/merge", set(), into="live", **WHY),
    post("editor.undo_merge", "/editor/articles/{merged}/unmerge", REVIEWERS, **WHY),
    post("editor.undo_merge", "/editor/articles/{live}/unmerge", set(), **WHY),
    get("media.show", "/media/{picture_name}"),
    get("media.index", "/editor/images", WRITERS),
    post("media.upload", "/editor/images", WRITERS, alt="A picture without its file"),
    post("media.withdraw", "/editor/images/{picture}/withdraw", {ARUN, ADA}, **WHY),
    post("media.restore", "/editor/images/{unshown}/restore", {ARUN, ADA}),
    get("comments.permalink", "/comments/{comment}"),
    get("comments.thread", "/comments/{comment}/thread"),
    get("comments.reply", "/comments/{comment}/reply", MEMBERS),
    get("comments.mine", "/postmortems/live/comments/mine", MEMBERS),
    get("comments.mine", "/postmortems/draft/comments/mine", {ARUN, *REVIEWERS}),
    get("comments.new", "/postmortems/live/comments/new", MEMBERS),
    get("comments.new", "/postmortems/draft/comments/new", {ARUN, *REVIEWERS}),
    post("comments.note_read", "/postmortems/live/comments/read", MEMBERS, comment="1"),
    post("comments.note_read", "/postmortems/draft/comments/read", {ARUN, *REVIEWERS}, comment="1"),
    get("comments.newest", "/postmortems/live/comments/newest"),
    get("comments.newest", "/postmortems/draft/comments/newest", set()),
    get("comments.useful", "/comments/{comment}/useful", MEMBERS - {MIA}),
    post("comments.mark", "/comments/useful", MEMBERS - {MIA}, comment="{comment}"),
    post("comments.unmark", "/comments/not-useful", MEMBERS - {MIA}, comment="{comment}"),
    post("comments.preview", "/comments/preview", MEMBERS, text="Hello"),
    post("comments.post_comment", "/postmortems/live/comments", MEMBERS, text="We saw it too."),
    post("comments.post_comment", "/postmortems/draft/comments", set(), text="Too early."),
    post("comments.withdraw", "/comments/{comment}/withdraw", {MIA}),
    get("comments.edit", "/comments/{comment}/edit", {MIA}),
    post("comments.save_edit", "/comments/{comment}/edit", {MIA}, text="Said better."),
    get("comments.history", "/comments/{comment}/history"),
    get("comments.on_place", "/postmortems/live/on/actions.a1"),
    get("comments.on_place", "/postmortems/draft/on/summary", set()),
    get("comments.standing", "/comments/{question}/standing", {MIA, ARUN}),
    get("comments.standing", "/comments/{correction}/standing", WRITERS),
    get("comments.standing", "/comments/{comment}/standing", set()),
    post("comments.mark_answer", "/comments/{question}/answered", {MIA, ARUN}, answer="{answer}"),
    post("comments.reopen", "/comments/{question}/reopened", {MIA, ARUN}),
    post("comments.decline", "/comments/{correction}/declined", WRITERS, **WHY),
    post(
        "comments.accept", "/comments/{correction}/accepted", WRITERS, based_on="{live_revision}", wording="Said anew."
    ),
    get("comment_holds.challenge", "/comments/challenge", set()),  # only where the site asks for work
    get("comment_rules.index", "/moderation/rules/", MODERATORS),
    get("comment_rules.new_rule", "/moderation/rules/new?kind=links", MODERATORS),
    get("comment_rules.rule", "/moderation/rules/{rule}", MODERATORS),
    get("comment_rules.edit_rule", "/moderation/rules/{rule}/edit", MODERATORS),
    post("comment_rules.make_rule", "/moderation/rules/", MODERATORS, kind="links", amount="3", note="for a test"),
    post("comment_rules.change_rule", "/moderation/rules/{rule}", MODERATORS, amount="3", note="for a test"),
    post("comment_rules.try_rule", "/moderation/rules/{rule}/try", MODERATORS),
    post("comment_rules.switch_on", "/moderation/rules/{rule}/on", MODERATORS),
    post("comment_rules.switch_off", "/moderation/rules/{live_rule}/off", MODERATORS),
    get("actions.board", "/actions/"),
    get("actions.board", "/actions/?state=all"),
    get("actions.table", "/actions.csv"),
    get("actions.show", "/actions/{action}"),
    get("actions.show", "/actions/{done}"),
    *(post("actions.step", f"/actions/{{action}}/{verb}", {MIA, *WRITERS}) for verb in ("take", "assign", "start")),
    post("actions.step", "/actions/{action}/done", {MIA, *WRITERS}, evidence="The drill passed."),
    post("actions.step", "/actions/{action}/drop", REVIEWERS, **WHY),
    post("actions.step", "/actions/{action}/confirm", set()),
    post("actions.step", "/actions/{done}/confirm", REVIEWERS),
    post("actions.step", "/actions/{done}/send-back", WRITERS, **WHY),
    post("actions.step", "/actions/{dropped}/reopen", REVIEWERS, **WHY),
    get("moderation.log", "/moderation/log"),
    get("moderation.queue", "/moderation/", MODERATORS),
    get("moderation.comment", "/moderation/comments/{comment}", MODERATORS),
    post("moderation.act", "/moderation/comments/{comment}/hide", MODERATORS, **WHY),
    post("moderation.act", "/moderation/comments/{hidden}/restore", MODERATORS, **WHY),
    post("moderation.act", "/moderation/comments/{held}/approve", MODERATORS, code="fine"),
    post("moderation.act", "/moderation/comments/{comment}/keep", MODERATORS, code="fine"),
    post("moderation.act_on_many", "/moderation/act", MODERATORS, verb="keep", code="fine", comment="{comment}"),
    get("moderation.acts", "/moderation/acts", MODERATORS),
    post("moderation.undo_many", "/moderation/acts/undo", MODERATORS, act="{hiding}"),
    post("moderation.undo", "/moderation/acts/{hiding}/undo", MODERATORS),
    get("moderation.flag_form", "/comments/{comment}/flag", MEMBERS - {MIA}),
    post("moderation.flag", "/comments/{comment}/flag", MEMBERS - {MIA}, code="off-topic"),
    post("moderation.flag", "/comments/{hidden}/flag", set(), code="off-topic"),
    post("moderation.flag", "/comments/{held}/flag", set(), code="off-topic"),
    post("moderation.take_back_flag", "/comments/{comment}/flag/back", MEMBERS - {MIA}),
    post("moderation.take_back_flag", "/comments/{hidden}/flag/back", set()),
    get("moderation.own_comments", "/account/comments", MEMBERS),
    post("moderation.appeal", "/account/acts/{mias_hiding}/appeal", {MIA}, text="It was no advertisement."),
    get("moderation.show_appeal", "/moderation/appeals/{appeal}", MODERATORS),
    post("moderation.judge", "/moderation/appeals/{appeal}/grant", {ADA}, code="fine"),  # Moss hid it
    post("moderation.judge", "/moderation/appeals/{appeal}/uphold", {ADA}, code="off-topic"),
    get("moderation.person", "/moderation/people/{mia}", MODERATORS),
    post("moderation.suspend", "/moderation/people/{mia}/suspend", MODERATORS, days="1", code="attack"),
    post("moderation.suspend", "/moderation/people/{mia}/unsuspend", MODERATORS, code="mistake"),
    post("moderation.suspend", "/moderation/people/{gone}/suspend", set(), days="1", code="attack"),
    get("notifications.follow", "/follow?of=article&id={live}", MEMBERS),
    get("notifications.follow", "/follow?of=article&id={draft}", set()),
    get("notifications.follow", "/follow?of=thread&id={comment}", MEMBERS),
    get("notifications.follow", "/follow?of=tag&id=queues", MEMBERS),
    get("notifications.follow", "/follow?of=search&q=queue", MEMBERS),
    post("notifications.start", "/follow", MEMBERS, of="article", id="{live}", pace="daily"),
    post("notifications.start", "/follow", set(), of="article", id="{draft}", pace="daily"),
    post("notifications.stop", "/follow/end", MEMBERS, of="article", id="{live}"),
    get("notifications.follows", "/account/follows", MEMBERS),
    post("notifications.set_own_pace", "/account/follows/self", MEMBERS, pace="site"),
    post("notifications.set_pace", "/account/follows/{mias_follow}/pace", {MIA}, pace="site"),
    post("notifications.end", "/account/follows/{mias_follow}/end", {MIA}),
    get("notifications.notices", "/account/notices", MEMBERS),
    post("notifications.mark_seen", "/account/notices/seen", MEMBERS, up_to="1"),
    get("notifications.unsubscribe", "/unsubscribe?to=made-up", set()),
    post("notifications.unsubscribe_now", "/unsubscribe?to=made-up", set()),
    get("notifications.mail", "/account/mail", ADMINS),
    post("notifications.try_again", "/account/mail/1/try-again", ADMINS),
    get("accounts.reset", "/account/reset"),
    post("accounts.reset", "/account/reset", set(), email="mia@people.example"),  # this site sends no mail
    get("accounts.reset_asked", "/account/reset/asked"),
    get("accounts.reset_done", "/account/reset/done"),
    get("accounts.choose_password", "/account/reset/new?token=made-up"),
    post("accounts.choose_password", "/account/reset/new?token=made-up", EVERYBODY, password="x"),
    post("accounts.ask_to_verify", "/account/verify", set()),
    get("accounts.verify_asked", "/account/verify/asked", MEMBERS),
    get("accounts.verify", "/account/verify/address?token=made-up"),
    post("accounts.verify", "/account/verify/address?token=made-up", EVERYBODY),
    get("accounts.profile", "/people/{mia}"),
    get("accounts.login", "/account/login"),
    get("accounts.register", "/account/register"),
    get("accounts.settings", "/account/settings", MEMBERS),
    post("accounts.settings", "/account/settings", MEMBERS, name="Somebody"),
    post("accounts.change_password", "/account/password", MEMBERS, current="x", password="y"),
    post("accounts.logout", "/account/logout", EVERYBODY),
    post("accounts.end_session", "/account/sessions/{mias_session}/end", {MIA}),
    post("accounts.end_other_sessions", "/account/sessions/end-others", MEMBERS),
    get("api_pages.index", "/api/"),
    get("accounts.tokens", "/account/tokens", MEMBERS),
    post("accounts.make_token", "/account/tokens", MEMBERS, name="Bot", scopes="read", days="7", password=PASSWORD),
    get("accounts.all_tokens", "/account/tokens/all", ADMINS),
    post("accounts.revoke_token", "/account/tokens/{mias_token}/revoke", {MIA, ADA}),
    get("accounts.data", "/account/data", MEMBERS),
    post("accounts.export_data", "/account/data/export", MEMBERS),
    post("accounts.erase", "/account/data/erase", MEMBERS, password=PASSWORD, word="erase"),
    get("accounts.erase_person", "/account/users/{mia}/erase", ADMINS),
    post("accounts.erase_other", "/account/users/{mia}/erase", ADMINS, password=PASSWORD, word="erase"),
    get("accounts.users", "/account/users", ADMINS),
    post("accounts.change_role", "/account/users/{mia}/role", ADMINS, role="author", **WHY),
    post("accounts.disable", "/account/users/{mia}/disable", ADMINS, **WHY),
    post("accounts.enable", "/account/users/{mia}/enable", ADMINS, **WHY),
    get("journal.journal", "/journal/"),
    get("journal.export", "/journal/export.csv"),
    get("journal.whole_journal", "/account/journal", ADMINS),
    get("journal.export_whole", "/account/journal/export.jsonl", ADMINS),
    get("journal.given_up", "/account/jobs", ADMINS),
    post("journal.try_again", "/account/jobs/1/try-again", ADMINS),
    post("journal.try_all_again", "/account/jobs/try-again", ADMINS),
]
API_TRIES = [
    ApiTry("api.description", "/openapi.json"),
    ApiTry("api.list_articles", "/articles"),
    ApiTry("api.show_article", "/articles/live"),
    ApiTry("api.show_article", "/articles/retired"),
    ApiTry("api.show_article", "/articles/draft", {ARUN, *REVIEWERS}),
    ApiTry("api.list_revisions", "/articles/live/revisions"),
    ApiTry("api.list_revisions", "/articles/draft/revisions", {ARUN, *REVIEWERS}),
    ApiTry("api.show_revision", "/articles/live/revisions/1"),
    ApiTry("api.show_revision", "/articles/draft/revisions/1", {ARUN, *REVIEWERS}),
    ApiTry("api.propose_revision", "/articles/live/revisions", WRITERS, {"title": "Another", "body": "Text."}),
    ApiTry("api.propose_revision", "/articles/retired/revisions", set(), {"title": "Another", "body": "Text."}),
    ApiTry("api.list_actions", "/actions"),
    ApiTry("api.show_action", "/actions/{action}"),
    ApiTry("api.list_comments", "/articles/live/comments"),
    ApiTry("api.list_comments", "/articles/draft/comments", {ARUN, *REVIEWERS}),
    ApiTry("api.search", "/search?q=queue"),
    ApiTry("api.propose_article", "/articles", WRITERS, {"title": "Another", "body": "Text."}),
    ApiTry("api.post_comment", "/articles/live/comments", MEMBERS, {"text": "We saw it too."}),
    ApiTry("api.post_comment", "/articles/retired/comments", set(), {"text": "Too late."}),
    ApiTry("api.post_comment", "/articles/draft/comments", set(), {"text": "Too early."}),
]
# What each operation asks of a token; the one without is told to everybody.
SCOPE_OF = {f"api.{one.name}": one.scope for one in OPERATIONS} | {"api.description": ""}
# Routes that show nothing of a person or a write-up; each says where it is tried.
ELSEWHERE = {
    "static": "tests/web/test_static.py",
    "pages.ready": "tests/pages: its answer depends on the worker",
    "pages.sitemap_part": "tests/pages: exists only for very large sites",
}


class Site:
    """One copy of the world, put back whenever somebody changed it."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.app = world.app(folder)
        self.before = content_of(folder)

    def is_untouched(self) -> bool:
        return content_of(self.folder) == self.before

    def put_back(self) -> None:
        self.world.restore(self.folder)

    def path(self, tried: Try | ApiTry) -> str:
        path = tried.path.format(**self.world.names)
        return f"/api/v1{path}" if isinstance(tried, ApiTry) else path


@pytest.fixture(scope="module")
def site(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(world, tmp_path_factory.mktemp("site"))
    yield made
    made.app.extensions["hindsight_search"].close()
    with made.app.app_context():
        db.engine.dispose()


def is_refused(answer: Any) -> bool:
    return answer.status_code in (401, 403, 404) or "/account/login" in answer.headers.get("Location", "")


def name_of(asker: Asker) -> str:
    return asker.name if asker else "nobody"


def ask(site: Site, tried: Try, asker: Asker) -> Any:
    client = site.world.client(site.app, asker)
    if tried.post is None:
        answer = client.get(site.path(tried))
        head = client.head(site.path(tried))
        assert (head.status_code, head.data) == (answer.status_code, b""), f"{name_of(asker)} may HEAD what GET refuses"
        return answer
    fields = {name: value.format(**site.world.names) for name, value in tried.post.items()}
    return client.post(site.path(tried), data=fields)


@pytest.mark.parametrize("tried", TRIES, ids=str)
def test_line_28_only_those_who_may_get_through(site: Site, tried: Try) -> None:
    for asker in sorted(EVERYBODY, key=lambda one: (one in tried.may, str(one))):  # first those who change nothing
        answer = ask(site, tried, asker)
        assert answer.status_code < 500, f"{name_of(asker)}: {answer.status_code}"
        assert is_refused(answer) == (asker not in tried.may), (
            f"{name_of(asker)} got {answer.status_code} {answer.headers.get('Location', '')}"
        )
        if not site.is_untouched():
            assert asker in tried.may and tried.post is not None, f"{name_of(asker)} changed something"
            site.put_back()


@pytest.mark.parametrize("tried", API_TRIES, ids=str)
def test_line_28_only_programs_of_those_who_may_get_through(site: Site, tried: ApiTry) -> None:
    needed = SCOPE_OF[tried.endpoint]
    people = CAST if needed else (ADA,)  # what asks for no token looks at none
    callers: list[tuple[Asker, str]] = [(NOBODY, ""), *((person, scope) for person in people for scope in SCOPES)]
    for asker, scope in sorted(callers, key=lambda one: one[0] in tried.may and one[1] == needed):
        answer = call(site, tried, secret=site.world.secrets[asker, scope] if asker else "")
        is_held = not needed or scope == needed or (asker is NOBODY and tried.method == "GET")
        through = is_held and asker in tried.may
        assert answer.status_code < 500
        assert is_refused(answer) != through, f"{name_of(asker)} with {scope or 'no token'} got {answer.status_code}"
        if not site.is_untouched():
            assert through and tried.json is not None, f"{name_of(asker)} with {scope} changed something"
            site.put_back()


def call(site: Site, tried: ApiTry, *, secret: str, client: Visitor | None = None) -> Any:
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    headers["If-Match"] = site.world.names["live_hash"]
    by = client or site.app.test_client()
    if tried.json is None:
        answer = by.get(site.path(tried), headers=headers)
        head = by.head(site.path(tried), headers=headers)
        assert (head.status_code, head.data) == (answer.status_code, b"")
        return answer
    return by.post(site.path(tried), json=tried.json, headers=headers)


@pytest.mark.parametrize("tried", API_TRIES, ids=str)
def test_line_28_a_token_that_does_not_hold_opens_nothing(site: Site, tried: ApiTry) -> None:
    if not SCOPE_OF[tried.endpoint]:
        return
    scope = SCOPE_OF[tried.endpoint]
    secrets = {end: site.world.secrets[person, scope] for end, person in (("revoked", ADA), ("expired", ROSA))}
    for end, secret in secrets.items():
        end_token(site.app, secret, by=end)
    before = content_of(site.folder)
    for secret in (*secrets.values(), site.world.secrets[GONE, scope], "made-up", site.world.cookies[ADA]):
        answer = call(site, tried, secret=secret)
        assert answer.status_code == 401, answer.text
    with_cookie = call(site, tried, secret="", client=site.world.client(site.app, ADA))
    assert is_refused(with_cookie) == (NOBODY not in tried.may), "a cookie counts for nothing here"
    assert content_of(site.folder) == before
    site.put_back()


def test_line_28_every_route_has_an_entry(app: Flask) -> None:
    tried = {one.endpoint for one in (*TRIES, *API_TRIES)} | set(ELSEWHERE)
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert routes - tried == set(), "say in TRIES who may use these routes"
    assert tried - routes == set(), "these routes are gone"


def test_line_28_every_method_of_a_route_has_an_entry(app: Flask) -> None:
    tried = {(one.endpoint, "GET" if one.post is None else "POST") for one in TRIES}
    tried |= {(one.endpoint, one.method) for one in API_TRIES}
    missing = [
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in ELSEWHERE
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if (rule.endpoint, method) not in tried and (rule.endpoint, method) not in SIGNED_OUT_FORMS
    ]
    assert missing == []


SIGNED_OUT_FORMS = {("accounts.login", "POST"), ("accounts.register", "POST")}  # anybody; tests/accounts tries them


def test_line_28_every_other_method_is_refused_to_everybody(site: Site) -> None:
    """By path, as a client sees it: two routes may share one, each with a method of its own."""
    taken: dict[str, set[str]] = {}
    for rule in site.app.url_map.iter_rules():
        for tried in (*TRIES, *API_TRIES):
            if tried.endpoint == rule.endpoint:
                taken.setdefault(site.path(tried).partition("?")[0], set()).update(rule.methods or set())
    admin = site.world.client(site.app, ADA)
    for path, methods in taken.items():
        with site.app.test_request_context(path):
            methods |= set(site.app.url_map.bind("localhost").allowed_methods(path))
        secret = site.world.secrets[ADA, "comment"]
        headers = {"Authorization": f"Bearer {secret}"} if path.startswith("/api/") else {}
        for method in set(METHODS) - methods:
            assert admin.open(path, method=method, headers=headers).status_code == 405, f"{method} {path}"
        told = site.app.test_client().open(path, method="OPTIONS")
        if told.status_code != 403:  # the editors' desk keeps even that to itself
            assert (told.status_code, told.data) == (200, b""), path
            assert set(told.headers["Allow"].split(", ")) == methods
    assert site.is_untouched()


def test_a_disabled_person_may_do_nothing(site: Site) -> None:
    client = site.world.client(site.app, GONE)
    assert client.get("/account/settings").status_code == 303
    assert client.get("/account/users").status_code == 303
    assert client.post("/postmortems/live/comments", data={"text": "Still here?"}).status_code in (303, 403)
    assert site.is_untouched()


def test_who_is_disabled_loses_everything_at_once(site: Site) -> None:
    client = site.world.client(site.app, NOOR)
    assert client.get("/account/settings").status_code == 200
    admin = site.world.client(site.app, ADA)
    number = join(site.app, NOOR).id
    assert admin.post(f"/account/users/{number}/disable", data=WHY).status_code == 303
    assert client.get("/account/settings").status_code == 303
    assert client.post("/postmortems/live/comments", data={"text": "Still here?"}).status_code in (303, 403)
    tried = ApiTry("api.post_comment", "/articles/live/comments", set(), {"text": "Still here?"})
    assert call(site, tried, secret=site.world.secrets[NOOR, "comment"]).status_code == 401
    site.put_back()
