"""Working copies: POST /editor/working-copies/<place>, and what becomes of them."""

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select, update

from blog.articles.document import MAX_ROWS
from blog.articles.models import Revision
from blog.editor.working_copy_jobs import forget_discarded
from blog.editor.working_copy_models import WorkingCopy
from blog.extensions import db
from blog.journal.models import Event
from blog.lib import clock
from blog.lib.database import writing
from tests.editor.editor_pages import as_person, form_of
from tests.factories.articles import make_draft, make_published
from tests.people import ARUN, MIA, ROSA

TYPED = {"title": "", "body": "Half a thou", "timeline-0-at": "yesterday, about", "has_rows": "1"}
GO_ON = "You go on from what you typed"


def copies(app: Flask) -> list[WorkingCopy]:
    with app.app_context():
        return list(db.session.scalars(select(WorkingCopy).order_by(WorkingCopy.place)))


def edited(client: Any, address: str, **typed: str) -> dict[str, str]:
    """The fields of a form that was opened and typed into."""
    return {**form_of(client.get(address)), **typed}


def test_what_was_typed_is_kept_with_its_faults_and_shown_again(app: Flask) -> None:
    client = as_person(app, ARUN)
    assert client.post("/editor/working-copies/0", data=edited(client, "/editor/new", **TYPED)).status_code == 200
    page = client.get("/editor/new")
    assert GO_ON in page.text
    assert {name: form_of(page)[name] for name in TYPED} == TYPED
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Revision)) == 0
        assert db.session.scalar(select(func.count()).select_from(Event)) == 0


def test_one_copy_a_person_and_write_up(app: Flask) -> None:
    draft = make_draft(app)
    author, reviewer = as_person(app, ARUN), as_person(app, ROSA)
    address, place = f"/editor/articles/{draft.article_id}", f"/editor/working-copies/{draft.article_id}"
    fields = edited(author, address, body="Arun's")
    for body in ("Arun's", "Arun's second thought"):
        author.post(place, data={**fields, "body": body})
    reviewer.post(place, data=edited(reviewer, address, body="Rosa's"))
    author.post("/editor/working-copies/0", data=edited(author, "/editor/new", body="Something else"))
    assert [(one.place, one.window != "") for one in copies(app)] == [
        (0, True),
        (draft.article_id, True),
        (draft.article_id, True),
    ]
    assert form_of(author.get(address))["body"] == "Arun's second thought"
    assert form_of(reviewer.get(address))["body"] == "Rosa's"


def test_nobody_else_sees_what_is_not_saved(app: Flask) -> None:
    draft = make_draft(app)
    author, reviewer = as_person(app, ARUN), as_person(app, ROSA)
    address = f"/editor/articles/{draft.article_id}"
    author.post(f"/editor/working-copies/{draft.article_id}", data=edited(author, address, body="Secret zebra"))
    for page in (address, f"{address}/text", "/editor/", f"/editor/revisions/{draft.id}"):
        assert "Secret zebra" not in reviewer.get(page).text
    assert "typed something here" in reviewer.get(address).text


def test_saving_makes_a_revision_of_it_and_ends_the_copy(app: Flask) -> None:
    draft = make_draft(app)
    client = as_person(app, ARUN)
    address = f"/editor/articles/{draft.article_id}"
    fields = edited(client, address, body="Kept, then saved")
    client.post(f"/editor/working-copies/{draft.article_id}", data=fields)
    again = form_of(client.get(address))
    assert client.post(address, data=again).status_code == 303
    assert copies(app) == []
    page = client.get(address)
    assert GO_ON not in page.text
    assert form_of(page)["body"] == "Kept, then saved"


def test_a_new_write_up_that_is_saved_leaves_no_copy(app: Flask) -> None:
    client = as_person(app, ARUN)
    fields = edited(client, "/editor/new", title="T", body="B")
    client.post("/editor/working-copies/0", data=fields)
    assert client.post("/editor/articles", data=fields).status_code == 303
    assert copies(app) == []
    assert form_of(client.get("/editor/new"))["title"] == ""


def test_another_window_never_writes_over_what_the_first_one_kept(app: Flask) -> None:
    client = as_person(app, ARUN)
    first, second = edited(client, "/editor/new", body="First"), edited(client, "/editor/new", body="Second")
    assert client.post("/editor/working-copies/0", data=first).status_code == 200
    refused = client.post("/editor/working-copies/0", data=second)
    assert refused.status_code == 409
    assert copies(app)[0].window == first["window"]
    assert client.post("/editor/articles", data={**second, "title": "Saved"}).status_code == 303
    assert len(copies(app)) == 1, "what the other window typed is not saved yet"
    opened = edited(client, "/editor/new", body="First, gone on with")
    assert client.post("/editor/working-copies/0", data=opened).status_code == 200


