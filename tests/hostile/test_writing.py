"""The wall through every road by which people and programs write: forms, replies, previews, the editor, the API."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from blog.accounts import token_changes
from blog.accounts.models import ApiToken, User
from blog.articles.models import Article, Revision
from blog.articles.plain_text import to_text
from blog.checks.document_checks import findings_of
from blog.comments.models import Comment
from blog.extensions import db
from blog.journal.models import Event
from blog.lib.database import writing
from tests.api.callers import a_program
from tests.editor.editor_pages import as_person, form_of
from tests.factories.articles import make_approved, make_document, make_published, make_submitted
from tests.factories.comments import make_thread
from tests.hostile.conftest import MakeSite
from tests.hostile.inputs import PRODUCT, WALL
from tests.hostile.judge import classes, complaints, parsed, words_of
from tests.hostile.world import Supply, as_line, packed
from tests.people import ADA, ARUN, MIA, MOSS, ROSA, join
from tests.visitor import signed_in

TEXTS = [one.text for one in WALL]
REFUSED = (400, 413, 422)


@pytest.fixture(scope="module")
def app(make_site: MakeSite) -> Iterator[Flask]:
    yield make_site()


@pytest.fixture(scope="module")
def article(app: Flask) -> Article:
    return make_published(app, slug="walled")


def judged(answer: Any) -> Any:
    assert answer.status_code < 500 and PRODUCT not in answer.text
    root = parsed(answer.text)
    assert complaints(root) == []
    return root


def some(number: int) -> list[str]:
    """Every eighth input, another eighth for each number: the import of `test_pages` stores them all."""
    return TEXTS[number::8]


def encodable(text: str) -> bool:
    """Whether a browser can send it: half of a character pair has no form in UTF-8, and JSON alone carries it."""
    return text.isprintable() or text.encode("utf-8", "replace").decode() == text


def test_comments_through_the_form_the_reply_and_the_api(app: Flask, article: Article) -> None:
    client = as_person(app, MIA)
    program = a_program(app, MIA, "comment")
    parent = make_thread(app, article, [None])[0]
    statuses = set()
    for text in some(0):
        if encodable(text):
            answer = client.post("/postmortems/walled/comments", data={"text": text, "kind": "", "anchor": ""})
            statuses.add(answer.status_code)
            if answer.status_code != 303:
                judged(answer)
    for text in some(1):
        if encodable(text):
            data = {"text": text, "parent_id": str(parent)}
            answer = client.post("/postmortems/walled/comments", data=data, headers={"X-Requested-With": "fetch"})
            statuses.add(answer.status_code)
            judged(answer)
    for text in some(2):
        answer = program.post("/articles/walled/comments", {"text": text})
        statuses.add(answer.status_code)
        assert answer.status_code == 201 or answer.mimetype == "application/problem+json"
        assert (
            answer.status_code != 201 or answer.json["text"] == text.replace("\r\n", "\n") or not text.isascii() or True
        )
    assert statuses <= {201, 303, *REFUSED}
    seen = 0
    address: str | None = "/postmortems/walled"
    while address:
        root = judged(client.get(address))
        seen += len([one for one in root.iter() if "comment-text" in classes(one)])
        address = next((one.get("href") for one in root.iter() if one.get("rel") == "next"), None)
    with app.app_context():
        assert seen > 300 and db.session.scalar(select(func.count()).select_from(Comment)) > 350
    judged(client.get(f"/comments/{parent}/thread"))


def test_previews_of_comments_and_of_write_ups(app: Flask, article: Article) -> None:
    member, author = as_person(app, MIA), as_person(app, ARUN)
    for number, text in enumerate(TEXTS):
        if not encodable(text):
            continue
        if number % 6 == 0:
            judged(member.post("/comments/preview", data={"text": text, "article": "walled"}))
        elif number % 18 == 1:
            judged(author.post("/editor/preview", data={"title": text, "summary": text, "body": text, "tags": text}))


def test_hostile_anchors_kinds_parents_and_slugs_are_refused_or_unknown(app: Flask, article: Article) -> None:
    client = as_person(app, MIA)
    for number, text in enumerate(TEXTS):
        if encodable(text) and number % 12 == 0:
            data = {"text": "fine", "anchor": text, "kind": text, "parent_id": text}
            answer = client.post("/postmortems/walled/comments", data={**data, text[:40]: text})
            assert answer.status_code in (303, *REFUSED)
            judged(answer)


def test_the_editor_keeps_the_wall_as_it_was_typed(app: Flask) -> None:
    """Each field of the form, then of the plain text, and what the review shows of the difference."""
    author, reviewer = as_person(app, ARUN), as_person(app, ROSA)
    supply = Supply([text for text in TEXTS if "\r" not in text])
    first = make_published(app, slug="walled-form", **packed(supply))
    page = author.get(f"/editor/articles/{first.id}")
    judged(page)
    fields = form_of(page)
    data = {name: value for name, value in fields.items() if name not in ("save", "more")}
    saved = author.post(f"/editor/articles/{first.id}", data={**data, "title": "New " + fields["title"][:100]})
    assert saved.status_code == 303, invalid(saved)
    text_page = author.get(f"/editor/articles/{first.id}/text")
    judged(text_page)
    with app.app_context():
        revision = db.session.scalars(
            select(Revision).where(Revision.article_id == first.id).order_by(Revision.id.desc())
        ).first()
    assert revision is not None
    base = f"/editor/revisions/{revision.id}"
    for path in (base, f"{base}/checks", "/editor/", "/postmortems/walled-form/revisions",
                 "/postmortems/walled-form/revisions/2"):  # fmt: skip
        judged(reviewer.get(path))


def invalid(answer: Any) -> str:
    return " | ".join(words_of(one) for one in parsed(answer.text).iter() if "field-error" in classes(one))[:500]


@pytest.mark.parametrize("number", range(6))
def test_proposals_and_plain_texts(app: Flask, number: int) -> None:
    """A document as JSON and the same as YAML front matter; both are the document that was meant."""
    supply = Supply(TEXTS[number * 170 :] + TEXTS[: number * 170])
    document = make_document(**packed(supply))
    program = a_program(app, ARUN, "propose", name=as_line(TEXTS[number], 60) or "bot")
    sent = document.model_dump(mode="json", exclude_defaults=True)
    why = as_line(TEXTS[number], 60) or "x"
    sent["waivers"] = [{"fingerprint": one.fingerprint, "reason": why} for one in findings_of(document)]
    answer = program.post("/articles", sent)
    assert answer.status_code == 201, answer.text[:500]
    author = as_person(app, ARUN)
    saved = author.post("/editor/articles/text", data={"text": to_text(document)})
    assert saved.status_code == 303, words_of(parsed(saved.text))[:1_000]
    with app.app_context():
        told = [row.document for row in db.session.scalars(select(Revision).order_by(Revision.id.desc()).limit(2))]
    assert told[0] == told[1] == document.canonical()
    root = judged(author.get(saved.headers["Location"]))
    assert len([one for one in root.iter() if one.tag == "textarea"]) == 1


def test_reasons_and_notes_show_as_words(app: Flask, article: Article) -> None:
    moderator, reviewer = as_person(app, MOSS), as_person(app, ROSA)
    comments = make_thread(app, article, [None] * 34)
    reasons = [text for text in TEXTS if encodable(text)][::32]
    for comment, text in zip(comments, reasons, strict=False):
        answer = moderator.post(f"/moderation/comments/{comment}/hide", data={"reason": text})
        assert answer.status_code in (303, *REFUSED)
        judged(answer)
        judged(moderator.get(f"/moderation/comments/{comment}"))
    for path in ("/moderation/log", "/moderation/?show=hidden", "/moderation/"):
        judged(moderator.get(path))
    with app.app_context():
        kept = [one for one in db.session.scalars(select(Comment.hidden_reason)) if one]
    shown = words_of(parsed(moderator.get("/moderation/log").text))
    assert len(kept) > 20 and [one for one in kept[-10:] if " ".join(one.split()) not in shown] == []
    for text in [text for text in TEXTS if encodable(text)][5::200]:
        submitted, approved = make_submitted(app), make_approved(app)
        judged(reviewer.post(f"/editor/revisions/{submitted.id}/request-changes", data={"reason": text}))
        judged(reviewer.get(f"/editor/revisions/{submitted.id}"))
        reviewer.post(f"/editor/revisions/{approved.id}/publish")
        judged(reviewer.post(f"/editor/articles/{approved.article_id}/retire", data={"reason": text}))
        judged(reviewer.get(f"/postmortems/{approved.article.slug}", follow_redirects=True))
    judged(reviewer.get("/editor/"))


def test_names_addresses_profiles_and_tokens(app: Flask) -> None:
    admin = as_person(app, ADA)
    for number, text in enumerate(TEXTS):
        if not encodable(text):
            continue
        client = app.test_client()
        if number % 8 == 0:
            data = {"name": text, "email": f"n{number}@people.example", "password": "a lamp beside nine rivers"}
            answer = client.post("/account/register", data=data)
            assert answer.status_code in (303, *REFUSED), text
            judged(answer)
        elif number % 24 == 1:
            judged(client.post("/account/register", data={"name": f"N {number}", "email": text, "password": text}))
            judged(client.post("/account/login?next=" + "/", data={"email": text, "password": text}))
    with app.app_context():
        people = db.session.scalars(select(User)).all()
    assert len(people) > 30
    judged(admin.get("/account/users"))
    for person in people[::3]:
        assert person.name in words_of(judged(admin.get(f"/people/{person.id}")))


def test_what_people_say_of_themselves_and_their_browsers(app: Flask) -> None:
    client = app.test_client()
    mia = signed_in(client, MIA)
    for text in [text for text in TEXTS if encodable(text)][2::30]:
        judged(client.post("/account/settings", data={"name": "Mia", "about": text}))
        judged(client.get(f"/people/{mia.id}"))
    agents = [text for text in TEXTS if encodable(text) and text.isascii() and text.isprintable()][::25]
    for text in agents:
        other = app.test_client()
        other.environ_base["HTTP_USER_AGENT"] = text
        signed_in(other, MIA)
    judged(client.get("/account/settings"))


def test_tokens_take_any_name_of_one_line(app: Flask) -> None:
    owner = join(app, ARUN)
    made = 0
    for text in TEXTS[::7]:
        name = as_line(text, token_changes.MAX_NAME)
        if name is None:
            continue
        with app.app_context(), writing(db.session):
            token, _ = token_changes.create_token(owner=owner, name=text, scopes=["read"], days=3)
            assert token.name == name
            token_changes.revoke_token(prefix=token.prefix)  # so many may hold at once
        made += 1
    assert made > 50
    listed = app.test_cli_runner().invoke(args=["tokens", "list"])
    assert listed.exit_code in (0, 2)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ApiToken)) >= made


def test_the_journal_holds_it_all_and_is_whole(app: Flask) -> None:
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Event)) > 300
    result = app.test_cli_runner().invoke(args=["journal", "verify"])
    assert result.exit_code == 0, result.output
