"""Writing in the form: POST /editor/articles, POST /editor/articles/<id>, and the buttons that save nothing."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog.articles.document import parse_document_text
from blog.articles.models import Article, Revision, RevisionAuthor
from blog.editor import form_views
from blog.errors import Busy
from blog.extensions import db
from blog.journal.models import Event
from tests.editor.editor_pages import as_person, form_of, invalid_fields
from tests.factories.articles import make_draft, make_published
from tests.people import ADA, ARUN, MIA, MOSS, ROSA, Person
from tests.visitor import Visitor

PLAIN = {"title": "Queue stood still", "summary": "One lock.", "body": "## What\n\nA lock.", "tags": "queues, locks"}


def newest_document(app: Flask, article_id: int) -> Any:
    with app.app_context():
        wanted = select(Revision.document).where(Revision.article_id == article_id).order_by(Revision.number.desc())
        return parse_document_text(db.session.scalars(wanted.limit(1)).one())


def count(app: Flask, row: Any) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(row)) or 0


def test_title_summary_body_and_tags_are_enough_for_a_draft(app: Flask) -> None:
    client = as_person(app, ARUN)
    answer = client.post("/editor/articles", data=PLAIN)
    assert answer.status_code in (302, 303)
    assert answer.headers["Location"] == "/editor/articles/1"
    document = newest_document(app, 1)
    assert (document.title, document.summary, document.body) == (PLAIN["title"], "One lock.", "## What\n\nA lock.")
    assert document.tags == ["queues", "locks"]
    with app.app_context():
        article = db.session.get_one(Article, 1)
        assert (article.state, article.slug) == ("draft", "queue-stood-still")
        assert db.session.scalars(select(Event.kind)).all() == ["article.created"]


def test_title_and_body_alone_are_enough(app: Flask) -> None:
    answer = as_person(app, ARUN).post("/editor/articles", data={"title": "T", "body": "B"})
    assert answer.status_code in (302, 303)


@pytest.mark.parametrize("person", [ARUN, ROSA, ADA], ids=lambda person: person.role)
def test_writers_see_the_form(app: Flask, person: Person) -> None:
    client = as_person(app, person)
    for address in ("/editor/", "/editor/new", "/editor/new/text"):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("person", [MIA, MOSS], ids=lambda person: person.role)
def test_members_and_moderators_do_not_write(app: Flask, person: Person) -> None:
    client = as_person(app, person)
    assert client.get("/editor/").status_code == 403
    assert client.post("/editor/articles", data=PLAIN).status_code == 403
    assert count(app, Article) == 0


def test_a_reader_is_sent_to_sign_in(client: Visitor) -> None:
    answer = client.get("/editor/new")
    assert answer.status_code == 303
    assert "/account/login" in answer.headers["Location"]
    assert client.post("/editor/articles", data=PLAIN).status_code == 403


def test_nothing_is_written_without_a_token(app: Flask) -> None:
    client = as_person(app, ARUN)
    assert client.post("/editor/articles", data=PLAIN, with_token=False).status_code == 400
    assert count(app, Article) == 0


def test_fields_nobody_asked_for_are_ignored(app: Flask) -> None:
    extra = {"state": "published", "role": "admin", "created_by_id": "9", "live_revision_id": "1", "timeline-0-x": "y"}
    as_person(app, ARUN).post("/editor/articles", data={**PLAIN, **extra})
    with app.app_context():
        article = db.session.get_one(Article, 1)
        assert (article.state, article.live_revision_id) == ("draft", None)


def test_faults_stand_beside_their_fields_and_nothing_typed_is_lost(app: Flask) -> None:
    typed = {
        **PLAIN,
        "title": "",
        "tags": "x" * 41,
        "timeline-0-at": "yesterday",
        "timeline-0-text": "It <b>stopped</b>",
        "claims-0-text": "Nobody knew",
        "incidents-0-times-started": "2025-13",
        "incidents-0-permissions-0-granted": "everything",
        "sources-0-url": "javascript:alert(1)",
        "note": "first try",
    }
    answer = as_person(app, ARUN).post("/editor/articles", data=typed)
    assert answer.status_code == 400
    assert invalid_fields(answer) == {
        "title",
        "tags",
        "timeline-0-at",
        "claims-0-claimant",
        "claims-0-role",
        "incidents-0-times-started",
        "incidents-0-permissions-0-holder",
        "sources-0-url",
    }
    shown = form_of(answer)
    assert {name: shown[name] for name in typed if name != "note"} == {
        name: value for name, value in typed.items() if name != "note"
    }
    assert '<a href="#f-timeline-0-at">Timeline 1: When</a>' in answer.text
    assert re.search(r'role="alert" tabindex="-1" autofocus id="faults"', answer.text)
    assert "It &lt;b&gt;stopped&lt;/b&gt;" in answer.text
    assert count(app, Article) == 0


def test_each_button_of_a_row_names_its_row(app: Flask) -> None:
    typed = {"timeline-0-text": "It began", "timeline-1-text": "It ended"}
    page = as_person(app, ARUN).post("/editor/articles", data={**PLAIN, **typed, "preview": "1"}).text
    named = re.findall(r'<button name="(?:move|remove)"[^>]*>([^<]+)<span class="visually-hidden">([^<]+)</span>', page)
    assert ("Move down", " entry 1") in named and ("Move up", " entry 2") in named
    assert len(named) == len(set(named)) == 4


def test_a_slug_that_is_taken_is_said_at_the_field(app: Flask) -> None:
    make_draft(app, slug="dns-outage")
    answer = as_person(app, ARUN).post("/editor/articles", data={**PLAIN, "slug": "dns-outage"})
    assert answer.status_code == 400
    assert invalid_fields(answer) == {"slug"}
    assert "is, or was, that of another write-up" in answer.text
    assert form_of(answer)["body"].replace("\r\n", "\n") == PLAIN["body"]


def test_a_body_that_is_too_long_is_refused_at_the_field(app: Flask) -> None:
    answer = as_person(app, ARUN).post("/editor/articles", data={**PLAIN, "body": "x" * 200_001})
    assert answer.status_code == 422
    assert invalid_fields(answer) == {"body"}


def test_a_nul_is_refused(app: Flask) -> None:
    assert as_person(app, ARUN).post("/editor/articles", data={**PLAIN, "body": "a\x00b"}).status_code == 400
    assert count(app, Article) == 0


def test_more_than_a_mebibyte_is_refused_before_it_is_read(app: Flask) -> None:
    answer = as_person(app, ARUN).post("/editor/articles", data={**PLAIN, "body": "x" * (1024 * 1024 + 1)})
    assert answer.status_code == 413
    assert count(app, Article) == 0


def test_a_write_up_with_hundreds_of_rows_is_taken(app: Flask) -> None:
    rows = {f"timeline-{place}-text": f"Step {place}" for place in range(300)}
    rows |= {f"timeline-{place}-at": "2025-12-14 09:30 UTC" for place in range(300)}
    answer = as_person(app, ARUN).post("/editor/articles", data={**PLAIN, **rows})
    assert answer.status_code == 303
    assert len(newest_document(app, 1).timeline) == 300


def test_the_edit_page_shows_what_was_saved_and_saving_it_again_changes_nothing(app: Flask) -> None:
    draft = make_draft(
        app,
        timeline=[{"at": "2025-12-14 09:30 UTC", "text": "It began", "source": "s1", "marker": "trigger"}],
        sources=[{"title": "A paper", "primary": False, "accessed_on": "2026-01-02"}],
        incidents=[{"services": ["Queue"], "permissions": [{"holder": "agent"}], "regions": ["a", "b"]}],
    )
    client = as_person(app, ARUN)
    address = f"/editor/articles/{draft.article_id}"
    fields = form_of(client.get(address))
    assert fields["timeline-0-at"] == "2025-12-14 09:30 UTC"
    assert fields["timeline-0-source"] == "s1"
    assert fields["sources-0-primary"] == "no"
    assert fields["incidents-0-services-0-name"] == "Queue"
    assert fields["based_on_id"] == str(draft.id)
    assert client.post(address, data=fields).status_code == 303
    assert count(app, Revision) == 1


def test_a_save_makes_the_next_revision_and_keeps_row_ids(app: Flask) -> None:
    draft = make_draft(app, timeline=[{"text": "one"}, {"text": "two"}])
    client = as_person(app, ARUN)
    address = f"/editor/articles/{draft.article_id}"
    fields = form_of(client.get(address)) | {"timeline-0-text": "", "note": "Shorter"}
    assert client.post(address, data=fields).status_code == 303
    document = newest_document(app, draft.article_id)
    assert [(row.id, row.text) for row in document.timeline] == [("t2", "two")]
    with app.app_context():
        kinds = db.session.scalars(select(Event.kind).order_by(Event.id)).all()
        assert kinds == ["article.created", "article.revised"]


def test_a_sender_of_the_plain_fields_alone_keeps_the_rows(app: Flask) -> None:
    draft = make_draft(app, timeline=[{"text": "one"}])
    data = {**PLAIN, "based_on_id": str(draft.id)}
    assert as_person(app, ARUN).post(f"/editor/articles/{draft.article_id}", data=data).status_code == 303
    document = newest_document(app, draft.article_id)
    assert (document.title, [row.text for row in document.timeline]) == (PLAIN["title"], ["one"])


def test_an_edit_of_an_old_revision_is_a_conflict_that_loses_nothing(app: Flask) -> None:
    draft = make_draft(app, title="Before", timeline=[{"text": "one"}])
    author, reviewer = as_person(app, ARUN), as_person(app, ROSA)
    address = f"/editor/articles/{draft.article_id}"
    mine, theirs = form_of(author.get(address)), form_of(reviewer.get(address))
    reviewer.post(address, data={**theirs, "body": "Rosa's words", "note": "Clearer"})
    answer = author.post(address, data={**mine, "body": "Arun's words", "timeline-0-text": "uno"})
    assert answer.status_code == 409
    assert "Rosa&#39;s words" in answer.text
    assert "Clearer" in answer.text
    kept = form_of(answer)
    assert (kept["body"], kept["timeline-0-text"]) == ("Arun's words", "uno")
    assert newest_document(app, draft.article_id).body == "Rosa's words"
    assert author.post(address, data=kept).status_code == 303  # who has seen the newer text may save over it
    assert newest_document(app, draft.article_id).body == "Arun's words"


@pytest.mark.parametrize("based_on", ["", "x", "999999", "-1"])
def test_a_base_that_is_not_the_newest_is_a_conflict(app: Flask, based_on: str) -> None:
    draft = make_draft(app)
    data = {**PLAIN, "based_on_id": based_on}
    assert as_person(app, ARUN).post(f"/editor/articles/{draft.article_id}", data=data).status_code == 409
    assert count(app, Revision) == 1


def test_another_author_does_not_see_a_draft(app: Flask) -> None:
    draft = make_draft(app, author=ROSA)
    client = as_person(app, ARUN)
    for address in (f"/editor/articles/{draft.article_id}", f"/editor/revisions/{draft.id}"):
        assert client.get(address).status_code == 404
    assert client.post(f"/editor/articles/{draft.article_id}", data=PLAIN).status_code == 404


def test_everybody_who_changed_a_draft_is_its_author(app: Flask) -> None:
    draft = make_draft(app)
    reviewer = as_person(app, ROSA)
    address = f"/editor/articles/{draft.article_id}"
    reviewer.post(address, data={**form_of(reviewer.get(address)), "body": "Two people wrote this"})
    with app.app_context():
        newest = select(func.max(Revision.id)).scalar_subquery()
        ids = db.session.scalars(select(RevisionAuthor.user_id).where(RevisionAuthor.revision_id == newest)).all()
        assert len(ids) == 2


def test_an_edit_of_a_published_write_up_leaves_what_readers_see(app: Flask) -> None:
    article = make_published(app, title="Live words")
    client = as_person(app, ARUN)
    address = f"/editor/articles/{article.id}"
    client.post(address, data={**form_of(client.get(address)), "title": "New words"})
    with app.app_context():
        row = db.session.get_one(Article, article.id)
        assert (row.title, row.state, row.live_revision_id) == ("Live words", "published", article.live_revision_id)


def test_rows_are_added_moved_and_removed_without_script_and_keep_what_was_typed(app: Flask) -> None:
    client = as_person(app, ARUN)
    typed = {**PLAIN, "timeline-0-text": "one", "timeline-0-at": "not a time", "incidents-0-name": "The big one"}
    added = client.post("/editor/articles", data={**typed, "add": "timeline"})
    assert added.status_code == 200
    fields = form_of(added)
    assert {name: fields[name] for name in typed} == typed
    assert fields["timeline-1-text"] == ""
    fields |= {"timeline-1-text": "two"}
    nested = form_of(client.post("/editor/articles", data={**fields, "add": "incidents-0-permissions"}))
    assert "incidents-0-permissions-0-holder" in nested
    moved = form_of(client.post("/editor/articles", data={**nested, "move": "timeline-1-up"}))
    assert (moved["timeline-0-text"], moved["timeline-1-text"]) == ("two", "one")
    removed = form_of(client.post("/editor/articles", data={**moved, "remove": "timeline-1"}))
    assert removed["timeline-0-text"] == "two"
    assert "timeline-1-text" not in removed
    assert removed["body"].replace("\r\n", "\n") == PLAIN["body"]
    assert count(app, Article) == 0


def test_a_script_gets_the_rows_alone(app: Flask) -> None:
    answer = as_person(app, ARUN).post("/editor/articles", data={**PLAIN, "add": "sources", "part": "rows"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'name="sources-0-url"' in answer.text


def test_a_new_source_can_be_named_by_a_row_before_anything_is_saved(app: Flask) -> None:
    client = as_person(app, ARUN)
    page = client.post("/editor/articles", data={**PLAIN, "sources-0-title": "A paper", "add": "timeline"})
    fields = form_of(page) | {"timeline-0-text": "It began", "timeline-0-source": "s1"}
    assert '<option value="s1">A paper</option>' in page.text
    assert client.post("/editor/articles", data=fields).status_code == 303
    assert newest_document(app, 1).timeline[0].source == "s1"


def test_times_in_an_impossible_order_are_a_warning_in_a_draft(app: Flask) -> None:
    client = as_person(app, ARUN)
    times = {"incidents-0-times-started": "2025-12-14", "incidents-0-times-detected": "2025-12-12"}
    assert client.post("/editor/articles", data={**PLAIN, **times}).status_code == 303
    page = client.get("/editor/articles/1")
    assert "field-warning" in page.text
    assert "this lies before started" in page.text


def test_times_in_an_impossible_order_are_not_submitted(app: Flask) -> None:
    client = as_person(app, ARUN)
    times = {"incidents-0-times-started": "2025-12-14", "incidents-0-times-detected": "2025-12-12", "submit": "1"}
    answer = client.post("/editor/articles", data={**PLAIN, **times})
    assert answer.status_code == 400
    assert invalid_fields(answer) == {"incidents-0-times-detected"}
    assert form_of(answer)["title"] == PLAIN["title"]


def test_saving_and_submitting_is_one_step(app: Flask) -> None:
    answer = as_person(app, ARUN).post("/editor/articles", data={**PLAIN, "submit": "1"})
    assert answer.headers["Location"] == "/editor/revisions/1"
    with app.app_context():
        assert db.session.get_one(Revision, 1).state == "submitted"


def test_the_preview_shows_what_the_renderer_makes_of_it(app: Flask) -> None:
    client = as_person(app, ARUN)
    typed = {**PLAIN, "body": "## A <script>alert(1)</script> heading\n\n**bold**", "timeline-0-text": "It began"}
    piece = client.post("/editor/preview", data=typed)
    page = client.post("/editor/articles", data={**typed, "preview": "1"})
    for answer in (piece, page):
        assert answer.status_code == 200
        assert "<strong>bold</strong>" in answer.text
        assert "<script>alert" not in answer.text
        assert "It began" in answer.text
    assert form_of(page)["body"].replace("\r\n", "\n") == typed["body"]
    assert count(app, Article) == 0


@pytest.mark.parametrize(
    "typed", [{}, {"title": "", "body": ""}, {"body": "x", "title": "\u202e"}, {**PLAIN, "timeline-0-at": "?"}]
)
def test_a_preview_of_what_cannot_be_saved_still_answers(app: Flask, typed: dict[str, str]) -> None:
    assert as_person(app, ARUN).post("/editor/preview", data=typed).status_code == 200


def test_a_typed_template_stays_text(app: Flask) -> None:
    client = as_person(app, ARUN)
    typed = {**PLAIN, "title": "{{ 7*7 }} {% raw %}", "timeline-0-text": "{{ config }}"}
    page = client.post("/editor/articles", data={**typed, "preview": "1"})
    assert "{{ 7*7 }} {% raw %}" in page.text
    assert ">{{ config }}<" in page.text
    assert "49" not in form_of(page)["title"]


def test_a_busy_database_gives_the_form_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise Busy

    monkeypatch.setattr(form_views, "create_from", busy)
    answer = as_person(app, ARUN).post("/editor/articles", data=PLAIN)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert form_of(answer)["title"] == PLAIN["title"]


def test_the_desk_shows_what_waits_and_says_what_belongs_there(app: Flask) -> None:
    reviewer = as_person(app, ROSA)
    empty = reviewer.get("/editor/").text
    assert "Nothing waits for a review." in empty
    assert "You have no drafts." in empty
    draft = make_draft(app, title="Arun's draft")
    assert "Arun&#39;s draft" in as_person(app, ARUN).get("/editor/").text
    assert "Arun&#39;s draft" not in reviewer.get("/editor/").text
    as_person(app, ARUN).post(f"/editor/revisions/{draft.id}/submit")
    assert "Arun&#39;s draft" in reviewer.get("/editor/").text


def test_a_write_up_of_hundreds_of_rows_names_its_sources_once(app: Flask) -> None:
    rows = 500
    draft = make_draft(
        app,
        timeline=[{"text": "It began", "source": f"s{place}"} for place in range(1, rows + 1)],
        claims=[
            {"text": "A lock", "claimant": "A", "role": "vendor", "source": "s7", "toward": "c1" if place else None}
            for place in range(rows)
        ],
        sources=[{"title": f"Paper {place}"} for place in range(rows)],
    )
    page = as_person(app, ARUN).get(f"/editor/articles/{draft.article_id}").text
    assert page.count("<option") < 30 * rows  # each row has the choices of its own cells, none of the other rows
    assert page.count('<datalist id="known-source">') == page.count('<datalist id="known-claim">') == 1
    assert page.count('<option value="s9">') == 1
    assert len(page) < 6_000_000


def test_a_cell_that_points_at_a_row_says_which_one(app: Flask) -> None:
    typed = {**PLAIN, "sources-0-title": "A paper", "sources-0-id": "s1", "timeline-0-source": "s1"}
    typed |= {"timeline-1-source": "s9", "timeline-1-text": "x", "preview": "1"}
    page = as_person(app, ARUN).post("/editor/articles", data=typed).text
    assert '<label for="f-timeline-0-source">Source</label>' in page
    assert 'aria-describedby="f-timeline-0-source-chosen"' in page
    assert '<p class="field-help" id="f-timeline-0-source-chosen">A paper</p>' in page
    assert '<p class="field-help" id="f-timeline-1-source-chosen">This is not there.</p>' in page


def test_a_form_of_too_many_rows_is_refused_with_the_reason(app: Flask) -> None:
    client = as_person(app, ARUN)
    many = {f"actions-{place}-text": "x" for place in range(501)}
    for address in ("/editor/articles", "/editor/preview"):
        answer = client.post(address, data={**PLAIN, **many, "add": "actions"})
        assert answer.status_code == 400
        assert "Actions: at most 500 rows; this form holds 501." in answer.text
        assert len(answer.text) < 20_000


def test_blank_rows_by_the_thousand_make_no_large_page(app: Flask) -> None:
    blank = {f"actions-{place}-text": "" for place in range(10_100)}
    answer = as_person(app, ARUN).post("/editor/articles", data={**PLAIN, **blank, "add": "actions"})
    assert (answer.status_code, answer.text.count('name="actions-')) == (200, 6)


def test_a_full_list_says_so_where_its_button_is(app: Flask) -> None:
    full = {f"relations-{place}-note": "x" for place in range(100)}
    answer = as_person(app, ARUN).post("/editor/articles", data={**PLAIN, **full, "add": "relations"})
    assert answer.status_code == 400
    assert "at most 100 rows: take one out before you add another" in answer.text
    assert form_of(answer)["relations-99-note"] == "x"


def test_the_journal_keeps_the_note_as_the_revision_does(app: Flask) -> None:
    draft, arun = make_draft(app), as_person(app, ARUN)
    page = arun.get(f"/editor/articles/{draft.article_id}")
    note = "Times" + " " * 100_000 + "checked.\u200b"
    arun.post(f"/editor/articles/{draft.article_id}", data={**form_of(page), "title": "Another", "note": note})
    with app.app_context():
        told = db.session.scalars(select(Event.reason).where(Event.kind == "article.revised")).all()
    assert told == ["Times checked."]


@pytest.mark.parametrize("number", ["0", "-1", str(2**31), str(2**63), "9" * 4_000])
@pytest.mark.parametrize("address", ["/editor/articles/{}", "/editor/articles/{}/text"])
def test_a_number_that_no_revision_has_is_no_fault_of_the_site(app: Flask, address: str, number: str) -> None:
    draft, arun = make_draft(app), as_person(app, ARUN)
    typed = {**PLAIN, "text": "---\ntitle: T\n---\n\nText", "based_on_id": number, "begun_from_id": number}
    for button in ({}, {"show": "1"}, {"merge": "1"}):
        assert arun.post(address.format(draft.article_id), data={**typed, **button}).status_code in (200, 409)
