"""The page of one action: its forms, its history, what is typed, and what hostile evidence becomes."""

import html5lib
from flask import Flask

from blog.articles.models import Article
from blog.editor import publishing
from blog.extensions import db
from blog.lib.database import writing
from tests.factories.actions import PROMISE, act, make_action, make_done, project
from tests.factories.articles import make_published
from tests.people import ARUN, MIA, ROSA, Person, join
from tests.visitor import Visitor, signed_in

EVIL = "<script>x()</script> [a](javascript:x()) ![far](https://away.example/x.png) {{7*7}} **bold**"


def reader(app: Flask, person: Person | None = None) -> Visitor:
    client = app.test_client()
    assert isinstance(client, Visitor)
    if person is not None:
        signed_in(client, person)
    return client


def test_from_promise_to_proof_by_the_forms_alone(app: Flask) -> None:
    number = make_action(app).id
    join(app, MIA)
    arun, rosa, page = reader(app, ARUN), reader(app, ROSA), f"/actions/{number}"
    assert "What you can do" not in reader(app).get(page).text
    for by, verb, fields, state in (
        (arun, "take", {}, "Arun</a>"),
        (rosa, "assign", {"owner": "mia"}, "Mia</a>"),
        (arun, "start", {}, "in progress"),
        (arun, "done", {"evidence": "Ran *all* week.", "evidence_url": "https://a.example/r"}, "Done, not confirmed"),
        (rosa, "send-back", {"reason": "The link is dead."}, "in progress"),
        (arun, "done", {"evidence": "Here.", "done_on": "2026-01-02"}, "Done, not confirmed"),
        (rosa, "confirm", {"reason": "Looked myself."}, "Confirmed"),
        (rosa, "reopen", {"reason": "It broke."}, "Overdue by"),
        (rosa, "drop", {"reason": "Not needed."}, "Dropped"),
    ):
        answer = by.post(f"{page}/{verb}", data=fields)
        assert (answer.status_code, answer.headers.get("Location")) == (303, page), (verb, answer.text)
        assert state in reader(app).get(page).text, verb
    text = reader(app).get(page).text
    assert "Ran <em>all</em> week." in text and "done on 2 Jan 2026" in text
    assert '<a href="https://a.example/r" rel="nofollow ugc noopener">' in text
    told = (
        "dropped it",
        "opened it again",
        "confirmed it",
        "marked it as done",
        "sent it back",
        "gave it to Mia",
        "took it",
    )
    places = [text.index(words) for words in told]
    assert sorted(places[:4]) == places[:4], "the newest first"


def test_what_was_typed_comes_back_with_the_reason(app: Flask) -> None:
    number = make_action(app).id
    typed = {"evidence": "", "evidence_url": "ftp://a.example", "done_on": "2026-01-02"}
    answer = reader(app, ARUN).post(f"/actions/{number}/done", data=typed)
    assert answer.status_code == 400
    page = html5lib.parse(answer.text, namespaceHTMLElements=False)
    fields = {one.get("id"): one for one in page.iter("input")}
    assert fields["done-evidence_url"].get("value") == "ftp://a.example"
    assert fields["done-evidence_url"].get("aria-invalid") == "true"
    assert fields["done-done_on"].get("value") == "2026-01-02"
    folds = {one.get("id"): one.get("open") for one in page.iter("details")}
    assert folds["step-done"] is not None and folds["step-assign"] is None
    assert reader(app, ARUN).post(f"/actions/{number}/done", data={"done_on": "soon"}).status_code == 400
    assert reader(app, ARUN).post(f"/actions/{number}/assign", data={"owner": "Nobody Known"}).status_code == 400
    too_long = reader(app, ROSA).post(f"/actions/{number}/drop", data={"reason": "x" * 2_001})
    assert too_long.status_code == 422 and "x" * 2_001 in too_long.text


def test_a_page_that_is_too_old_changes_nothing(app: Flask) -> None:
    done = make_done(app)
    act(app, "send_back", done, ROSA, reason="Look again.")
    act(app, "mark_done", done, ARUN, evidence="Again.")
    answer = reader(app, ROSA).post(f"/actions/{done.id}/confirm", data={"step": str(done.step)})
    assert answer.status_code == 409 and "Somebody changed this action" in answer.text
    assert reader(app, ROSA).post(f"/actions/{done.id}/confirm", data={"step": "junk"}).status_code == 303


def test_nobody_is_shown_a_form_that_is_not_for_them(app: Flask) -> None:
    done = make_done(app, by=ROSA)
    for person, forms in ((None, set()), (MIA, set()), (ROSA, {"send-back"}), (ARUN, {"send-back", "confirm"})):
        page = html5lib.parse(reader(app, person).get(f"/actions/{done.id}").text, namespaceHTMLElements=False)
        sent_to = {one.get("action", "").rpartition("/")[2] for one in page.iter("form")}
        assert sent_to & {"take", "assign", "start", "done", "confirm", "send-back", "drop", "reopen"} == forms


def test_hostile_evidence_stays_text(app: Flask) -> None:
    action = project(
        app, make_published(app, slug="one", actions=[{**PROMISE, "text": EVIL, "owner_role": EVIL[:80]}]).id
    )[0]
    act(app, "mark_done", action, ARUN, evidence=EVIL, evidence_url="https://a.example/\"'><script>x()</script>")
    act(app, "send_back", action, ROSA, reason=EVIL)
    for path in (f"/actions/{action.id}", "/actions/", "/postmortems/one"):
        page = html5lib.parse(reader(app, ARUN).get(path).text, namespaceHTMLElements=False)
        scripts = [one for one in page.iter("script") if not one.get("src")]
        links = [one.get("href", "") for one in page.iter("a")]
        assert scripts == [] and not any(link.startswith("javascript") for link in links), path
        assert list(page.iter("img")) == [], path
        assert "49" not in "".join(page.itertext()), path


def test_an_action_that_stands_nowhere_any_more_says_so(app: Flask) -> None:
    done = make_done(app)
    reviewer = join(app, ROSA)
    with app.app_context(), writing(db.session):
        publishing.retire(actor=reviewer, article=db.session.get_one(Article, done.article_id), reason="It is wrong.")
    page = reader(app, ROSA).get(f"/actions/{done.id}").text
    assert "The write-up was retired" in page and "The drill of May passed." in page
    app.extensions["hindsight_worker"].drain()
    assert reader(app, ROSA).post(f"/actions/{done.id}/confirm").status_code == 403
    assert reader(app).get("/actions/4711").status_code == 404


def test_the_write_up_says_how_its_actions_stand(app: Flask) -> None:
    article = make_published(app, slug="one", actions=[PROMISE, {**PROMISE, "text": "Watch the disk.", "due_on": None}])
    client = reader(app)
    assert "action-state" not in client.get("/postmortems/one").text, "nothing is known before the job has run"
    first, second = project(app, article.id)
    page = client.get("/postmortems/one").text
    assert f'href="/actions/{first.id}"' in page and "Overdue by" in page and "Promised</span>" in page
    act(app, "assign", second, ARUN, owner=join(app, MIA))
    act(app, "mark_done", first, ARUN, evidence="Seen.")
    page = client.get("/postmortems/one").text
    assert "Done, not confirmed" in page and "taken by Mia" in page and "Overdue by" not in page
    assert "action-state" not in client.get("/postmortems/one/revisions/1").text, "a revision is what was promised then"
