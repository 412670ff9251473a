"""Lines 1 to 15: what people type comes out as text, everywhere, and what cannot be text does not get in."""

import ast
import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import select

from blog.accounts.models import User
from blog.articles.models import Revision
from blog.comments.models import Comment
from blog.extensions import db
from blog.lib.render_process import RenderProcess
from blog.lib.renderer import render_article, render_comment
from blog.lib.text import excerpt, plain_text
from tests.architecture.test_imports import ROOT, modules, name_of
from tests.people import ADA, ARUN, CAST, MIA
from tests.safety import hostile_site
from tests.safety.conftest import close
from tests.safety.hostile_site import BODY, EVIL, EVIL_NAME, EVIL_TAG, HostileSite, complaints, tree
from tests.visitor import Visitor
from tests.world import World

# Who may call `Markup`: each marks what the renderer made, or what it escaped itself.
MARKS = {
    "blog.lib.passages", "blog.comments.talk_reading", "blog.comments.anchor_views", "blog.comments.trial_queries",
    "blog.articles.reading", "blog.comments.views", "blog.comments.reading", "blog.comments.entry_queries",
    "blog.moderation.entry_queries", "blog.search.snippets", "blog.search.drawing", "blog.articles.filters",
    "blog.articles.views", "blog.accounts.keeping", "blog.search.browsing", "blog.followups.reading",
    "blog.lib.html_blocks", "blog.notifications.queries", "blog.notifications.reading",
}  # fmt: skip
Pages = dict[str, Any]


@pytest.fixture(scope="module")
def hostile(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileSite]:
    folder = tmp_path_factory.mktemp("hostile")
    app = world.app(folder)
    yield hostile_site.build(app, world, folder)
    close(app)


@pytest.fixture(scope="module")
def pages(hostile: HostileSite) -> Pages:
    """The answer to an admin, who sees everything, at every address."""
    client = hostile.world.client(hostile.app, ADA)
    return {path: client.get(path) for path in hostile.paths}


@pytest.fixture(scope="module")
def trees(pages: Pages) -> dict[str, Any]:
    return {path: tree(answer.text) for path, answer in pages.items() if answer.mimetype == "text/html"}


def test_line_01_only_the_renderer_makes_html() -> None:
    found = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("Markup", "Markup.join")):
                found.add(name_of(path))
    assert found <= MARKS, "say why this text is safe, or let Jinja escape it"


def test_line_01_what_was_stored_is_what_the_pipeline_gives_and_what_the_page_holds(
    hostile: HostileSite, pages: Pages
) -> None:
    with hostile.app.app_context():
        comments = db.session.scalars(select(Comment).where(Comment.text.contains("by-form"))).all()
        revision = db.session.scalars(select(Revision).where(Revision.title == EVIL).order_by(Revision.id)).first()
        assert comments and revision
        for one in comments:
            assert one.html == render_comment(one.text).html
            if one.state == "visible":
                assert one.html in pages["/postmortems/by-form"].text
    marks = r' id="body-p-[^"]*"| <a class="talk-mark[^>]*>[^<]*</a>'  # where comments can stand
    page = re.sub(marks, "", pages["/postmortems/by-form"].text)
    assert render_article(BODY).html in page


def test_line_02_no_page_holds_an_element_or_attribute_that_runs(pages: Pages, trees: dict[str, Any]) -> None:
    assert len(trees) > 60
    assert {path: answer.status_code for path, answer in pages.items() if answer.status_code >= 500} == {}
    assert {path: list(complaints(root)) for path, root in trees.items() if list(complaints(root))} == {}


def test_line_02_the_judge_finds_what_it_looks_for() -> None:
    for bad in (
        "<svg></svg>", "<script>x()</script>", "<script src=//evil.example></script>", "<p onclick=x()>", "<p style=a>",
        "<a href=javascript:x()>", "<a href='java\tscript:x()'>", "<a href=//evil.example>", "<img src=x>", "<math>",
        "<form action='https:x'>", "<button formaction=x>", "<a href='\\\\evil.example'>",
    ):  # fmt: skip
        assert list(complaints(tree(bad))), bad


def test_line_03_links_of_people_are_web_mail_path_or_part(pages: Pages, trees: dict[str, Any]) -> None:
    root = trees["/postmortems/by-form"]
    addresses = {element.get("href") for element in root.iter("a")}
    assert {
        "https://away.example/x",
        "https://auto.example/x",
        "https://bare.example/x",
        "/about",
        "#part",
    } <= addresses
    assert not [one for one in addresses if one and re.search(r"javascript|data:|^//|ftp:", one)]
    assert {element.get("src") for element in root.iter("img")} == {"/media/a/b.png"}


