"""Remarks on lines of a revision: made, answered, settled, carried to the next revision; never read by readers."""

import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from blog.articles import writing
from blog.articles.models import Article, Revision
from blog.editor import remarking
from blog.editor.lines import MAX_LINES, nearest, places_of, texts_of
from blog.editor.remark_models import Remark
from blog.errors import Conflict, Invalid, NotAllowed
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.database import writing as transaction
from tests.editor.editor_pages import as_person
from tests.factories.articles import make_document, make_draft, make_published, make_submitted
from tests.factories.remarks import make_remark
from tests.people import ADA, ARUN, MIA, MOSS, RAVI, ROSA, Person, join

BODY = "The log was never rotated.\n\nIt is rotated every hour now.\n\nNobody noticed."


def remarks(app: Flask) -> list[Remark]:
    with app.app_context():
        return list(db.session.scalars(select(Remark).order_by(Remark.id)))


def kinds(app: Flask) -> list[str]:
    with app.app_context():
        wanted = select(Event.kind).where(Event.subject_type == "remark").order_by(Event.id)
        return list(db.session.scalars(wanted))


def next_revision(app: Flask, revision: Revision, **changes: Any) -> Revision:
    arun = join(app, ARUN)
    with app.app_context(), transaction(db.session):
        article = db.session.get_one(Article, revision.article_id)
        return writing.save_revision(
            actor=arun, article=article, document=make_document(**changes), based_on_id=revision.id
        )


def test_the_lines_of_a_document_have_names() -> None:
    document = make_document(
        title="T",
        body=BODY,
        tags=["a", "b"],
        timeline=[{"at": "2025-12-14T09:30Z", "text": "It began.\nSlowly."}],
        incidents=[{"services": ["Mailer"], "factors": [{"name": "No alarm"}]}],
    )
    texts = texts_of(document)
    assert texts["title"] == ["T"]
    assert texts["body"] == BODY.split("\n")
    assert texts["tags"] == ["a", "b"]
    assert texts["timeline.t1.text"] == ["It began.", "Slowly."]
    assert texts["incidents.i1.factors.f1.name"] == ["No alarm"]


def test_a_line_is_found_again_nearest_to_its_old_place() -> None:
    places = places_of(["same", "other", "same", "same"], {"same", "gone"})
    assert places == {"same": [1, 3, 4], "gone": []}
    assert [nearest(places["same"], number) for number in (1, 3, 4, 9)] == [1, 3, 4, 4]
    assert nearest(places["same"], 2) in (1, 3)
    assert nearest(places["gone"], 2) == 0


def test_a_reviewer_remarks_on_a_line(app: Flask) -> None:
    submitted, rosa = make_submitted(app, body=BODY), as_person(app, ROSA)
    page = rosa.get(f"/editor/revisions/{submitted.id}").text
    address = f"/editor/revisions/{submitted.id}/remarks/new?path=body&amp;line=3"
    assert address in page
    form = rosa.get(address.replace("&amp;", "&")).text
    assert "It is rotated every hour now." in form
    text = "Since <b>when</b>?"
    sent = {"path": "body", "line": "3", "text": text, "show": "all"}
    answer = rosa.post(f"/editor/revisions/{submitted.id}/remarks", data=sent)
    assert answer.status_code == 303
    remark = remarks(app)[0]
    assert answer.headers["Location"] == f"/editor/revisions/{submitted.id}?show=all#remark-{remark.id}"
    assert (remark.path, remark.line, remark.quote) == ("body", 3, "It is rotated every hour now.")
    page = as_person(app, ARUN).get(f"/editor/revisions/{submitted.id}").text
    assert "Since &lt;b&gt;when&lt;/b&gt;?" in page
    assert page.index('id="line.body.3"') < page.index(f'id="remark-{remark.id}"') < page.index('id="line.body.4"')
    assert kinds(app) == ["remark.made"]


def test_what_is_said_is_answered_settled_and_opened_again(app: Flask) -> None:
    submitted = make_submitted(app)
    remark = make_remark(app, submitted)
    arun = as_person(app, ARUN)
    assert arun.post(f"/editor/remarks/{remark.id}/answer", data={"text": "I would not."}).status_code == 303
    assert "I would not." in as_person(app, ROSA).get(f"/editor/revisions/{submitted.id}").text
    assert arun.post(f"/editor/remarks/{remark.id}/resolve").status_code == 303
    assert "Settled by Arun" in arun.get(f"/editor/revisions/{submitted.id}").text
    assert arun.post(f"/editor/remarks/{remark.id}/resolve").status_code == 409
    assert as_person(app, ROSA).post(f"/editor/remarks/{remark.id}/reopen").status_code == 303
    assert remarks(app)[0].resolved_by_id is None
    assert as_person(app, ROSA).post(f"/editor/remarks/{remark.id}/reopen").status_code == 409
    assert kinds(app) == ["remark.made", "remark.answered", "remark.resolved", "remark.reopened"]


