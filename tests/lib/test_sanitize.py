"""The sanitizer against our own table of hostile input, judged by html5lib, with nh3 as the second opinion."""

import html as entities
import re
from collections.abc import Iterator
from typing import Any

import html5lib
import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.lib.markdown import to_raw_html
from blog.lib.sanitize import (
    ARTICLE_TAGS,
    CODE_CLASSES,
    COMMENT_TAGS,
    INLINE_TAGS,
    LINK_REL,
    is_own_image,
    is_safe_link,
    sanitize,
)
from blog.lib.text import INVISIBLE, mend_text

LEVELS = ("article", "comment", "inline")
TAGS = {"article": ARTICLE_TAGS, "comment": COMMENT_TAGS, "inline": INLINE_TAGS}
# Written down again, apart from the code under test: what a page may ever hold.
ATTRIBUTES = {
    "a": {"href", "title", "rel", "class"},
    "img": {"src", "alt", "title", "loading"},
    "div": {"class", "tabindex"},
    "pre": {"tabindex"},
    "span": {"class"},
    "ol": {"start"},
    "li": {"id", "class"},
    "sup": {"id"},
    "th": {"class", "scope"},
    "td": {"class"},
    **{f"h{n}": {"id"} for n in range(2, 7)},
}
OWN_CLASSES = {"highlight", "footnote", "table-scroll", "footnote-ref", "footnote-backref", "task", "image-alt"}
CLASSES = CODE_CLASSES | OWN_CLASSES | {"align-left", "align-center", "align-right"}

INVISIBLE_INSIDE = [
    "\t", "\n", "\r", "\x01", "\x1f", "\x7f", "\xa0", "\xad", "\u200b", "\u200d", "\u2060", "\u3164", "\ufeff",
    "\ufe0f", "\U000e0041", "&#9;", "&Tab;", "&NewLine;", "&#x200B;", "&shy;", "&#x0a",
]  # fmt: skip
SCHEMES = ["javascript:alert(1)", "vbscript:x", "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd", "javascript:123", "tel:0123456789", "localhost:8000", "//evil.example/x",
    "\\\\evil.example\\x", "/\\evil.example", "blob:x", "ftp://a.b/c", "urn:a:b", "webcal://a.b",
    "JaVaScRiPt://a.b/%0aalert(1)", "http:evil.example", "https:/evil.example", "http://", "http:///x",
    "view-source:http://a.b", "&#106;avascript:x", "jav&#x61;script:x", "&amp;#106;avascript:x",
    "javascript&colon;alert(1)", "http://[::1", "mailto:", "x", "../x", "?q=1", ""]  # fmt: skip
ROADS = ["[x]({})", "[x](<{}>)", "<{}>", "![x]({})", "[x][r]\n\n[r]: {}", '<a href="{}">x</a>',
    "<img src='{}'>", "{}", '<form action="{}"><button formaction="{}">x</button></form>',
    '<svg><a xlink:href="{}">x</a></svg>', '<iframe src="{}"></iframe>', '<object data="{}"></object>',
    '<video poster="{}"></video>']  # fmt: skip
