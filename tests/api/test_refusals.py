"""A program reads, proposes and comments. Whatever else it tries is refused by policy, by the journal and by the
database, each without the others, and the attempt is recorded.
"""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from blog import policy
from blog.accounts import administering, token_changes
from blog.accounts.models import Program as ActingProgram
from blog.accounts.models import Role, User
from blog.api.views import NOTHING, PROGRAM_WRITES
from blog.articles.models import Article, Revision
from blog.comments import changes as comment_changes
from blog.comments.models import Comment
from blog.editor import publishing, reviewing
from blog.errors import NotAllowed, NotFound
from blog.extensions import db
from blog.journal import retrying
from blog.journal.changes import record
from blog.journal.models import Event
from blog.journal.reactions import PROGRAMS_MAY, REACTIONS
from blog.lib.confinement import confined
from blog.lib.database import writing
from blog.moderation import changes as moderation
from tests.api.callers import DOCUMENT, Program, a_program
from tests.factories.articles import make_approved, make_published, make_submitted
from tests.factories.comments import make_comment
from tests.people import ADA, ARUN, MIA, RAVI, join
from tests.visitor import Visitor, signed_in

ACTING = ActingProgram(1, "hs_12345678", "night bot", "m-1")


@pytest.fixture
def program(app: Flask) -> Program:
    return a_program(app, ADA, "read", "propose", "comment")


class Everything:
    def __contains__(self, kind: object) -> bool:
        return True


def refusals(app: Flask) -> list[Event]:
    with app.app_context():
        return list(db.session.scalars(select(Event).where(Event.kind == "token.refused").order_by(Event.id)))


def acting(app: Flask) -> User:
    """An admin in whose name a program acts, in the open session."""
    user = db.session.get_one(User, join(app, ADA).id)
    user.act_through(ACTING)
    return user


def row(model: Any, number: int) -> Any:
    return db.session.get_one(model, number)


ACTS: dict[str, Callable[[User, dict[str, int]], Any]] = {
    "approve": lambda actor, ids: reviewing.approve(
        actor=actor, revision=row(Revision, ids["waiting"]), document_hash=row(Revision, ids["waiting"]).document_hash
    ),
    "ask for changes": lambda actor, ids: reviewing.request_changes(
        actor=actor, revision=row(Revision, ids["waiting"]), reason="no"
    ),
    "publish": lambda actor, ids: publishing.publish(
        actor=actor, revision=row(Revision, ids["approved"]), article=row(Article, ids["draft"])
    ),
    "retire": lambda actor, ids: publishing.retire(actor=actor, article=row(Article, ids["live"]), reason="no"),
    "hide": lambda actor, ids: moderation.hide_comment(
        actor=actor, comment=row(Comment, ids["comment"]), reason="no"
    ),
    "withdraw": lambda actor, ids: comment_changes.withdraw(actor=actor, comment=row(Comment, ids["own comment"])),
    "change a role": lambda actor, ids: administering.change_role(actor=actor, user_id=ids["mia"], role="admin"),
    "disable": lambda actor, ids: administering.disable(actor=actor, user_id=ids["mia"], reason="no"),
    "try a job again": lambda actor, ids: retrying.try_all_again(actor=actor),
    "make a token": lambda actor, ids: token_changes.make_token(
        actor=actor, checked_hash=actor.password_hash, name="more", scopes=["read"], days=1
    ),
    "revoke a token": lambda actor, ids: token_changes.revoke(actor=actor, token_id=ids["token"]),
}  # fmt: skip