def test_an_open_remark_goes_with_its_line_into_the_next_revision(app: Flask) -> None:
    submitted = make_submitted(app, body=BODY)
    stays = make_remark(app, submitted, path="body", line=3, text="Since when?")
    goes = make_remark(app, submitted, path="body", line=5, text="Really nobody?")
    settled = make_remark(app, submitted, path="body", line=1, text="Which log?", settled=True)
    later = next_revision(app, submitted, body="A new beginning.\n\n" + BODY.replace("Nobody", "One person"))
    page = as_person(app, ROSA).get(f"/editor/revisions/{later.id}").text
    assert page.index('id="line.body.5"') < page.index(f'id="remark-{stays.id}"') < page.index('id="line.body.6"')
    assert page.index(f'id="remark-{goes.id}"') < page.index('id="line.title.1"')  # its line is no more
    assert "where this line said: <q>Nobody noticed.</q>" in page
    assert f'id="remark-{settled.id}"' not in page
    sent = {"on": str(later.id), "text": "Two did."}
    answer = as_person(app, ARUN).post(f"/editor/remarks/{goes.id}/answer", data=sent)
    assert answer.headers["Location"] == f"/editor/revisions/{later.id}#remark-{goes.id}"


def test_a_form_names_no_revision_of_another_write_up(app: Flask) -> None:
    remark = make_remark(app, make_submitted(app))
    other = make_submitted(app)
    assert as_person(app, ROSA).post(f"/editor/remarks/{remark.id}/resolve", data={"on": other.id}).status_code == 404


def test_open_remarks_are_counted_where_the_verdict_is_given(app: Flask) -> None:
    submitted = make_submitted(app)
    make_remark(app, submitted)
    make_remark(app, submitted, settled=True)
    assert "It has 1 open remark." in as_person(app, RAVI).get(f"/editor/revisions/{submitted.id}").text
    assert "1 open remark</strong>" in as_person(app, RAVI).get("/editor/queue").text


def test_a_remark_on_a_line_that_did_not_change_is_shown_all_the_same(app: Flask) -> None:
    body = "\n\n".join(f"Paragraph {number}." for number in range(30))
    article = make_published(app, body=body)
    with app.app_context():
        live = db.session.get_one(Revision, article.live_revision_id)
    later = next_revision(app, live, title=article.title, body=body.replace("Paragraph 29", "The end"))
    remark = make_remark(app, later, path="body", line=1)
    rosa = as_person(app, ROSA)
    changes = rosa.get(f"/editor/revisions/{later.id}").text
    assert "Paragraph 0." in changes[: changes.index('id="document"')]  # quoted with the remark
    assert 'id="line.body.1"' not in changes
    assert 'id="line.body.59"' in changes
    whole = rosa.get(f"/editor/revisions/{later.id}?show=all").text
    assert whole.index('id="line.body.1"') < whole.index(f'id="remark-{remark.id}"') < whole.index('id="line.body.2"')


@pytest.mark.parametrize(("path", "line"), [("body", 99), ("body", 0), ("nothing", 1), ("", 1), ("title", 2)])
def test_there_are_no_remarks_on_lines_that_are_not_there(app: Flask, path: str, line: int) -> None:
    submitted, rosa = make_submitted(app), as_person(app, ROSA)
    with pytest.raises(Invalid) as caught:
        make_remark(app, submitted, path=path, line=line)
    assert caught.value.at("line")
    sent = {"path": path, "line": str(line), "text": "Hm."}
    assert rosa.post(f"/editor/revisions/{submitted.id}/remarks", data=sent).status_code == 400
    assert rosa.get(f"/editor/revisions/{submitted.id}/remarks/new?path={path}&line={line}").status_code == 400
    assert remarks(app) == []


@pytest.mark.parametrize(("text", "status"), [("", 400), (" \n ", 400), ("x" * 4_001, 422)])
def test_a_remark_that_cannot_be_kept_comes_back(app: Flask, text: str, status: int) -> None:
    submitted, rosa = make_submitted(app), as_person(app, ROSA)
    made = make_remark(app, submitted)
    sent = {"path": "title", "line": "1", "text": text}
    for address in (f"/editor/revisions/{submitted.id}/remarks", f"/editor/remarks/{made.id}/answer"):
        for headers in ({}, {"X-Requested-With": "fetch"}):
            answer = rosa.post(address, data=sent, headers=headers)
            assert answer.status_code == status
            assert "-error" in answer.text
            assert text.strip() in answer.text
    assert len(remarks(app)) == 1


def test_a_revision_has_a_bounded_number_of_remarks(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remarking, "MAX_REMARKS", 2)
    submitted = make_submitted(app)
    first = make_remark(app, submitted)
    make_remark(app, submitted)
    with pytest.raises(Invalid, match="at most 2"):
        make_remark(app, submitted)
    assert as_person(app, ARUN).post(f"/editor/remarks/{first.id}/answer", data={"text": "So?"}).status_code == 400