def test_line_04_links_out_say_so_and_ids_and_classes_are_ours(trees: dict[str, Any]) -> None:
    for path, root in trees.items():
        for element in root.iter("a"):
            if str(element.get("href", "")).startswith("http") and "away.example" in element.get("href", ""):
                assert {"nofollow", "ugc", "noopener"} <= set(element.get("rel", "").split()), path
    ids = re.findall(r' (?:id|name)="([^"]*)"', render_article("# a\n\n## body\n\n[^x]\n\n[^x]: y").html)
    assert ids and all(one.startswith("user-content-") for one in ids)
    said = tree(render_comment('<p class="flash" id="main" name="a">x</p>\n\n```python\nx = 1\n```').html)
    assert {element.get("class") for element in said.iter("p")} == {None}
    assert not [element for element in said.iter() if element.get("id") or element.get("name")]


def test_line_05_template_syntax_prints_as_typed(pages: Pages, trees: dict[str, Any]) -> None:
    text = "".join(trees["/postmortems/by-form"].itertext())
    assert "{{7*7}}" in text and "{% raw %}" in text and "${7*7}" in text and "{text}" in text
    computed = re.compile(rb"\{\{49\}\}|[^0-9]49\{% raw|script&gt;49")
    assert {path for path, answer in pages.items() if computed.search(answer.data)} == set()
    for path in modules():  # text of people is never the template
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("render_template_string", "from_string", "format_map"):
                raise AssertionError(f"{name_of(path)}:{node.lineno}")


def test_line_07_one_value_is_text_on_every_page_that_shows_it(pages: Pages, trees: dict[str, Any]) -> None:
    """List, page, profile, queue, log, desk, search, feed, API: as typed, in text and in attributes."""
    shown = {
        EVIL: ("/", "/postmortems/", "/postmortems/by-form", "/postmortems/by-form/revisions", "/moderation/?queue=all",
               "/moderation/log", "/editor/", "/search?q=script", "/postmortems/live"),
        EVIL_NAME: ("/postmortems/by-form", "/people/{mia}", "/moderation/?queue=all", "/account/users", "/services/",
                    "/organisations/", "/postmortems/by-import"),
        EVIL_TAG: ("/tags/", "/postmortems/", "/postmortems/by-form"),
    }  # fmt: skip
    for value, places in shown.items():
        for place in places:
            path = next(
                one for one in trees if one == place or (place == "/people/{mia}" and one.startswith("/people/"))
            )
            text = " ".join("".join(trees[path].itertext()).split())
            assert " ".join(value.split()) in text, f"{value[:20]} at {path}"
    titles = {path: "".join(root.find("head/title").itertext()) for path, root in trees.items() if "by-form" in path}
    assert EVIL in titles["/postmortems/by-form"]
    fields = {element.get("value") for root in trees.values() for element in root.iter("input")}
    assert {EVIL} <= fields
    listed = pages["/api/v1/articles"].json["items"]
    assert EVIL in {one["title"] for one in listed}


def test_line_07_logs_hold_a_value_as_one_line(hostile: HostileSite, caplog: pytest.LogCaptureFixture) -> None:
    from blog.lib.logs import formatter

    with caplog.at_level(logging.INFO):
        hostile.app.test_client().get("/search?q=%0aforged%0d%1b[31m", headers={"User-Agent": EVIL})
    lines = [formatter().format(record) for record in caplog.records]
    assert lines and all("\n" not in one and "\x1b" not in one and json.loads(one) for one in lines)


@pytest.mark.parametrize("length", range(1, 90, 4))
def test_line_08_an_excerpt_of_any_length_is_inert(length: int) -> None:
    for text in (EVIL, plain_text(render_article(BODY).html), "&lt;script&gt;" * 20):
        markup = str(escape(excerpt(text, length)))
        root = tree(f"<p>{markup}</p>")
        assert [element.tag for element in root.iter()] == ["html", "head", "body", "p"]


def test_line_09_no_page_carries_data_in_a_script(trees: dict[str, Any]) -> None:
    assert {path for path, root in trees.items() for one in root.iter("script") if (one.text or "").strip()} == set()


@pytest.mark.parametrize("path", ["/feed.atom", "/feed.json", "/sitemap.xml"])
def test_line_10_feeds_are_well_formed_and_hold_what_is_public(pages: Pages, path: str) -> None:
    answer = pages[path]
    assert answer.status_code == 200 and "charset=utf-8" in answer.content_type
    assert b"<!DOCTYPE" not in answer.data and b"<!ENTITY" not in answer.data
    assert "zebra" not in answer.text and "/postmortems/draft" not in answer.text
    if path == "/feed.json":
        htmls = [one["content_html"] for one in answer.json["items"]]
        assert EVIL in {one["title"] for one in answer.json["items"]}
    else:
        root = ElementTree.fromstring(answer.data)
        atom = "{http://www.w3.org/2005/Atom}"
        htmls = [one.text or "" for one in root.iter(f"{atom}content")]
        assert path == "/sitemap.xml" or EVIL in {one.text for one in root.iter(f"{atom}title")}
    assert [list(complaints(tree(html.replace("http://127.0.0.1:8000/media/", "/media/")))) for html in htmls] == [
        []
    ] * len(htmls)


