"""Proposing the next revision as a program: based on what it read, waiting for people, in nobody's way."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import ProgramLabel
from blog.articles.models import Article, Revision, RevisionAuthor
from blog.extensions import db
from tests.api.callers import DOCUMENT, Program, a_program
from tests.factories.articles import make_approved, make_draft, make_published, make_submitted
from tests.people import ADA, ARUN, MIA, RAVI, ROSA, join
from tests.visitor import Visitor, signed_in

PATH = "/articles/disk-full"
NEXT = {**DOCUMENT, "title": "Disk full", "public_note": "Says which disk."}


@pytest.fixture
def program(app: Flask) -> Program:
    make_published(app, slug="disk-full", title="Disk full")
    return a_program(app, ARUN, "propose", "read", model="m-1")


def propose(program: Program, body: Any = NEXT, *, based_on: str | None = None, **headers: str) -> Any:
    based_on = program.get(PATH).headers["ETag"] if based_on is None else based_on
    headers |= {"If-Match": based_on} if based_on else {}
    return program.app.test_client().post(
        f"/api/v1{PATH}/revisions", json=body, headers={**program.headers, **headers}, with_token=False
    )


def test_a_proposal_waits_while_readers_see_what_is_live(app: Flask, program: Program, client: Visitor) -> None:
    before = client.get("/postmortems/disk-full").text
    answer = propose(program)
    assert answer.status_code == 201
    assert (answer.json["state"], answer.json["revision"]) == ("submitted", 2)
    assert answer.headers["Location"].endswith("/api/v1/articles/disk-full/revisions/2")
    assert answer.headers["ETag"] == f'"{answer.json["hash"]}"'
    assert client.get("/postmortems/disk-full").text == before
    assert client.get(f"/api/v1{PATH}").json["revision"] == 1
    assert client.get(f"/api/v1{PATH}/revisions/2").status_code == 404
    mine = program.get(f"{PATH}/revisions/2")
    assert mine.json["document"]["body"] == DOCUMENT["body"]
    assert mine.json["program"] == {
        "name": "night bot", "model": "m-1", "token": program.secret[:11], "owner": "Arun"
    }  # fmt: skip
    with app.app_context():
        revision = db.session.scalars(select(Revision).where(Revision.number == 2)).one()
        assert revision.public_note == "Says which disk."
        assert "night bot" in revision.note and "m-1" in revision.note
        authors = db.session.scalars(select(RevisionAuthor.user_id).where(RevisionAuthor.revision_id == revision.id))
        assert program.owner.id in set(authors)


def test_without_a_base_it_is_refused(app: Flask, program: Program) -> None:
    for based_on in ("", "*"):
        answer = propose(program, based_on=based_on)
        assert (answer.status_code, answer.content_type) == (428, "application/problem+json")


@pytest.mark.parametrize("based_on", ['"0000"', "x", 'W/""', '"' + "a" * 64 + '"'])
def test_on_another_base_it_is_refused(program: Program, based_on: str) -> None:
    answer = propose(program, based_on=based_on)
    assert (answer.status_code, answer.content_type) == (412, "application/problem+json")
    assert program.get(f"{PATH}/revisions").json["page"]["total"] == 1


def test_the_etag_of_a_packed_answer_is_a_base_too(program: Program) -> None:
    client = program.app.test_client()
    packed = client.get(f"/api/v1{PATH}", headers={**program.headers, "Accept-Encoding": "br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert propose(program, based_on=packed.headers["ETag"]).status_code == 201


def test_of_two_programs_on_one_base_the_second_is_told(app: Flask, program: Program) -> None:
    other = a_program(app, ROSA, "propose", "read")
    base = program.get(PATH).headers["ETag"]
    assert propose(program, based_on=base).status_code == 201
    assert propose(other, based_on=base).status_code == 412
    newest = other.get(f"{PATH}/revisions").json["items"][0]["hash"]
    answer = propose(other, {**NEXT, "body": "Mine."}, based_on=newest)
    assert answer.status_code == 409
    assert "Somebody else works" in answer.json["detail"]


def test_a_program_goes_on_with_what_its_owner_began(app: Flask, program: Program) -> None:
    first = propose(program).headers["ETag"]
    second = propose(program, {**NEXT, "body": "Better."}, based_on=first)
    assert (second.status_code, second.json["revision"]) == (201, 3)
    with app.app_context():
        states = db.session.scalars(select(Revision.state).order_by(Revision.number)).all()
        assert states == ["live", "replaced", "submitted"]


def test_what_people_approved_is_not_replaced(app: Flask) -> None:
    approved = make_approved(app, author=ARUN, reviewer=ROSA, slug="disk-full")
    program = a_program(app, ARUN, "propose", "read")
    answer = propose(program)
    assert answer.status_code == 409
    with app.app_context():
        assert db.session.get_one(Revision, approved.id).state == "approved"


@pytest.mark.parametrize("make", [make_draft, make_submitted])
def test_the_open_work_of_others_is_not_replaced(app: Flask, make: Any) -> None:
    theirs = make(app, author=ARUN, slug="disk-full")
    program = a_program(app, ROSA, "propose", "read")
    assert propose(program).status_code == 409
    with app.app_context():
        assert db.session.get_one(Revision, theirs.id).state == theirs.state


def test_the_same_text_is_no_proposal(program: Program) -> None:
    document = program.get(PATH).json["document"]
    assert propose(program, document).status_code == 409


def test_a_live_write_up_needs_a_public_note(app: Flask, program: Program) -> None:
    for note in ({}, {"public_note": ""}, {"public_note": 5}, {"public_note": "x" * 1_001}):
        answer = propose(program, {**DOCUMENT, **note})
        assert answer.status_code in (400, 422)
        assert [fault["path"] for fault in answer.json["faults"]] == ["public_note"]
    assert program.get(f"{PATH}/revisions").json["page"]["total"] == 1


def test_a_draft_of_ones_own_needs_none(app: Flask) -> None:
    make_draft(app, author=ARUN, slug="disk-full")
    assert propose(a_program(app, ARUN, "propose", "read"), DOCUMENT).status_code == 201


@pytest.mark.parametrize("person", [MIA, ARUN])
def test_who_may_not_work_on_it_has_no_program_that_does(app: Flask, person: Any) -> None:
    make_draft(app, author=ROSA, slug="disk-full")
    program = a_program(app, person, "read")
    program.set_token(scopes="propose,read")
    assert propose(program, based_on='"x"').status_code in (403, 404)


def test_the_first_answer_again_after_the_base_moved(program: Program) -> None:
    base, key = program.get(PATH).headers["ETag"], {"Idempotency-Key": "night-2"}
    first = propose(program, based_on=base, **key)
    again = propose(program, based_on=base, **key)
    assert (again.status_code, again.json) == (first.status_code, first.json) == (201, first.json)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Location"] == first.headers["Location"]
    assert program.get(f"{PATH}/revisions").json["page"]["total"] == 2
    assert propose(program, {**NEXT, "body": "Other."}, based_on=base, **key).status_code == 409


def test_people_publish_it_and_the_label_stays(app: Flask, program: Program, client: Visitor) -> None:
    made = propose(program)
    with app.app_context():
        number = db.session.scalars(select(Revision.id).where(Revision.number == 2)).one()
    owner, reviewer = app.test_client(), app.test_client()
    for one, person in ((owner, ARUN), (reviewer, RAVI)):
        signed_in(one, person)
    page = reviewer.get(f"/editor/revisions/{number}").text
    assert "night bot" in page and "m-1" in page
    approve = {"hash": made.json["hash"], "publish": "yes"}
    assert owner.post(f"/editor/revisions/{number}/approve", data=approve).status_code == 403
    assert reviewer.post(f"/editor/revisions/{number}/approve", data=approve).status_code == 303
    for address in ("/postmortems/disk-full", "/postmortems/disk-full/revisions", "/postmortems/disk-full/revisions/2"):
        page = client.get(address).text
        assert "the program “night bot”" in page and "m-1" in page, address
    told = client.get(f"/api/v1{PATH}").json["programs"]
    assert told == [{"name": "night bot", "model": "m-1", "token": program.secret[:11], "owner": "Arun", "revision": 2}]


def test_what_people_base_on_it_keeps_the_label(app: Flask, program: Program) -> None:
    from blog.articles import writing
    from blog.lib.database import writing as transaction
    from tests.factories.articles import make_document

    propose(program)
    actor = join(app, ARUN)
    with app.app_context(), transaction(db.session):
        article = db.session.scalars(select(Article)).one()
        newest = db.session.scalars(select(Revision).where(Revision.number == 2)).one()
        writing.save_revision(actor=actor, article=article, document=make_document(), based_on_id=newest.id)
    with app.test_client() as client:
        signed_in(client, ARUN)
        assert "night bot" in client.get("/postmortems/disk-full/revisions/3").text
        assert "night bot" not in client.get("/postmortems/disk-full/revisions/1").text


def test_labels_cannot_be_changed_or_taken_away(app: Flask, program: Program) -> None:
    propose(program)
    for statement in ("UPDATE program_labels SET program = 'somebody'", "DELETE FROM program_labels"):
        with app.app_context(), pytest.raises(Exception, match="labelled for ever"):
            db.session.connection().exec_driver_sql(statement)
    with app.app_context():
        assert db.session.scalars(select(ProgramLabel.program)).all() == ["night bot"]


def test_the_header_names_the_model_and_the_token_otherwise(app: Flask, program: Program) -> None:
    made = propose(program, **{"Hindsight-Model": "m-2 (2026)"})
    assert made.json["program"]["model"] == "m-2 (2026)"
    assert "m-2 (2026)" in made.json["note"]
    for wrong in ("x" * 121, "caf\xe9"):
        answer = propose(program, **{"Hindsight-Model": wrong})
        assert (answer.status_code, answer.json["faults"][0]["path"]) == (400, "Hindsight-Model")


def test_revisions_are_listed_as_their_page_shows_them(app: Flask, program: Program, client: Visitor) -> None:
    propose(program)
    mine, public = program.get(f"{PATH}/revisions").json, client.get(f"/api/v1{PATH}/revisions").json
    assert [one["number"] for one in mine["items"]] == [2, 1]
    assert [(one["number"], one["state"]) for one in public["items"]] == [(1, "live")]
    assert public["items"][0]["created_by"] == "Arun" and public["items"][0]["program"] is None
    for path in (f"{PATH}/revisions?page=2", f"{PATH}/revisions/9", f"{PATH}/revisions/0", "/articles/x/revisions"):
        assert program.get(path).status_code == 404
    assert program.get(f"{PATH}/revisions?page=x").status_code == 400
    assert a_program(app, ADA, "comment").get(f"{PATH}/revisions").status_code == 403