def test_an_answer_is_answered_below_the_same_remark_and_not_settled_alone(app: Flask) -> None:
    remark = make_remark(app, make_submitted(app))
    arun = as_person(app, ARUN)
    arun.post(f"/editor/remarks/{remark.id}/answer", data={"text": "One."})
    answer = remarks(app)[1]
    arun.post(f"/editor/remarks/{answer.id}/answer", data={"text": "Two."})
    assert [one.answers_id for one in remarks(app)] == [None, remark.id, remark.id]
    assert arun.post(f"/editor/remarks/{answer.id}/resolve").status_code == 400


def test_a_script_gets_the_piece_alone(app: Flask) -> None:
    submitted, rosa = make_submitted(app), as_person(app, ROSA)
    headers = {"X-Requested-With": "fetch"}
    form = rosa.get(f"/editor/revisions/{submitted.id}/remarks/new?path=title&line=1", headers=headers).text
    assert form.lstrip().startswith("<form")
    sent = {"path": "title", "line": "1", "text": "Shorter."}
    made = rosa.post(f"/editor/revisions/{submitted.id}/remarks", data=sent, headers=headers)
    assert made.status_code == 201
    assert made.text.lstrip().startswith("<div")
    settled = rosa.post(f"/editor/remarks/{remarks(app)[0].id}/resolve", headers=headers).text
    assert "data-open" not in settled
    assert "Open it again" in settled


@pytest.mark.parametrize("person", [MIA, MOSS, Person("Olga", ARUN.role)], ids=lambda person: person.name)
def test_nobody_else_reads_or_makes_remarks_on_a_draft(app: Flask, person: Person) -> None:
    submitted = make_submitted(app, slug="unseen")
    remark = make_remark(app, submitted, text="Between us.")
    client = as_person(app, person)
    for path in (f"/editor/revisions/{submitted.id}", "/postmortems/unseen", "/postmortems/unseen/revisions/1"):
        assert "Between us." not in client.get(path).text
    sent = {"path": "title", "line": "1", "text": "Me too."}
    assert client.post(f"/editor/revisions/{submitted.id}/remarks", data=sent).status_code in (403, 404)
    for act in ("answer", "resolve", "reopen"):
        assert client.post(f"/editor/remarks/{remark.id}/{act}", data=sent).status_code in (403, 404)
    with pytest.raises(NotAllowed):
        make_remark(app, submitted, user=person)
    assert len(remarks(app)) == 1


def test_readers_never_see_what_was_said_before_publishing(app: Flask) -> None:
    submitted = make_submitted(app, slug="seen")
    make_remark(app, submitted, text="Between us.")
    rosa = as_person(app, ROSA)
    rosa.post(f"/editor/revisions/{submitted.id}/approve", data={"hash": submitted.document_hash, "publish": "1"})
    for path in ("/postmortems/seen", "/postmortems/seen/revisions/1", "/api/v1/articles/seen", "/feed.atom"):
        answer = app.test_client().get(path)
        assert answer.status_code == 200
        assert "Between us." not in answer.text


def test_what_is_live_takes_no_more_remarks_and_what_is_open_can_be_settled(app: Flask) -> None:
    article = make_published(app)
    with app.app_context():
        live = db.session.get_one(Revision, article.live_revision_id)
    with pytest.raises(NotAllowed):
        make_remark(app, live)
    draft = make_draft(app)
    remark = make_remark(app, draft)
    next_revision(app, draft)
    assert as_person(app, ARUN).post(f"/editor/remarks/{remark.id}/resolve").status_code == 303


def test_settling_twice_is_a_conflict_in_the_data_layer(app: Flask) -> None:
    submitted = make_submitted(app)
    remark, ada = make_remark(app, submitted, settled=True), join(app, ADA)
    with app.app_context(), transaction(db.session), pytest.raises(Conflict):
        article = db.session.get_one(Article, submitted.article_id)
        remarking.resolve_remark(actor=ada, remark=db.session.get_one(Remark, remark.id), article=article)


def test_a_line_that_moved_is_looked_for_once_however_many_remarks_are_carried() -> None:
    lines, before = ["same"] * 60_000, time.process_time()
    places = places_of(lines, {"same"})
    assert [nearest(places["same"], number) for number in range(1, 2_001)] == list(range(1, 2_001))
    assert time.process_time() - before < 2  # measured: 0.01; each by itself took 10


def test_a_text_of_very_many_lines_is_one_piece_with_its_remarks_above(app: Flask) -> None:
    submitted = make_submitted(app, body="a\n" * (MAX_LINES + 10) + "end")
    make_remark(app, submitted, path="body", line=50, text="Say it in fewer lines.")
    page = as_person(app, ARUN).get(f"/editor/revisions/{submitted.id}").text
    assert "Say it in fewer lines." in page
    assert page.count("line=") < 20, "no link for each line"
    assert page.count("a\n") > MAX_LINES, "all of it is there"
