"""What a browser would see in the comments of a page, by an HTML5 parser, and whatever in them must not be there."""

import re
from collections.abc import Iterator
from html import unescape
from xml.etree.ElementTree import Element

import html5lib

TAGS = {"a", "br", "code", "em", "strong", "blockquote", "div", "li", "ol", "p", "pre", "span", "ul"}
ATTRIBUTES = {
    "a": {"href", "title", "rel"},
    "div": {"class"},
    "ol": {"start"},
    "pre": {"tabindex"},
    "span": {"class"},
}
NO_INK = re.compile("[\x00-\x20\x7f-\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
GOOD_LINK = re.compile(r"(?:https?://[^/]|mailto:[^@/]+@|/(?![/\\])|#)", re.IGNORECASE)


def parsed(page: str) -> Element:
    """The tree of a page, as browsers build it."""
    root: Element = html5lib.parse(page, treebuilder="etree", namespaceHTMLElements=False)
    return root


def by_class(root: Element, name: str) -> list[Element]:
    return [one for one in root.iter() if name in one.get("class", "").split()]


def words_of(element: Element) -> str:
    return "".join(element.itertext())


def complaints(text: Element) -> Iterator[str]:
    """Everything inside a `.comment-text` that nobody may put there."""
    for element in list(text.iter())[1:]:
        tag = str(element.tag)
        if tag not in TAGS:
            yield f"<{tag}>"
        for name, value in element.attrib.items():
            if name not in ATTRIBUTES.get(tag, set()):
                yield f"<{tag} {name}={value!r}>"
        href = element.get("href")
        if href is not None:
            yield from _about_link(href, element.get("rel"))


def _about_link(href: str, rel: str | None) -> Iterator[str]:
    seen = NO_INK.sub("", unescape(href))
    if seen != href and NO_INK.search(href):
        yield f"invisible characters in {href!r}"
    if not GOOD_LINK.match(seen):
        yield f"a link to {href!r}"
    if seen.lower().startswith("http") and rel != "nofollow ugc noopener":
        yield f"rel={rel!r} on {href!r}"
