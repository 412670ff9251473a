"""What an HTML5 parser makes of a page, and whatever in it nobody from outside may put there."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import html5lib

from blog.lib.text import INVISIBLE
from tests.lib.test_sanitize import ATTRIBUTES, CLASSES

# Where the site shows HTML that it made from somebody's text -> the trust level of that text.
BOXES = {
    "prose": "article", "prose-small": "comment", "comment-text": "comment", "post-summary": "inline",
    "claim-text": "inline", "timeline-text": "inline", "card-summary": "inline", "actions": "row",
    "fact-factors": "row",
}  # fmt: skip
LEVEL_TAGS = {
    "inline": {"a", "br", "code", "em", "strong"},
    "comment": {"a", "br", "code", "em", "strong", "blockquote", "div", "li", "ol", "p", "pre", "span", "ul"},
}
LEVEL_TAGS["article"] = LEVEL_TAGS["comment"] | {
    "table", "tbody", "td", "th", "thead", "tr", "h2", "h3", "h4", "h5", "h6", "hr", "img", "sup",
}  # fmt: skip
LEVEL_TAGS["row"] = LEVEL_TAGS["inline"] | {"li", "p"}  # a list of the page whose rows hold inline text
LISTS = {"contents-list", "tags", "card-facts", "fact-names"}  # as long as what people wrote makes them
OWN_IN_BOXES = {
    "permalink",
    "source-mark",
    "marker",
    "quiet",
    "talk-mark",
}  # what the page itself puts beside a row's text
NEVER = {
    "style", "iframe", "object", "embed", "base", "applet", "frame", "frameset", "noscript", "template",
    "math", "portal", "marquee", "video", "audio", "source", "track", "picture", "map", "area", "plaintext",
    "xmp", "listing", "noembed", "isindex", "foreignobject", "use", "animate", "set", "handler",
}  # fmt: skip
# Pieces of ours inside a box, with all that is in them; `frame` and the twin site look at those.
OWN_TREES = {"action-line"}
_NO_INK = re.compile(f"[{INVISIBLE}]")
_GOOD_LINK = re.compile(r"https?://[^/?#]|mailto:[^@/]+@|/(?![/\\])|#|\?", re.IGNORECASE)
_PLACE = re.compile(r"body-p-[0-9a-f]{12}(-[0-9]+)?")  # a passage that comments can stand on
_OUTSIDE = re.compile(r"https?://", re.IGNORECASE)


def parsed(page: str) -> Element:
    """The tree of a page as browsers build it; foreign elements keep their namespace in the tag."""
    builder = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=True)
    root: Element = builder.parse(page)
    for one in root.iter():
        if isinstance(one.tag, str):
            one.tag = one.tag.removeprefix("{http://www.w3.org/1999/xhtml}")
    return root


def fragment(markup: str) -> Element:
    """The tree of a piece of HTML, as of a feed's entry."""
    root: Element = html5lib.parseFragment(markup, namespaceHTMLElements=False)
    return root


def words_of(element: Element) -> str:
    """The text of an element, blanks as one."""
    return " ".join("".join(element.itertext()).split())


def classes(element: Element) -> set[str]:
    return set(element.get("class", "").split())


def complaints(root: Element, *, site: str = "http://127.0.0.1:8000") -> list[str]:
    """Everything on a page that rules 2 to 4 forbid, wherever it stands; and what its boxes may not hold."""
    found = [fault for element in root.iter() for fault in _faults(element, site)]
    for box in root.iter():
        levels = [level for name, level in BOXES.items() if name in classes(box)]
        if levels:
            found += [f"in .{box.get('class')}: {fault}" for fault in box_faults(box, levels[0])]
    return found


def box_faults(box: Element, level: str) -> Iterator[str]:
    """What a box of one trust level may not hold."""
    own = {one for part in box.iter() if OWN_TREES & classes(part) for one in part.iter()}
    for element in list(box.iter())[1:]:
        if element in own or OWN_IN_BOXES & classes(element) or (level == "row" and element.tag == "li"):
            continue
        tag = str(element.tag)
        if tag not in LEVEL_TAGS[level]:
            yield f"<{tag}>"
        for name, value in element.attrib.items():
            if name not in ATTRIBUTES.get(tag, set()) | ({"id"} if level == "article" else set()):
                yield f"<{tag} {name}={value!r}>"
            if name == "class" and not set(value.split()) <= CLASSES:
                yield f"<{tag} class={value!r}>"
            is_place = level == "article" and name == "id" and _PLACE.fullmatch(value)
            if name in ("id", "name") and not value.startswith("user-content-") and not is_place:
                yield f"<{tag} {name}={value!r}>"
        address = element.get("href")
        if address is not None and _OUTSIDE.match(address) and element.get("rel") != "nofollow ugc noopener":
            yield f"rel={element.get('rel')!r} on {address!r}"


def _faults(element: Element, site: str) -> Iterator[str]:
    if not isinstance(element.tag, str):
        return  # the site writes no comments into its pages; `frame` counts them
    namespace, _, tag = element.tag.rpartition("}")
    if tag.lower() in NEVER or (namespace and not namespace.endswith("/2000/svg")):
        yield f"<{element.tag}>"
    if tag == "script" and not element.get("src", "").startswith("/static/"):
        yield f"<script src={element.get('src')!r}>"
    for given, value in element.attrib.items():
        name = str(given).lower()
        if name.startswith("on") or name in ("style", "srcdoc", "ping", "srcset", "background", "is"):
            yield f"<{tag} {name}={value!r}>"
        if name == "src" and not value.startswith(("/static/", "/media/")):
            yield f"<{tag} src={value!r}>"
        if name in ("action", "formaction") and not re.match(r"/(?!/)", value):
            yield f"<{tag} action={value!r}>"
        if name == "href":
            yield from _link_faults(element, value, site)


def _link_faults(element: Element, value: str, site: str) -> Iterator[str]:
    if value and not _GOOD_LINK.match(_NO_INK.sub("", value)):
        yield f"a link to {value!r}"
    if element.tag == "a" and _OUTSIDE.match(value) and not value.startswith(site):
        rel = set((element.get("rel") or "").split())
        if not {"nofollow", "noopener"} <= rel:
            yield f"rel={element.get('rel')!r} on {value!r}"


def frame(root: Element) -> list[str]:
    """The page without what people wrote: each element with class and depth, the inside of boxes and lists left out."""
    lines: list[str] = []

    def walk(element: Any, depth: int) -> None:
        tag = element.tag if isinstance(element.tag, str) else "comment"
        lines.append(f"{depth} {tag} {element.get('class', '')}".rstrip())
        inside = classes(element) & (set(BOXES) | LISTS)
        for child in element:
            if not inside:
                walk(child, depth + 1)
            elif BOXES.get(min(inside)) == "row":
                lines.append(f"{depth + 1} {child.tag}")

    walk(root, 0)
    return lines
