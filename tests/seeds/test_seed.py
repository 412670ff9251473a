"""The demo world: every file is sound by itself, they fit together, and loading them twice is loading them once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from blog.accounts.models import Role, User
from blog.articles.document import Document
from blog.articles.models import Article, ArticleState, Review, Revision, RevisionState
from blog.articles.plain_text import from_text, to_text
from blog.articles.vocabulary import IncidentKind, RelationKind, Severity, Stance
from blog.comments.models import Comment, CommentKind, CommentState, Standing
from blog.extensions import db
from blog.journal.models import Event, Job
from blog.journal.reactions import INDEX, LOOK_AT_LINKS
from blog.lib import clock
from blog.moderation.models import Flag
from blog.seeds import action_changes, changes
from tests.factories.articles import make_published
from tests.people import ROSA, join

FILES = sorted((changes.FOLDER / "write_ups").glob("*.md"))
KIRO = "amazon-kiro-cost-explorer-outage"
TABLES = (User, Article, Revision, Review, Comment, Event, Job)


AFTER_ALL = "2026-12-01T00:00:00Z"  # later than anything in the demo world


def read(path: Path) -> Document:
    return from_text(path.read_text(encoding="utf-8"))


DOCUMENTS = {path.stem: read(path) for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_write_up_is_read_and_its_times_stand_in_order(path: Path) -> None:
    document = read(path)
    assert document.order_faults() == []
    assert from_text(to_text(document)) == document


@pytest.mark.parametrize("slug", DOCUMENTS)
def test_relations_lead_to_write_ups_and_incidents_of_the_demo_world(slug: str) -> None:
    for relation in DOCUMENTS[slug].relations:
        target, _, row_id = relation.target.partition("#")
        assert target != slug
        assert target in DOCUMENTS
        assert not row_id or row_id in {incident.id for incident in DOCUMENTS[target].incidents}


@pytest.mark.parametrize("slug", sorted(set(DOCUMENTS) - {KIRO}))
def test_an_invented_write_up_says_at_its_end_that_it_is_invented(slug: str) -> None:
    assert "made-up demonstration case" in DOCUMENTS[slug].body.splitlines()[-1]


def test_every_file_has_its_date_its_author_and_another_person_as_reviewer() -> None:
    roles = {row["email"]: row["role"] for row in changes.people()}
    order = changes.write_ups()
    assert {write_up.slug for write_up in order} == set(DOCUMENTS)
    assert [write_up.published_at for write_up in order] == sorted(write_up.published_at for write_up in order)
    for write_up in order:
        assert write_up.published_at.tzinfo is not None
        assert roles[write_up.author] == Role.AUTHOR
        assert roles[write_up.reviewer] == Role.REVIEWER


def test_the_demo_world_holds_every_kind_of_write_up() -> None:
    incidents = [incident for document in DOCUMENTS.values() for incident in document.incidents]
    assert {incident.kind for incident in incidents} == set(IncidentKind)
    assert {incident.severity for incident in incidents} == set(Severity)
    relations = [relation for document in DOCUMENTS.values() for relation in document.relations]
    assert {relation.kind for relation in relations} == set(RelationKind)
    same = [
        (slug, one.target)
        for slug, document in DOCUMENTS.items()
        for one in document.relations
        if one.kind is RelationKind.SAME_EVENT
    ]
    assert len(same) == 2
    assert same[0] == same[1][::-1]
    assert any(
        document.model_dump(exclude_defaults=True).keys() == {"title", "body"} for document in DOCUMENTS.values()
    )
    assert max(len(document.timeline) for document in DOCUMENTS.values()) >= 25


def test_the_kiro_write_up_keeps_the_accounts_apart() -> None:
    document = DOCUMENTS[KIRO]
    by_id = {claim.id: claim for claim in document.claims}
    disputed = {
        (by_id[claim.toward].role, claim.role)
        for claim in document.claims
        if claim.stance is Stance.DISPUTES and claim.toward
    }
    assert ("employee", "vendor") in disputed
    computed = document.incidents[0].times.time_to_resolve  # thirteen hours are a claim, never a computed fact
    assert computed is not None and (computed.shortest, computed.longest) == (timedelta(0), timedelta(days=31))
    assert document.incidents[1].kind is IncidentKind.HAZARD
    assert {action.promised_by for action in document.actions} == {"Amazon"}


def test_comments_answer_earlier_ones_of_the_same_thread_by_people_of_the_demo_world() -> None:
    known = {row["email"] for row in changes.people()}
    published = {write_up.slug: write_up.published_at for write_up in changes.write_ups()}
    seen: dict[str, dict[str, str]] = {}
    for row in changes.comments():
        at = datetime.fromisoformat(row["created_at"])
        assert row["id"] not in seen
        assert row["user"] in known
        assert published[row["slug"]] < at < datetime(2026, 12, 1, tzinfo=UTC)
        if "parent" in row:
            assert seen[row["parent"]]["slug"] == row["slug"]
            assert datetime.fromisoformat(seen[row["parent"]]["created_at"]) < at
        if "anchor" in row:
            rows_of, row_id = row["anchor"].split(".")
            assert row_id in {one.id for one in getattr(DOCUMENTS[row["slug"]], rows_of)}
        seen[row["id"]] = row
    assert len({row["slug"] for row in seen.values()}) == 4


@time_machine.travel(AFTER_ALL)
def test_seeding_publishes_each_write_up_with_the_approval_of_a_second_person(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["seed"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        articles = {article.slug: article for article in db.session.scalars(select(Article))}
        assert set(articles) == set(DOCUMENTS)
        assert {article.state for article in articles.values()} == {ArticleState.PUBLISHED}
        states = list(db.session.scalars(select(Revision.state)))
        assert states.count(RevisionState.LIVE) == len(DOCUMENTS)
        assert states.count(RevisionState.SUPERSEDED) == len(states) - len(DOCUMENTS) == 1  # a correction was accepted
        assert {slug: article.published_at for slug, article in articles.items()} == {
            write_up.slug: write_up.published_at for write_up in changes.write_ups()
        }
        approvals = db.session.execute(select(Revision.created_by_id, Review.reviewer_id).join_from(Review, Revision))
        pairs = list(approvals)
        assert len(pairs) == len(DOCUMENTS) + 1
        assert all(author != reviewer for author, reviewer in pairs)
        assert set(db.session.scalars(select(User.password_hash))) == {None}


@time_machine.travel(AFTER_ALL)
def test_seeding_loads_the_threads_with_their_places_and_times(app: Flask) -> None:
    app.test_cli_runner().invoke(args=["seed"])
    with app.app_context():
        loaded = {comment.imported_from: comment for comment in db.session.scalars(select(Comment))}
        assert len(loaded) == len(changes.comments())
        for row in changes.comments():
            comment = loaded[f"seeds/{row['id']}"]
            parent = loaded[f"seeds/{row['parent']}"].id if "parent" in row else None
            assert comment.parent_id == parent
            assert comment.created_at == datetime.fromisoformat(row["created_at"])
        counts = dict(db.session.execute(select(Article.slug, Article.comment_count)).all())
        assert counts[KIRO] == sum(row["slug"] == KIRO for row in changes.comments()) - 1  # one waits for a moderator


@time_machine.travel(AFTER_ALL)
def test_the_demo_world_shows_what_a_conversation_can_come_to(app: Flask) -> None:
    app.test_cli_runner().invoke(args=["seed"])
    with app.app_context():
        said = list(db.session.scalars(select(Comment)))
        assert {comment.kind for comment in said} == set(CommentKind)
        assert {(comment.kind, comment.standing) for comment in said if comment.standing} == {
            (CommentKind.QUESTION, Standing.OPEN),
            (CommentKind.QUESTION, Standing.ANSWERED),
            (CommentKind.CORRECTION, Standing.ACCEPTED),
        }
        assert all(comment.source for comment in said if comment.kind == CommentKind.EVIDENCE)
        assert [comment.state for comment in said].count(CommentState.HELD) == 1
        assert sum(comment.useful_count for comment in said) >= 3
        assert db.session.scalar(select(func.count()).select_from(Flag)) == 1


@time_machine.travel("2026-06-01T00:00:00Z")
def test_a_machine_whose_clock_is_behind_gets_the_demo_world_without_a_future(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["seed"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        assert db.session.scalar(select(func.max(Article.published_at))) <= clock.now()
        assert db.session.scalar(select(func.max(Comment.created_at))) <= clock.now()


def test_the_demo_world_asks_nothing_of_other_hosts(make_app: Callable[..., Flask]) -> None:
    app = make_app(link_checks=True)
    assert app.test_cli_runner().invoke(args=["seed"]).exit_code == 0
    with app.app_context():
        kinds = set(db.session.scalars(select(Job.kind)))
    assert INDEX in kinds and LOOK_AT_LINKS not in kinds


def test_seeding_twice_changes_nothing(app: Flask) -> None:
    runner = app.test_cli_runner()
    runner.invoke(args=["seed"])
    before = rows(app)
    again = runner.invoke(args=["seed"])
    assert again.exit_code == 0
    assert "already" in again.output
    assert rows(app) == before


def test_seeding_again_knows_a_write_up_by_the_address_it_had(app: Flask) -> None:
    runner = app.test_cli_runner()
    runner.invoke(args=["seed"])
    rosa = join(app, ROSA)
    moved = runner.invoke(args=["articles", "move", KIRO, "moved", "--by", rosa.email])
    assert moved.exit_code == 0, moved.output
    before = rows(app)
    again = runner.invoke(args=["seed"])
    assert again.exit_code == 0, again.output
    assert rows(app) == before


def test_seeding_only_an_empty_site_leaves_others_alone(app: Flask) -> None:
    make_published(app)
    before = rows(app)
    result = app.test_cli_runner().invoke(args=["seed", "--if-empty"])
    assert result.exit_code == 0
    assert rows(app) == before


def test_a_failure_in_the_middle_leaves_nothing_behind(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    load: Callable[..., Article] = changes.load_write_up

    def failing(write_up: changes.WriteUp, **keywords: object) -> Article:
        if write_up.slug == KIRO:
            raise OSError("the disk is full")
        return load(write_up, **keywords)

    before = rows(app)
    monkeypatch.setattr(changes, "load_write_up", failing)
    result = app.test_cli_runner().invoke(args=["seed"])
    assert isinstance(result.exception, OSError)
    assert rows(app) == before


def rows(app: Flask) -> dict[str, int]:
    with app.app_context():
        return {
            table.__tablename__: db.session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES
        }


def test_what_became_of_actions_is_told_of_actions_that_are_there() -> None:
    people = {row["email"] for row in changes.people()}
    for entry in action_changes.actions():
        assert entry["row"] in {action.id for action in DOCUMENTS[entry["slug"]].actions}, entry
        assert entry["slug"] != KIRO, "what became of Amazon's promises nobody here can know"
        times = [datetime.fromisoformat(step["at"]) for step in entry["steps"]]
        assert times == sorted(times), entry
        assert {step["by"] for step in entry["steps"]} <= people


def test_the_demo_world_shows_promises_in_every_state(app: Flask) -> None:
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False):
        assert app.test_cli_runner().invoke(args=["seed"]).exit_code == 0
        client = app.test_client()
        numbers = {
            state: client.get(f"/api/v1/actions?state={state}").json["page"]["total"]
            for state in ("overdue", "open", "done", "confirmed", "dropped")
        }
        assert all(numbers.values()) and numbers["overdue"] < numbers["open"], numbers
        page = client.get("/postmortems/agent-dropped-production-taking-it-for-staging").text
    assert "This happened while action" in page and "Start a new archive chain for bookings" in page