def test_line_31_changes_refuse_a_program_whatever_its_owner_may(
    app: Flask, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blog.journal.changes.PROGRAMS_MAY", Everything())  # without the wall behind
    live = make_published(app)
    approved = make_approved(app)
    ids = {
        "live": live.id,
        "waiting": make_submitted(app).id,
        "approved": approved.id,
        "draft": approved.article_id,
        "comment": make_comment(app, live, user=MIA).id,
        "own comment": make_comment(app, live, user=ADA, text="Mine.").id,
        "mia": join(app, MIA).id,
        "token": program.token_id,
    }
    for name, act in ACTS.items():
        with app.app_context():
            before = db.session.scalars(select(Event.id)).all()
            with pytest.raises((NotAllowed, NotFound)), writing(db.session):  # tokens of others do not exist
                act(acting(app), ids)
            assert db.session.scalars(select(Event.id)).all() == before, name
        with app.app_context(), writing(db.session):  # the person may
            act(row(User, join(app, ADA).id), ids)


def test_line_31_no_role_gives_a_program_a_right_of_that_role(app: Flask) -> None:
    """Default deny: a right that somebody adds is a person's, unless it is listed here."""
    for_programs = {
        "can_propose", "can_propose_revision", "can_submit", "can_waive", "can_comment", "can_see_article",
        "can_see_revision", "can_take_part",
    }  # fmt: skip
    user = User(id=1, name="Ada", role=Role.ADMIN)
    user.act_through(ACTING)
    simple = [name for name in dir(policy) if name.startswith("can_") and name not in for_programs]
    asked = 0
    for name in simple:
        right = getattr(policy, name)
        if right.__code__.co_argcount == 1:
            assert not right(user), name
            asked += 1
    assert asked >= 4
    assert policy.can_propose(user)


def test_line_31_the_journal_refuses_every_other_change_of_a_program(app: Flask) -> None:
    """A change that forgot to ask who acts is undone when it records what it did."""
    join(app, ADA)
    with app.app_context():
        for kind in sorted({*REACTIONS, "revision.approved", "account.role_changed", "something.new"} - PROGRAMS_MAY):
            with pytest.raises(NotAllowed), writing(db.session):
                actor = acting(app)
                record(kind, subject=actor, actor=actor, data={"article": 1})


STATEMENTS = [
    "UPDATE articles SET live_revision_id = 1",
    "UPDATE articles SET state = 'published'",
    "UPDATE users SET role = 'admin'",
    "UPDATE users SET password_hash = ''",
    "INSERT INTO reviews (revision_id, document_hash, reviewer_id, verdict) VALUES (1, 'x', 1, 'approved')",
    "UPDATE reviews SET verdict = 'approved'",
    "UPDATE comments SET state = 'hidden'",
    "UPDATE revisions SET document = '{}'",
    "UPDATE revisions SET publish_at = '2026-01-01'",
    "DELETE FROM articles",
    "DELETE FROM comments",
    "DELETE FROM events",
    "UPDATE events SET kind = 'x'",
    "UPDATE api_tokens SET scopes = 'read', expires_at = '2099-01-01'",
    "DELETE FROM sessions",
    "DROP TABLE events",
    "DROP TRIGGER program_labels_stay",
    "CREATE TABLE mine (id INTEGER)",
    "ATTACH DATABASE ':memory:' AS other",
]


def test_line_31_the_database_refuses_what_is_no_proposal_and_no_comment(app: Flask) -> None:
    make_published(app)
    with app.app_context():
        for statement in STATEMENTS:
            with pytest.raises(NotAllowed), confined(PROGRAM_WRITES), writing(db.session):
                db.session.execute(text(statement))
        with writing(db.session):  # the same connection is free again
            assert db.session.execute(text("UPDATE users SET about = 'free'")).rowcount  # type: ignore[attr-defined]


def test_line_31_a_program_that_reads_writes_nothing(app: Flask) -> None:
    article = make_published(app)
    with app.app_context(), pytest.raises(NotAllowed), confined(NOTHING), writing(db.session):
        row(Article, article.id).title = "Another"
        db.session.flush()


def test_other_faults_of_the_database_are_not_taken_for_refusals(app: Flask) -> None:
    with app.app_context(), pytest.raises(DatabaseError), confined(NOTHING):
        db.session.execute(text("SELECT nothing FROM nowhere"))


ELSEWHERE = [
    "/editor/revisions/1/publish",
    "/editor/revisions/1/approve",
    "/editor/articles/1/retire",
    "/moderation/comments/1/hide",
    "/account/users/1/role",
    "/account/tokens",
    "/postmortems/disk-full/comments",
]


def test_line_31_a_program_writes_nowhere_but_through_the_api_even_with_a_cookie(app: Flask, program: Program) -> None:
    """It may hold the cookie of an admin and the token of a form: whoever brings a token is a program."""
    make_published(app, slug="disk-full")
    client = app.test_client()
    signed_in(client, ADA)
    form = {"reason": "no", "text": "no", "role": "admin", "hash": "x"}
    for path in ELSEWHERE:
        assert client.post(path, data=form, headers=program.headers).status_code == 403
    attempts = refusals(app)
    assert [one.data["tried"] for one in attempts] == [f"POST {path}" for path in ELSEWHERE]
    for one in attempts:
        assert one.data["program"]["prefix"] == program.secret[:11]
        assert (one.subject_type, one.subject_id) == ("api_token", program.token_id)
        assert one.actor_id == program.owner.id


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/api/v1/articles/disk-full/publish", 404),
        ("POST", "/api/v1/articles/disk-full", 405),
        ("DELETE", "/api/v1/articles/disk-full", 405),
        ("PUT", "/api/v1/articles/disk-full/comments", 405),
        ("PATCH", "/api/v1/users/1", 404),
        ("POST", "/api/v1/articles/disk-full/%70ublish", 404),
    ],
)
def test_line_31_a_try_of_what_is_not_there_is_in_the_journal(
    app: Flask, program: Program, method: str, path: str, status: int
) -> None:
    make_published(app, slug="disk-full")
    answer = app.test_client().open(path, method=method, json={"state": "published"}, headers=program.headers)
    assert answer.status_code == status
    (attempt,) = refusals(app)
    assert attempt.data["tried"] == f"{method} {path.replace('%70', 'p')}"