ODDITIES = [
    # quotes and attributes
    '<p onclick=alert(1)>x', '<a href="x" onmouseover="y">z</a>', "<a href='x'onclick='y'>",
    '"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", '[x](http://a.b" onclick="y)',
    "[x](http://a.b 'ti\"tle onclick=y')", '[x](http://a.b "ti\'tle"onclick="y")',
    '![x" onerror="alert(1)](/media/a.png)', '![x](/media/a.png" onerror="y)', '[x" id="y](http://a.b)',
    "`x\" onclick=`", '# x" onclick="y', "# <img src=x onerror=y>", "<a\x0bhref=x>", "<a/href=x>",
    "http://a.b/\"onclick=\"y", "http://a.b/'><script>x</script>", "<http://a.b/\" onclick=\"y>",
    '[a]: /x "<script>"\n\n[a]',
    # nesting and broken tags
    "<scr<script>ipt>alert(1)</scr</script>ipt>", "<<script>alert(1)//<</script>", "<script",
    "<script >x</script >", "<a<b<c<d>", "</p><script>x</script>", "<p><table><p>x</table>", "*<b>*x</b>*",
    "**[x**](http://a.b)", "[[x](http://a.b)](http://c.d)", "[![x](http://a.b/c.png)](javascript:x)",
    "[*x](http://a.b)*", "> <b>\n> [x\n](y)", "<em><p></em></p>" * 5, "</div></article></main>x",
    "</textarea><script>x</script>", "<div class=highlight><pre>", "`<script>`",
    "```html\n</code></pre><script>x</script>\n```", "    </code></pre><script>x</script>",
    "a<br/onload=x>",
    # namespaces and mutation
    "<svg><script>x</script></svg>", "<svg onload=alert(1)>",
    "<math><mi//xlink:href=\"data:x,<script>y</script>\">",
    "<svg><style><img src=x onerror=y></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;" "&lt;img src=1 onerror=alert(1)&gt;\">",
    "<noscript><p title=\"</noscript><img src=x onerror=y>\">", "<template><script>x</script></template>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=y>\">",
    "<xmp><p title=\"</xmp><img src=x onerror=y>\">", "<title><img src=x onerror=y></title>",
    "<plaintext>x", "<svg><animate attributeName=href values=javascript:x>",
    "<math><annotation-xml encoding=text/html><script>x</script>", "<svg><foreignObject><script>x</script>",
    "<svg><use href=\"data:image/svg+xml,x#y\">", "<!--><script>x</script>-->",
    "<!-- x --!><script>y</script>", "<![CDATA[<script>x</script>]]>",
    "<?xml version=1?><script>x</script>", "<!DOCTYPE x [", "<!ENTITY x SYSTEM 'file:///etc/passwd'>",
    "<base href=//evil.example>", "<meta http-equiv=refresh content=0;url=//e>",
    "<link rel=stylesheet href=//e>", "<style>@import '//e'</style>", "<p style=background:url(//e)>",
    "<input autofocus>", "<isindex action=javascript:x>", "<keygen autofocus onfocus=x>",
    "<details open ontoggle=x>", "<marquee onstart=x>", "<body onload=x>", "<html onload=x>",
    "<frameset onload=x>", "<select><style></select><script>x</script>", "<a id=csrf name=csrf>",
    "<h2 id=csrf>x</h2>", "<ul><li id=x>y</li></ul>", "<sup id=user-contentx>y</sup>",
    "<div class=modal>x</div>", "<span class='k hidden'>x</span>", "<pre tabindex=9>x</pre>",
    "<ol start=x><li>y</li></ol>", "<li class=x>y</li>", "<img name=cookie>", "<a id=user-content-x>",
    "# \u202eevil", "[\u202eelpmaxe](http://a.b)",
    # template syntax
    "{{ 7*7 }}", "{{text}}", "{{ ''.__class__.__mro__ }}", "{% raw %}{% endraw %}", "{# x #}", "${{7*7}}",
    "<%= 7*7 %>", "#{7*7}", "[x]({{ url }})", "![x](/media/{{x}})", "`{{ x }}`", "{% extends 'x' %}",
    "[{{x}}][r]\n\n[r]: http://{{x}}",
    # characters
    "\u202e\u2066\u2067x", "\x00<script>\x00", "<\x00script>x</script>", "\ud800<b>", "\udfff\ud800",
    "\x02wzxhzdk:0\x03", "\x02klzzwxh:0001\x03", "\x02amp\x03", "&#0;&#x1;&#xd800;&#1114112;",
    "&lt;script&gt;x&lt;/script&gt;", "&amp;lt;script&amp;gt;", "&#60;script&#62;",
    "\uff1cscript\uff1ex\uff1c/script\uff1e", "\u2028<script>\u2029", "\ufeff<script>", "a\u0301" * 40,
    "+ADw-script+AD4-", "%3Cscript%3E",
    # Markdown's own forms
    "[^1]\n\n[^1]: <script>x</script>", '[^"><script>]\n\n[^"><script>]: x', "[^1]\n\n[^1]: a[^1]",
    "[^a]: b\n[^a]: c\n\n[^a]", '|<script>|"onclick="|\n|-|-|\n|<img src=x onerror=y>|[x](javascript:y)|',
    "- [ ] <input type=checkbox onclick=x>", "- [x](javascript:y)", "# [x](javascript:y)",
    "1. <script>\n   ```\n   </script>\n   ```", "```<script>\nx\n```",
    "```python\n\"\"\"</span><script>x</script>\n```", "~~~ {.python onclick=x}\ny\n~~~", "{: onclick=x }",
    "# x {#id onclick=y}", '!!! danger "<script>"\n    x', "*[x]: <script>\n\nx",
    "<div markdown=1 onclick=x>*y*</div>", "[TOC]", "\\<script>x\\</script>", "99999999999. x",
    "[x](#user-content-y)", "[x](#)", "[x](/)", "[x](/a?b=//c)", "[x](HTTP://A.B)", "[x](mailto:a@b.c)", ]  # fmt: skip


def hostile() -> Iterator[str]:
    yield from ODDITIES
    for road in ROADS:
        for scheme in SCHEMES:
            yield road.replace("{}", scheme)
        for blank in INVISIBLE_INSIDE:
            yield road.replace("{}", f"java{blank}script:alert(1)")
            yield road.replace("{}", f"{blank}javascript:alert(1)")
            yield road.replace("{}", f"javascript{blank}:alert(1)")
            yield road.replace("{}", f"{blank}//evil.example")
    for event in (
        "onload",
        "onerror",
        "onfocus",
        "onpointerdown",
        "formaction",
        "srcset",
        "style",
        "xlink:href",
        "srcdoc",
    ):
        for tag in ("a", "img", "div", "span", "p", "td", "pre", "svg"):
            yield f'<{tag} {event}="javascript:alert(1)">x</{tag}>'


HOSTILE = list(hostile())


def tree(markup: str) -> Any:
    return html5lib.parseFragment(markup, namespaceHTMLElements=True)


def faults(markup: str, level: str) -> list[str]:
    """What an HTML5 parser finds that the lists above do not allow."""
    found = []
    for node in tree(markup).iter():
        if not isinstance(node.tag, str):
            found.append("a comment")
            continue
        namespace, _, tag = node.tag.rpartition("}")
        if tag == "DOCUMENT_FRAGMENT":
            continue
        if namespace != "{http://www.w3.org/1999/xhtml" or tag not in TAGS[level]:
            found.append(node.tag)
        for name, value in node.attrib.items():
            found += attribute_faults(tag, str(name), value, node)
    return found


def attribute_faults(tag: str, name: str, value: str, node: Any) -> list[str]:
    seen = re.sub(f"[{INVISIBLE}]", "", value)
    web = seen.lower().startswith("http")
    broken = {
        "not listed": name not in ATTRIBUTES.get(tag, ()),
        "address": name == "href" and not re.match(r"https?://[^/]|mailto:|/(?![/\\])|#", seen, re.IGNORECASE),
        "no rel": name == "href" and web and node.get("rel") != LINK_REL,
        "source": name == "src" and not seen.startswith("/media/"),
        "id": name == "id" and not value.startswith("user-content-"),
        "class": name == "class" and not set(value.split()) <= CLASSES,
        "number": (name == "tabindex" and value != "0") or (name == "start" and not value.isdecimal()),
    }
    return [f"{tag} {name} {value!r}: {fault}" for fault, found in broken.items() if found]


def rendered(text: str, level: Any) -> str:
    return sanitize(to_raw_html(mend_text(text), level), level)


def test_the_table_of_hostile_input_is_large_enough_to_mean_something():
    assert len(set(HOSTILE)) > 1000
    assert len(ODDITIES) >= 120


@pytest.mark.parametrize("level", LEVELS)
def test_no_hostile_text_leaves_a_node_or_attribute_outside_the_lists(level):
    assert {text: found for text in HOSTILE if (found := faults(rendered(text, level), level))} == {}


@pytest.mark.parametrize("level", LEVELS)
def test_no_hostile_html_passes_the_sanitizer_alone(level):
    assert {text: found for text in HOSTILE if (found := faults(sanitize(text, level), level))} == {}


@pytest.mark.parametrize("level", LEVELS)
def test_a_second_parse_gives_the_same_tree(level):
    for text in HOSTILE:
        markup = rendered(text, level)
        once = html5lib.serialize(tree(markup), quote_attr_values="always", omit_optional_tags=False)
        again = html5lib.serialize(tree(once), quote_attr_values="always", omit_optional_tags=False)
        assert once == again, text


@pytest.mark.parametrize("level", LEVELS)
def test_a_second_sanitizer_finds_nothing_to_remove(level):
    allowed = {tag: ATTRIBUTES.get(tag, set()) - {"rel"} for tag in TAGS[level]}
    differences = {}
    for text in HOSTILE:
        markup = rendered(text, level)
        second = nh3.clean(
            markup,
            tags=set(TAGS[level]),
            attributes=allowed,
            url_schemes={"http", "https", "mailto"},
            link_rel=LINK_REL,
            strip_comments=True,
        )
        if shape(markup) != shape(second):
            differences[text] = (markup, second)
    assert differences == {}


def shape(markup: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Tags and attributes in order; nh3 puts the same `rel` on every link, so that is left out."""
    return [
        (str(node.tag), tuple(sorted((k, v) for k, v in node.attrib.items() if k != "rel")))
        for node in tree(markup).iter()
    ]


@pytest.mark.parametrize("level", LEVELS)
def test_template_syntax_survives_as_text(level):
    for typed in ("{{ ''.__class__.__mro__ }}", "{{text}}", "{% raw %}", "{{ 7*7 }}"):
        assert typed in entities.unescape(re.sub("<[^>]*>", "", rendered("say " + typed, level)))


@pytest.mark.parametrize("address", ["http://a.b", "https://a.b/c?d=e&amp;f#g", "HTTPS://A.B",
    "mailto:a@b.c", "/", "/a/b", "#", "#x:y", "https://пример.рф/ж", "http://[::1]/", "http://a.b:80/"])  # fmt: skip
def test_good_addresses_stay(address):
    assert is_safe_link(address)


@pytest.mark.parametrize("address", SCHEMES)
def test_other_addresses_go(address):
    assert not is_safe_link(address)


@pytest.mark.parametrize("blank", INVISIBLE_INSIDE)
def test_an_address_with_an_invisible_character_goes(blank):
    assert not is_safe_link(f"ht{blank}tps://a.b")
    assert not is_safe_link(f"https://a.b/{blank}x")
    assert not is_safe_link(f"{blank}//a.b")


@pytest.mark.parametrize("path", ["/media/../x", "/media//x", "/media/", "/media", "/mediax/y",
    "/media/a b", "/media/x?y", "/media/.x", "http://a.b/media/x", "//a.b/media/x", "/media/x\n",
    "/media/%2e%2e/x", "/MEDIA/x"])  # fmt: skip
def test_an_image_path_that_is_not_ours_goes(path):
    assert not is_own_image(path)
    assert is_own_image("/media/2025/ab-c_d.png")


@pytest.mark.parametrize(
    ("typed", "linked"),
    [
        ("see https://a.dev/b_c?d=1&e=2#f.", "https://a.dev/b_c?d=1&amp;e=2#f"),
        ("(https://a.b/c)", "https://a.b/c"),
        ("https://a.b/c_(d)", "https://a.b/c_(d)"),
        ("HTTP://A.B!", "HTTP://A.B"),
    ],
)
def test_a_plain_address_becomes_a_link(typed, linked):
    assert f'<a href="{linked}" rel="{LINK_REL}">{linked}</a>' in rendered(typed, "comment")


@pytest.mark.parametrize("typed", ["`https://a.b`", "```\nhttps://a.b\n```", "    https://a.b",
    "config.py deploy.sh a.com", "data:text/html,x ftp://a.b urn:x webcal://a.b", "me@a.b", "xhttp://a.b"])  # fmt: skip
def test_code_file_names_and_other_schemes_are_not_linked(typed):
    assert "<a" not in rendered(typed, "comment")


def test_links_inside_the_site_carry_no_rel():
    assert rendered("[a](/b) [c](#d)", "comment") == '<p><a href="/b">a</a> <a href="#d">c</a></p>'


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*"<>\"'`[]()!*_#\n -|:/\\&;{}%a", "script", "javascript:", "http://a.b",
    "](", "<a href=", "```", "[^1]", "&#x", "\u200b", "\u202e"]), max_size=40).map("".join))  # fmt: skip
def test_text_put_together_at_random_keeps_to_the_lists(text):
    for level in LEVELS:
        assert faults(rendered(text, level), level) == []
