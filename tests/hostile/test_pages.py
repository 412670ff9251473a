"""One site whose every field holds the wall, brought in as a bundle: each page that shows a value is judged."""

import json
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from blog.accounts.models import User
from blog.accounts.names import BadName, clean_name
from blog.articles.models import Article
from blog.comments.models import Comment
from blog.comments.text_checks import checked_text
from blog.errors import Invalid
from blog.extensions import db
from tests.hostile.conftest import MakeSite
from tests.hostile.inputs import PRODUCT, WALL
from tests.hostile.judge import box_faults, classes, complaints, fragment, frame, parsed, words_of
from tests.hostile.world import Supply, chunks, packed
from tests.people import ADA
from tests.transfer.site import run_export, run_import
from tests.visitor import signed_in

PACKED = 12  # write-ups whose every field is an input; four rounds of the wall
A_THREAD = 50
TEXTS = [one.text for one in WALL]


@dataclass
class World:
    app: Flask
    values: list[list[tuple[str, str]]]  # of each packed write-up: (field, value)
    slugs: list[str]
    comments: list[str]

    def client(self) -> FlaskClient:
        return self.app.test_client()


def bundle(supply: Supply) -> tuple[list[dict[str, Any]], World]:
    """The lines of a site: packed write-ups, a short one for each thread, people and comments named by the wall."""
    names = [name for text in TEXTS if (name := _name(text))][:60]
    people = [
        {
            "type": "user",
            "name": f"Person {n}" if supply.harmless else name,
            "email": f"p{n}@people.example",
            "role": "member",
        }
        for n, name in enumerate(names)
    ]
    lines: list[dict[str, Any]] = [*people]
    values, slugs, said = [], [], []
    for number in range(PACKED):
        supply.given.clear()
        lines.append(
            _article(f"packed-{number}", packed(supply), authors=["p1@people.example", supply.line("author", 60)])
        )
        values.append(list(supply.given))
    threads = list(chunks([text for text in TEXTS if _is_said(text)], A_THREAD))
    for number, texts in enumerate(threads):
        document = {"title": supply.line("title", 200), "body": "words", "summary": supply.text("summary", 2_000),
                    "tags": [supply.line("tag", 40)]}  # fmt: skip
        slugs.append(f"thread-{number}")
        lines.append(_article(slugs[-1], document, authors=[f"p{number}@people.example"]))
        for place, text in enumerate(texts):
            words = "words" if supply.harmless else text
            lines.append({
                "type": "comment", "article": slugs[-1], "id": f"{number}-{place}", "text": words,
                "user": f"p{(number * A_THREAD + place) % len(people)}@people.example",
                "created_at": f"2025-02-{number + 1:02}T10:{place:02}:00Z",
            })  # fmt: skip
            said.append(words)
    return lines, World(None, values, slugs, said)  # type: ignore[arg-type]


def _name(text: str) -> str | None:
    try:
        return clean_name(text)
    except BadName:
        return None


def _is_said(text: str) -> bool:
    try:
        return bool(checked_text(text))
    except Invalid:
        return False


def _article(slug: str, document: dict[str, Any], *, authors: list[str]) -> dict[str, Any]:
    day = 1 + hash_of(slug) % 28
    return {"type": "article", "slug": slug, "published_at": f"2025-01-{day:02}T00:00:00Z", "authors": authors,
            "document": document}  # fmt: skip


def hash_of(slug: str) -> int:
    return sum(map(ord, slug))


def built(make_site: MakeSite, folder: Path, *, harmless: bool) -> World:
    app = make_site()
    lines, world = bundle(Supply(TEXTS, harmless=harmless))
    path = folder / f"wall-{harmless}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    result = run_import(app, path)
    assert result.exit_code == 0, result.output[-3_000:]
    world.app = app
    return world


@pytest.fixture(scope="module")
def world(make_site: MakeSite, tmp_path_factory: pytest.TempPathFactory) -> World:
    return built(make_site, tmp_path_factory.mktemp("bundle"), harmless=False)