def test_a_refused_scope_is_in_the_journal_and_reading_is_not(app: Flask) -> None:
    program = a_program(app, ARUN, "comment")
    assert program.post("/articles", DOCUMENT).status_code == 403
    assert program.get("/articles").status_code == 403
    (attempt,) = refusals(app)
    assert (attempt.data["tried"], attempt.data["status"]) == ("POST /api/v1/articles", 403)


def test_strange_addresses_are_not_repeated_in_the_journal(app: Flask, program: Program) -> None:
    for path in ("/api/v1/mia@people.example", "/api/v1/" + "x" * 200, "/api/v1/<b>"):
        assert app.test_client().post(path, json={}, headers=program.headers).status_code == 404
    assert {one.data["tried"] for one in refusals(app)} == {"POST an address of other characters"}


def test_a_program_gone_wild_does_not_fill_the_journal(app: Flask, program: Program) -> None:
    for _ in range(token_changes.MAX_NOTED + 5):
        app.test_client().post("/api/v1/publish", json={}, headers=program.headers)
    assert len(refusals(app)) == token_changes.MAX_NOTED


def test_tokens_that_do_not_hold_leave_no_trace_in_the_journal(app: Flask, program: Program) -> None:
    for secret in ("hs_" + "x" * 43, program.secret[:11], program.secret + "x"):
        headers = {"Authorization": f"Bearer {secret}"}
        assert app.test_client().post("/api/v1/publish", json={}, headers=headers).status_code == 404
        assert app.test_client().post("/editor/articles", data={}, headers=headers).status_code == 403
    assert refusals(app) == []


def test_the_owners_role_today_is_what_counts(app: Flask) -> None:
    program = a_program(app, ARUN, "propose", "read")
    with app.app_context(), writing(db.session):
        row(User, program.owner.id).role = Role.MEMBER
    answer = program.post("/articles", DOCUMENT)
    assert answer.status_code == 403
    assert "role" in answer.json["detail"]
    assert program.get("/articles").status_code == 200
    with app.app_context(), writing(db.session):
        row(User, program.owner.id).role = Role.REVIEWER
    assert program.post("/articles", DOCUMENT).status_code == 201


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_makes_reading_a_proposal(app: Flask, header: str) -> None:
    program = a_program(app, ARUN, "read")
    answer = app.test_client().get(
        "/api/v1/articles", json=DOCUMENT, headers={**program.headers, header: "POST"}, query_string={"_method": "POST"}
    )
    assert (answer.status_code, answer.json["items"]) == (200, [])
    refused = app.test_client().post("/api/v1/articles", json=DOCUMENT, headers={**program.headers, header: "GET"})
    assert refused.status_code == 403


def test_head_and_options_ask_for_the_same_right(app: Flask, client: Visitor) -> None:
    draft = make_submitted(app, author=ARUN, slug="not-yet")
    assert draft.number == 1
    path = "/api/v1/articles/not-yet"
    mine, others = a_program(app, ARUN, "read"), a_program(app, MIA, "read")
    scopeless = a_program(app, ARUN, "propose")
    statuses = [client.head(path, headers=one.headers).status_code for one in (mine, others, scopeless)]
    assert statuses == [200, 404, 403]
    answer = client.head(path, headers=mine.headers)
    assert answer.headers["ETag"] and answer.data == b""
    told = client.options(path, headers=others.headers)
    assert (told.status_code, told.data, "ETag" in told.headers) == (200, b"", False)


def test_approving_by_hand_is_still_the_persons(app: Flask, program: Program) -> None:
    """The mark of a program is of its request: in the next one the person acts."""
    waiting = make_submitted(app, author=ARUN)
    assert program.get("/articles").status_code == 200
    client = app.test_client()
    signed_in(client, RAVI)
    answer = client.post(f"/editor/revisions/{waiting.id}/approve", data={"hash": waiting.document_hash})
    assert answer.status_code == 303
