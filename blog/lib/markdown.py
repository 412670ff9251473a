"""Markdown to raw HTML, one dialect for each trust level. The result is not safe: only `renderer` may show it."""

import re
import threading
from collections.abc import Mapping
from hashlib import blake2s
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions.nl2br import Nl2BrExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

from blog.lib import article_markup, markdown_pace
from blog.lib.code_blocks import FencedCode
from blog.lib.mentions import MENTION, readings_of
from blog.lib.text import Level

# HTML that people type shows as typed, so nothing may lift it out of the text. Mail addresses in angle brackets stay
# text too: the library writes them as a puzzle of entities.
_NO_HTML = ("html", "automail")
_COMMENT_WITHOUT_BLOCKS = ("hashheader", "setextheader", "hr", "reference")
_COMMENT_WITHOUT_INLINES = (
    "reference",
    "short_reference",
    "image_link",
    "image_reference",
    "short_image_ref",
)
_TEMPLATE_SYNTAX = r"\{\{[^{}\n]{0,300}\}\}|\{%[^%\n]{0,300}%\}|\{[\w.\[\]]{1,100}\}"
_INLINE_WITHOUT_BLOCKS = ("indent", "code", "olist", "ulist", "quote")

Match = tuple[Element | None, int | None, int | None]


class _Literal(InlineProcessor):
    """Template syntax shows as typed, also where it holds a mark: `{{ x.__class__ }}` is no emphasis."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[str, int, int]:  # type: ignore[override]  # noqa: N802
        return m[0], m.start(), m.end()


class _Mention(InlineProcessor):
    """`@rita` is a link where somebody has that name, and text where nobody has."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(self, m: re.Match[str], data: str) -> Match:  # type: ignore[override]  # noqa: N802
        for handle in readings_of(m[1]):
            person = _converters.people.get(handle.casefold())
            if person is not None:
                _converters.mentioned[person] = None
                link = Element("a", href=f"/people/{person}")
                link.text = AtomicString(f"@{handle}")
                return link, m.start(), m.start() + 1 + len(handle)
        return None, None, None


class _Converters(threading.local):
    """Converters keep state between calls, so each thread has its own."""

    def __init__(self) -> None:
        self.footnotes = article_markup.Footnotes()
        self.by_level: dict[Level, Markdown] = {}
        self.people: Mapping[str, int] = {}
        self.mentioned: dict[int, None] = {}


_converters = _Converters()


def may_mention(people: Mapping[str, int]) -> dict[int, None]:
    """Whom the comments made next in this thread may mention: numbers by handle. What is given back fills with the
    numbers of those they do mention, in order.
    """
    _converters.people, _converters.mentioned = people, {}
    return _converters.mentioned


def to_raw_html(text: str, level: Level) -> str:
    """Unsanitized HTML of one text.

    Levels: `article` is the whole dialect; `comment` is emphasis, code, lists, quotes and links, where each newline
    shows; `inline` is emphasis, code and links, and never holds a block, so that it fits into any element.
    Hostile text may raise (RecursionError, ValueError) or take long; `renderer` guards against both.
    """
    converter = _converter(level)
    converter.reset()
    if level == "article":
        _converters.footnotes.text_mark = blake2s(text.encode("utf-8", "replace"), digest_size=3).hexdigest()
    raw = converter.convert(text)
    if level == "inline":
        # Typed angle brackets are escaped by now, so each of these tags is a paragraph.
        raw = raw.removeprefix("<p>").removesuffix("</p>").replace("</p>\n<p>", "<br><br>")
    return raw


def _converter(level: Level) -> Markdown:
    if level not in _converters.by_level:
        _converters.by_level[level] = _article() if level == "article" else _comment(inline=level == "inline")
    return _converters.by_level[level]


def _article() -> Markdown:
    md = Markdown(
        extensions=[SaneListExtension(), TableExtension(), _converters.footnotes],
        output_format="html",
    )
    markdown_pace.quicken(md, tables={"use_align_attribute": True})
    _as_typed(md)
    md.preprocessors.register(FencedCode(md), "fenced-code", 25)
    article_markup.build(md)
    return md


def _comment(*, inline: bool) -> Markdown:
    md = Markdown(extensions=[SaneListExtension(), Nl2BrExtension()], output_format="html")
    markdown_pace.quicken(md, newlines=True)
    _as_typed(md)
    for name in _COMMENT_WITHOUT_BLOCKS + (_INLINE_WITHOUT_BLOCKS if inline else ()):
        md.parser.blockprocessors.deregister(name)
    for name in _COMMENT_WITHOUT_INLINES:
        md.inlinePatterns.deregister(name)
    if not inline:
        md.inlinePatterns.register(_Mention(MENTION, md), "mention", 110)  # before emphasis takes its underscores
        md.preprocessors.register(FencedCode(md), "fenced-code", 25)
        md.treeprocessors.register(article_markup.FocusableCode(md), "focusable-code", -5)
    return md


def _as_typed(md: Markdown) -> None:
    md.preprocessors.deregister("html_block")
    for name in _NO_HTML:
        md.inlinePatterns.deregister(name)
    md.inlinePatterns.register(_Literal(_TEMPLATE_SYNTAX, md), "template-syntax", 185)  # after code spans