@pytest.fixture(scope="module")
def twin(make_site: MakeSite, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The same site with words that nobody minds."""
    return built(make_site, tmp_path_factory.mktemp("twin"), harmless=True)


def good(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, f"{answer.status_code} for {path}"
    assert PRODUCT not in answer.text, f"a template was worked out on {path}"
    return answer.text


def judged(client: FlaskClient, path: str) -> Any:
    root = parsed(good(client, path))
    assert complaints(root) == [], path
    assert len([one for one in root.iter() if "site-footer" in classes(one)]) == 1, path
    return root


PLAIN = {
    "title", "about", "claimant", "quote", "owner", "promised", "source", "publisher", "target", "note", "basis",
    "region", "organisation", "service", "factor", "system", "vendor", "task", "holder", "granted", "needed",
    "resource", "author",
}  # fmt: skip
LISTS = ("/", "/postmortems/", "/postmortems/?page=2", "/tags/", "/services/", "/organisations/", "/moderation/log")


def test_every_packed_write_up_is_inert_and_says_what_was_typed(world: World) -> None:
    client = world.client()
    for number, values in enumerate(world.values):
        shown = words_of(judged(client, f"/postmortems/packed-{number}"))
        for name, value in values:
            assert name not in PLAIN or " ".join(value.split()) in shown, (number, name, value)


def test_every_thread_is_inert_and_whole(world: World) -> None:
    client = world.client()
    texts = 0
    for slug in world.slugs:
        address: str | None = f"/postmortems/{slug}"
        while address:
            root = judged(client, address)
            texts += len([one for one in root.iter() if "comment-text" in classes(one)])
            address = next((one.get("href") for one in root.iter() if one.get("rel") == "next"), None)
    assert texts == len(world.comments) > 1_000


def test_a_page_full_of_the_wall_has_the_frame_of_a_harmless_one(world: World, twin: World) -> None:
    ours, theirs = world.client(), twin.client()
    paths = [f"/postmortems/packed-{n}" for n in range(PACKED)] + [f"/postmortems/{slug}" for slug in world.slugs]
    for path in [*paths, "/", "/moderation/log", "/search"]:
        mine, harmless = frame(parsed(good(ours, path))), frame(parsed(good(theirs, path)))
        assert "\n".join(unified_diff(harmless, mine, n=1, lineterm="")) == "", path


@pytest.mark.parametrize("path", [*LISTS, "/postmortems/packed-0/revisions", "/postmortems/packed-1/revisions/1",
    "/postmortems/packed-2/similar"])  # fmt: skip
def test_every_other_page_is_inert(world: World, path: str) -> None:
    judged(world.client(), path)


def test_every_name_is_inert_where_it_stands(world: World) -> None:
    client = world.client()
    signed_in(client, ADA)
    judged(client, "/account/users")
    for person in rows(world.app, User):
        assert person.name in words_of(judged(client, f"/people/{person.id}"))


def rows(app: Flask, model: Any) -> list[Any]:
    with app.app_context():
        return list(db.session.scalars(select(model).order_by(model.id)))


@pytest.mark.parametrize("query", ["canary", "script", "javascript", "foreign", "onfocus", "text", "example", "select*",
    '"ok example"', "title:canary <b>"])  # fmt: skip
def test_search_results_are_inert(world: World, query: str) -> None:
    client = world.client()
    address = "/search?q=" + quote(query)
    root = judged(client, address)
    assert [one for one in root.iter() if "search-hit" in classes(one)]
    if any(one.get("rel") == "next" for one in root.iter()):
        judged(client, address + "&page=2")
    json.loads(good(client, "/api/v1" + address))


@pytest.mark.parametrize("path", ["/feed.atom", "/feed.json"])
def test_feeds_are_well_formed_and_inert(world: World, path: str) -> None:
    client = world.client()
    tags = [f"/tags/{slug}" for slug in tag_slugs(world.app)[:40]]
    for start in ["", *tags]:
        body = good(client, start + path)
        contents = _atom_contents(body) if path == "/feed.atom" else _json_contents(body)
        for html in contents:
            box = fragment(html)
            assert list(box_faults(box, "article")) == []


def tag_slugs(app: Flask) -> list[str]:
    return sorted({slug for article in rows(app, Article) for slug, _ in article.card.get("tags") or []})


def _atom_contents(body: str) -> list[str]:
    assert "<!DOCTYPE" not in body and "<!ENTITY" not in body
    root = ElementTree.fromstring(body.encode())
    space = {"a": "http://www.w3.org/2005/Atom"}
    for link in root.iter("{http://www.w3.org/2005/Atom}link"):
        assert link.get("href", "").startswith("http://127.0.0.1:8000/")
    for summary in root.iterfind("a:entry/a:summary", space):
        assert len(list(fragment(summary.text or "").iter())) == 1, "a summary is words alone"
    return [one.text or "" for one in root.iterfind("a:entry/a:content", space)]


def _json_contents(body: str) -> list[str]:
    return [item["content_html"] for item in json.loads(body)["items"]]


def test_the_map_of_the_site_is_well_formed(world: World) -> None:
    root = ElementTree.fromstring(good(world.client(), "/sitemap.xml").encode())
    found = [one.text or "" for one in root.iter() if one.tag.endswith("}loc")]
    assert len(found) >= PACKED and all(one.startswith("http://127.0.0.1:8000/") for one in found)


def test_the_api_tells_everything_as_it_was_written(world: World) -> None:
    client = world.client()
    told = {item["title"] for item in everything(client, "/api/v1/articles")}
    assert told == {article.title for article in rows(world.app, Article)}
    for number in range(PACKED):
        json.loads(good(client, f"/api/v1/articles/packed-{number}"))
    said = [item["text"] for slug in world.slugs for item in everything(client, f"/api/v1/articles/{slug}/comments")]
    assert sorted(said) == sorted(comment.text for comment in rows(world.app, Comment))


def everything(client: FlaskClient, path: str) -> list[dict[str, Any]]:
    """All items of a list, page after page."""
    items: list[dict[str, Any]] = []
    address: str | None = path
    while address:
        page = json.loads(good(client, address))
        items += page["items"]
        address = (page.get("links") or {}).get("next")
    return items


@pytest.mark.parametrize("options", [(), ("--format", "markdown")])
def test_what_leaves_the_site_comes_back_the_same(
    world: World, make_site: MakeSite, tmp_path: Path, options: Any
) -> None:
    target = tmp_path / ("out" if options else "out.jsonl")
    assert run_export(world.app, target, *options).exit_code == 0
    other = make_site()
    result = run_import(other, target)
    assert result.exit_code == 0, result.output[-2_000:]
    assert {one.slug: one.title for one in rows(other, Article)} == {
        one.slug: one.title for one in rows(world.app, Article)
    }
    if not options:
        assert sorted(one.text for one in rows(other, Comment)) == sorted(one.text for one in rows(world.app, Comment))