def test_line_11_text_is_kept_in_one_form_and_what_is_none_is_refused(world: World, site: Flask) -> None:
    mia = world.client(site, MIA)
    address = "/postmortems/live/comments"
    assert mia.post(address, data={"text": "cafe\u0301 a\x07b\x1b\tc\r\nd " + "o" + "\u0301" * 30}).status_code == 303
    with site.app_context():
        kept = db.session.scalars(select(Comment.text).order_by(Comment.id.desc())).first()
    assert kept is not None and kept.startswith("caf\xe9 ab\tc\nd ")
    assert kept.count("\u0301") <= 8
    for bad in (b"text=a%00b", b"text=%ff", b"text=%ed%a0%80"):
        answer = mia.post(address, data=bad, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 400
    assert mia.post("/account/settings", data={"name": "Mia\u202eaim", "about": ""}).status_code == 400
    css = (ROOT / "static" / "css" / "comments.css").read_text(encoding="utf-8")
    assert re.search(r"\.comment-text \{[^}]*unicode-bidi: isolate", css), (
        "a body that turns the text around stays inside"
    )


@pytest.mark.parametrize(
    "name",
    ["mia", "MIA", "\u039cIA", "M\u0456a", "M\u200bia", "admin", "R00t", "\u0430dmin", "feed", "deleted", "Hindsight"],
)
def test_line_12_names_that_pass_for_others_are_refused(world: World, site: Flask, name: str) -> None:
    fields = {"name": name, "email": "new@people.example", "password": "seven lanterns over harbour"}
    assert site.test_client().post("/account/register", data=fields).status_code == 400
    with site.app_context():
        assert db.session.scalar(select(User).where(User.email == "new@people.example")) is None


SQL_CALLS = ("text", "exec_driver_sql", "literal_column", "executescript")


def is_put_together(made: ast.expr) -> bool:
    """Whether SQL holds more than constants: names in capitals, or a number in a PRAGMA, which takes no parameters."""
    if not isinstance(made, (ast.BinOp, ast.JoinedStr)) or ast.unparse(made).startswith(("f'PRAGMA ", 'f"PRAGMA ')):
        return False
    return bool({one.id for one in ast.walk(made) if isinstance(one, ast.Name) and not one.id.isupper()})


def test_line_13_no_sql_is_put_together_from_text() -> None:
    for path in modules():
        source = path.read_text(encoding="utf-8")
        if "sqlalchemy" not in source and "sqlite3" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in SQL_CALLS and node.args:
                assert not is_put_together(node.args[0]), f"{name_of(path)}:{node.lineno}"


@pytest.mark.parametrize(
    "value", ["' OR 1=1 --", '"; DROP TABLE users; --', "1) UNION SELECT password_hash FROM users--", "%", "_"]
)
def test_line_13_what_looks_like_sql_is_a_value(world: World, site: Flask, value: str) -> None:
    admin = world.client(site, ADA)
    for path in ("/postmortems/", "/search", "/account/users", "/moderation/", "/api/v1/articles", "/api/v1/search"):
        for name in ("q", "tag", "service", "sort", "page", "state", "before", "after", "kind", "year"):
            answer = admin.get(path, query_string={name: value})
            assert answer.status_code in (200, 400, 404), f"{path}?{name}="
            assert "argon2" not in answer.text
    with site.app_context():
        assert len(db.session.scalars(select(User)).all()) == len(CAST) + 1


def test_line_13_orders_come_from_a_list(world: World, site: Flask) -> None:
    reader = site.test_client()
    usual = reader.get("/api/v1/search?q=queue").json["items"]
    assert reader.get("/api/v1/search?q=queue&sort=password_hash").json["items"] == usual
    assert reader.get("/postmortems/?colour=red").status_code == reader.get("/postmortems/").status_code
    tables = {name_of(path) for path in modules() if "text/csv" in path.read_text("utf-8")}
    assert tables == {"blog.followups.views", "blog.journal.event_views"}, "whose cells csv_rows.csv_text made"
    table = reader.get("/actions.csv?state=all")
    assert table.status_code == 200 and not re.search(r"(?m)(^|,)\"?[=+@\t-]", table.text)


def test_line_15_a_comment_that_cannot_be_rendered_shows_as_typed(
    world: World, site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: RenderProcess, *, until: float | None = None) -> Any:
        raise TimeoutError

    monkeypatch.setattr(RenderProcess, "receive", broken)
    said = world.client(site, MIA).post("/postmortems/live/comments", data={"text": f"*so* {EVIL}"})
    assert said.status_code == 303
    page = site.test_client().get("/postmortems/live")
    assert page.status_code == 200
    (text,) = [
        one
        for one in tree(page.text).iter("div")
        if one.get("class") == "comment-text" and "*so*" in "".join(one.itertext())
    ]
    assert EVIL in "".join(text.itertext())
    assert list(complaints(text)) == []


def test_line_15_no_page_fails_for_anybody(hostile: HostileSite) -> None:
    for person in (None, MIA, ARUN):
        client: Visitor = hostile.world.client(hostile.app, person)
        assert {path for path in hostile.paths if client.get(path).status_code >= 500} == set()
