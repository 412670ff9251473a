"""What the checks find is mended, or left with a reason, before a review: by form, API and command alike."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from blog.articles.document import parse_document_text
from blog.articles.models import Article, Revision
from blog.checks import waiver_changes
from blog.checks.document_checks import findings_of
from blog.checks.waiver_models import CheckWaiver
from blog.editor import reviewing
from blog.errors import Invalid, NotAllowed
from blog.extensions import db
from blog.journal.models import Event
from tests.api.callers import a_program
from tests.editor.editor_pages import as_person, form_of
from tests.factories.articles import make_draft, make_submitted
from tests.people import ARUN, MIA, ROSA, join

CLAIM = {"id": "c1", "text": "It was an agent.", "claimant": "A paper", "role": "journalist"}
FAULTY: dict[str, Any] = {
    "body": "The alert should have fired.",
    "claims": [CLAIM],
    "actions": [{"id": "a1", "text": "Add a gate"}],
}
WHY = "The paper named nobody."


def fingerprints(revision: Revision) -> list[str]:
    return [one.fingerprint for one in findings_of(parse_document_text(revision.document))]


def state_of(app: Flask, revision_id: int) -> str:
    with app.app_context():
        return db.session.get_one(Revision, revision_id).state


def waivers(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        rows = db.session.scalars(select(CheckWaiver).order_by(CheckWaiver.id))
        return [(row.check_name, row.reason) for row in rows]


def test_a_draft_with_findings_is_refused_with_each_of_them(app: Flask) -> None:
    draft = make_draft(app, **FAULTY)
    with app.app_context(), pytest.raises(Invalid) as caught:
        revision = db.session.get_one(Revision, draft.id)
        reviewing.submit(actor=join(app, ARUN), revision=revision, article=revision_article(revision))
    assert [fault.path for fault in caught.value.faults] == ["claims.0.source", "actions.0.owner_role", "body"]
    assert [fault.fingerprint for fault in caught.value.faults] == fingerprints(draft)


def revision_article(revision: Revision) -> Article:
    return db.session.get_one(Article, revision.article_id)


def test_reasons_open_the_way_and_are_kept(app: Flask) -> None:
    draft = make_draft(app, **FAULTY)
    page = as_person(app, ARUN).get(f"/editor/revisions/{draft.id}/checks")
    assert page.text.count("Leave it so, with a reason") == 3
    first, *others = fingerprints(draft)
    answer = as_person(app, ARUN).post(f"/editor/revisions/{draft.id}/checks", data={f"waive-{first}": f" {WHY} "})
    assert answer.headers["Location"].endswith(f"/editor/revisions/{draft.id}/checks")
    assert waivers(app) == [("claim-without-source", WHY)]
    assert as_person(app, ARUN).post(f"/editor/revisions/{draft.id}/submit").status_code == 400
    data = {f"waive-{one}": "It is right as it stands." for one in others}
    answer = as_person(app, ARUN).post(f"/editor/revisions/{draft.id}/checks", data=data)
    assert answer.headers["Location"].endswith(f"/editor/revisions/{draft.id}")
    assert as_person(app, ARUN).post(f"/editor/revisions/{draft.id}/submit").status_code == 303
    assert state_of(app, draft.id) == "submitted"
    review = as_person(app, ROSA).get(f"/editor/revisions/{draft.id}").text
    assert WHY in review and "Arun" in review


def test_a_waiver_is_in_the_journal_with_its_reason(app: Flask) -> None:
    draft = make_draft(app, claims=[CLAIM])
    as_person(app, ARUN).post(f"/editor/revisions/{draft.id}/checks", data={f"waive-{fingerprints(draft)[0]}": WHY})
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.kind == "article.check_waived")).one()
        assert (event.subject_type, event.subject_id, event.reason) == ("article", draft.article_id, WHY)
        assert event.data == {"check": "claim-without-source", "place": "claims.c1.source", "revision": draft.id}


def test_a_waiver_holds_in_later_revisions_until_its_text_changes(app: Flask) -> None:
    draft, client = make_draft(app, claims=[CLAIM]), as_person(app, ARUN)
    client.post(f"/editor/revisions/{draft.id}/checks", data={f"waive-{fingerprints(draft)[0]}": WHY})
    address = f"/editor/articles/{draft.article_id}"
    page = client.get(address)
    assert WHY in page.text and "left it so" in page.text
    assert client.post(address, data={**form_of(page), "summary": "Another", "submit": "1"}).status_code == 303
    assert state_of(app, draft.id + 1) == "submitted"
    changed = {**form_of(client.get(address)), "claims-0-text": "It was a person.", "submit": "1"}
    assert client.post(address, data=changed).status_code == 400
    assert len(waivers(app)) == 1


def test_the_form_shows_findings_beside_their_fields_and_takes_reasons(app: Flask) -> None:
    draft, client = make_draft(app, **FAULTY), as_person(app, ARUN)
    address = f"/editor/articles/{draft.article_id}"
    page = client.get(address)
    for field in ("body", "claims-0-source", "actions-0-owner_role"):
        assert f'id="f-{field}-checks"' in page.text
    typed = {**form_of(page), "summary": "Typed meanwhile", "submit": "1"}
    first, *others = fingerprints(draft)
    refused = client.post(address, data={**typed, f"waive-{first}": WHY})
    assert refused.status_code == 400
    assert "or a reason to stay" in refused.text
    assert form_of(refused)[f"waive-{first}"] == WHY  # nothing typed is lost
    assert form_of(refused)["summary"] == "Typed meanwhile"
    assert waivers(app) == [], "nothing is saved yet"
    again = {**form_of(refused), **{f"waive-{one}": "Right as it stands." for one in others}, "submit": "1"}
    assert client.post(address, data=again).status_code == 303
    assert state_of(app, draft.id + 1) == "submitted"
    assert [reason for _, reason in waivers(app)] == [WHY, "Right as it stands.", "Right as it stands."]


def test_a_reason_typed_while_saving_a_draft_is_kept(app: Flask) -> None:
    draft, client = make_draft(app, claims=[CLAIM]), as_person(app, ARUN)
    address = f"/editor/articles/{draft.article_id}"
    typed = {**form_of(client.get(address)), f"waive-{fingerprints(draft)[0]}": WHY, "summary": "New", "save": "1"}
    assert client.post(address, data=typed).status_code == 303
    assert waivers(app) == [("claim-without-source", WHY)]
    assert state_of(app, draft.id + 1) == "draft"


def test_a_row_that_moved_keeps_its_finding_beside_it(app: Flask) -> None:
    source = {"sources": [{"id": "s1", "title": "The paper"}]}
    fine = {**CLAIM, "id": "c2", "source": "s1"}
    draft, client = make_draft(app, claims=[CLAIM, fine], **source), as_person(app, ARUN)
    page = client.get(f"/editor/articles/{draft.article_id}")
    moved = client.post(f"/editor/articles/{draft.article_id}", data={**form_of(page), "move": "claims-0-down"})
    assert 'id="f-claims-1-source-checks"' in moved.text
    assert 'id="f-claims-0-source-checks"' not in moved.text


def test_the_plain_text_mode_tells_and_takes_reasons_too(app: Flask) -> None:
    draft, client = make_draft(app, claims=[CLAIM]), as_person(app, ARUN)
    address = f"/editor/articles/{draft.article_id}/text"
    page = client.get(address)
    assert "What the checks found" in page.text
    typed = {**form_of(page), "text": form_of(page)["text"] + "\nMore.", "submit": "1"}
    assert client.post(address, data=typed).status_code == 400
    typed[f"waive-{fingerprints(draft)[0]}"] = WHY
    assert client.post(address, data=typed).status_code == 303
    assert state_of(app, draft.id + 1) == "submitted"


def test_a_blank_reason_waives_nothing(app: Flask) -> None:
    draft = make_draft(app, claims=[CLAIM])
    for reason in ("", "  ", "\n\t"):
        data = {f"waive-{fingerprints(draft)[0]}": reason}
        as_person(app, ARUN).post(f"/editor/revisions/{draft.id}/checks", data=data)
    assert waivers(app) == []


@pytest.mark.parametrize(("reason", "status"), [("x" * 1_001, 422), ("half \ud800", 400)])
def test_a_reason_that_cannot_be_kept_comes_back(app: Flask, reason: str, status: int) -> None:
    draft = make_draft(app, claims=[CLAIM])
    with app.app_context(), pytest.raises(Invalid) as caught:
        revision = db.session.get_one(Revision, draft.id)
        article, actor = revision_article(revision), join(app, ARUN)
        given = {fingerprints(draft)[0]: reason}
        waiver_changes.waive(actor=actor, article=article, revision=revision, waivers=given)
    assert caught.value.status == status
    if reason.isprintable():
        field = f"waive-{fingerprints(draft)[0]}"
        answer = as_person(app, ARUN).post(f"/editor/revisions/{draft.id}/checks", data={field: reason})
        assert answer.status_code == status
        assert reason in answer.text
        answer = as_person(app, ARUN).post(
            f"/editor/articles/{draft.article_id}",
            data={**form_of(as_person(app, ARUN).get(f"/editor/articles/{draft.article_id}")), field: reason,
                  "summary": "New", "submit": "1"},
        )  # fmt: skip
        assert answer.status_code == status
        assert form_of(answer)[field] == reason


def test_a_fingerprint_that_nothing_has_is_passed_over(app: Flask) -> None:
    draft = make_draft(app, claims=[CLAIM])
    data = {"waive-" + "0" * 32: "x", "waive-": "y", "waive-<b>": "z"}
    assert as_person(app, ARUN).post(f"/editor/revisions/{draft.id}/checks", data=data).status_code == 303
    assert waivers(app) == []


def test_a_waiver_of_one_write_up_is_none_of_another(app: Flask) -> None:
    one, other = make_draft(app, claims=[CLAIM]), make_draft(app, claims=[CLAIM])
    assert fingerprints(one) == fingerprints(other)
    as_person(app, ARUN).post(f"/editor/revisions/{one.id}/checks", data={f"waive-{fingerprints(one)[0]}": WHY})
    assert as_person(app, ARUN).post(f"/editor/revisions/{one.id}/submit").status_code == 303
    assert as_person(app, ARUN).post(f"/editor/revisions/{other.id}/submit").status_code == 400


def test_only_who_may_submit_it_waives_anything(app: Flask) -> None:
    draft, submitted = make_draft(app, claims=[CLAIM]), make_submitted(app, claims=[CLAIM])
    for person, revision in ((MIA, draft), (ARUN, submitted)):
        with app.app_context(), pytest.raises(NotAllowed):
            row = db.session.get_one(Revision, revision.id)
            given = {fingerprints(revision)[0]: WHY}
            article = revision_article(row)
            waiver_changes.waive(actor=join(app, person), article=article, revision=row, waivers=given)
    assert as_person(app, ARUN).get(f"/editor/revisions/{submitted.id}/checks").status_code == 200


def test_a_program_is_refused_with_fingerprints_and_waives_with_reasons(app: Flask) -> None:
    program = a_program(app, ARUN, "propose")
    document = {"title": "Queue full", "body": "It stopped.", "claims": [CLAIM]}
    refused = program.post("/articles", document)
    assert refused.status_code == 400
    (fault,) = refused.json["faults"]
    assert fault["path"] == "claims.0.source"
    with app.app_context():
        assert db.session.scalars(select(Article)).all() == []
    waived = {**document, "waivers": [{"fingerprint": fault["fingerprint"], "reason": WHY}]}
    assert program.post("/articles", waived).status_code == 201
    assert waivers(app) == [("claim-without-source", WHY)]
    with app.app_context():
        kept = parse_document_text(db.session.scalars(select(Revision.document)).one())
        assert kept.claims[0].text == CLAIM["text"]  # the waivers are no part of the document
        assert "waivers" not in kept.canonical()


WRONG: list[tuple[Any, str]] = [
    ("x", "waivers"),
    ([{"fingerprint": "x", "reason": "y"}], "waivers.0.fingerprint"),
    ([{"fingerprint": "0" * 32}], "waivers.0.reason"),
    ([{"fingerprint": "0" * 32, "reason": ""}], "waivers.0.reason"),
    ([{"fingerprint": "0" * 32, "reason": "x" * 1_001}], "waivers.0.reason"),
    ([{"fingerprint": "0" * 32, "reason": "x", "by": "me"}], "waivers.0.by"),
]


def test_waivers_of_programs_are_checked_like_everything_else(app: Flask) -> None:
    program = a_program(app, ARUN, "propose")
    for sent, path in WRONG:
        answer = program.post("/articles", {"title": "A", "body": "B", "waivers": sent})
        assert answer.status_code in (400, 422)
        assert [fault["path"] for fault in answer.json["faults"]] == [path]


def test_the_command_refuses_the_same_and_takes_reasons(app: Flask) -> None:
    draft, run = make_draft(app, slug="queue", claims=[CLAIM]), app.test_cli_runner().invoke
    by = ["--by", ARUN.email]
    told = run(args=["articles", "check", "queue", *by])
    assert told.exit_code == 1 and fingerprints(draft)[0] in told.output
    refused = run(args=["articles", "submit", "queue", *by])
    assert refused.exit_code == 1 and "claims.0.source" in refused.output
    assert state_of(app, draft.id) == "draft"
    assert run(args=["articles", "submit", "queue", "--by", MIA.email]).exit_code == 1
    done = run(args=["articles", "submit", "queue", *by, "--waive", f"{fingerprints(draft)[0]}={WHY}"])
    assert done.exit_code == 0, done.output
    assert state_of(app, draft.id) == "submitted"
    assert "Nothing stands in the way" in run(args=["articles", "check", "queue", *by]).output


def test_a_note_of_ten_lines_is_submitted_at_once(app: Flask) -> None:
    draft = make_draft(app)
    assert "Nothing was found" in as_person(app, ARUN).get(f"/editor/revisions/{draft.id}/checks").text
    assert as_person(app, ARUN).post(f"/editor/revisions/{draft.id}/submit").status_code == 303


def test_what_looks_like_a_secret_is_in_no_answer_but_its_own_field(app: Flask) -> None:
    key = "AKIAIOSFODNN7ABCDEFG"
    draft = make_draft(app, body=f"It used {key} all day.")
    assert key not in as_person(app, ARUN).get(f"/editor/revisions/{draft.id}/checks").text
    as_person(app, ARUN).post(
        f"/editor/revisions/{draft.id}/checks", data={f"waive-{fingerprints(draft)[0]}": "Revoked."}
    )
    with app.app_context():
        assert key not in " ".join(str(event.data) + event.reason for event in db.session.scalars(select(Event)))