def test_a_copy_is_discarded_and_brought_back(app: Flask) -> None:
    draft = make_draft(app, body="As it was")
    client = as_person(app, ARUN)
    address, place = f"/editor/articles/{draft.article_id}", f"/editor/working-copies/{draft.article_id}"
    client.post(place, data=edited(client, address, body="Typed"))
    assert client.post(f"{place}/discard").headers["Location"] == address
    page = client.get(address)
    assert form_of(page)["body"] == "As it was"
    assert "Bring it back" in page.text
    assert client.post(f"{place}/restore").status_code == 303
    assert form_of(client.get(address))["body"] == "Typed"


def test_what_is_brought_back_never_replaces_what_was_typed_since(app: Flask) -> None:
    client = as_person(app, ARUN)
    client.post("/editor/working-copies/0", data=edited(client, "/editor/new", body="Old"))
    client.post("/editor/working-copies/0/discard")
    client.post("/editor/working-copies/0", data=edited(client, "/editor/new", body="New"))
    assert client.post("/editor/working-copies/0/restore").status_code == 303
    assert form_of(client.get("/editor/new"))["body"] == "New"


def test_there_is_nothing_to_discard_or_to_bring_back_where_nothing_was_typed(app: Flask) -> None:
    client = as_person(app, ARUN)
    for act in ("discard", "restore"):
        assert client.post(f"/editor/working-copies/0/{act}").status_code == 404


def test_what_was_discarded_long_ago_is_forgotten(app: Flask) -> None:
    client = as_person(app, ARUN)
    client.post("/editor/working-copies/0", data=edited(client, "/editor/new", body="Old"))
    client.post("/editor/working-copies/0/discard")
    with app.app_context():
        forget_discarded()
        assert len(copies(app)) == 1
        with writing(db.session):
            db.session.execute(update(WorkingCopy).values(kept_at=clock.now() - timedelta(days=31)))
        forget_discarded()
    assert copies(app) == []


def test_without_a_script_the_buttons_keep_what_was_typed(app: Flask) -> None:
    client = as_person(app, ARUN)
    fields = edited(client, "/editor/new", title="Typed", body="By hand")
    client.post("/editor/articles", data={**fields, "add": "timeline"})
    assert form_of(client.get("/editor/new"))["body"] == "By hand"


def test_a_save_that_is_refused_keeps_what_was_typed(app: Flask) -> None:
    client = as_person(app, ARUN)
    fields = edited(client, "/editor/new", **TYPED)
    assert client.post("/editor/articles", data=fields).status_code == 400
    assert form_of(client.get("/editor/new"))["timeline-0-at"] == TYPED["timeline-0-at"]


def test_a_preview_of_what_is_saved_keeps_nothing(app: Flask) -> None:
    article = make_published(app, timeline=[{"text": "one", "at": "2025-12-14 09:30 UTC"}])
    client = as_person(app, ARUN)
    address = f"/editor/articles/{article.id}"
    client.post(address, data={**form_of(client.get(address)), "preview": "1"})
    assert copies(app) == []


def test_plain_text_is_kept_in_its_own_mode(app: Flask) -> None:
    draft = make_draft(app)
    client = as_person(app, ARUN)
    address = f"/editor/articles/{draft.article_id}/text"
    fields = edited(client, address, text="---\ntitle: [half\n")
    assert client.post(f"/editor/working-copies/{draft.article_id}", data=fields).status_code == 200
    assert form_of(client.get(address))["text"] == "---\ntitle: [half\n"
    assert client.get(f"/editor/articles/{draft.article_id}").headers["Location"] == address


def test_the_desk_lists_what_is_not_saved(app: Flask) -> None:
    client = as_person(app, ARUN)
    client.post("/editor/working-copies/0", data=edited(client, "/editor/new", title="A first try", body="x"))
    assert "A first try" in client.get("/editor/").text
    assert "A first try" not in as_person(app, ROSA).get("/editor/").text


def test_nothing_is_kept_where_one_may_not_write(app: Flask) -> None:
    draft = make_draft(app, author=ROSA)
    fields = {"body": "x", "window": "w"}
    assert as_person(app, MIA).post("/editor/working-copies/0", data=fields).status_code == 403
    assert as_person(app, ARUN).post(f"/editor/working-copies/{draft.article_id}", data=fields).status_code == 404
    assert copies(app) == []


def test_a_revision_of_another_write_up_is_no_base(app: Flask) -> None:
    mine, other = make_draft(app), make_draft(app)
    fields = {"body": "x", "window": "w", "begun_from_id": str(other.id)}
    assert as_person(app, ARUN).post(f"/editor/working-copies/{mine.article_id}", data=fields).status_code == 200
    assert copies(app)[0].begun_from_id is None


def test_what_no_form_can_show_again_is_not_kept_either(app: Flask) -> None:
    client = as_person(app, ARUN)
    rows = {f"timeline-{number}-text": "x" for number in range(MAX_ROWS + 1)}
    answer = client.post("/editor/working-copies/0", data={"title": "Long", **rows})
    assert answer.status_code == 400
    assert copies(app) == []
    assert client.get("/editor/new").status_code == 200, "its writer is not kept out"
