"""What an article's Markdown tree gains before it becomes HTML: heading ids, task marks, safe images, wide tables."""

import re
from collections.abc import Iterator
from html import unescape
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions.footnotes import FootnoteExtension
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE

from blog.lib.sanitize import ID_PREFIX, is_own_image

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TASK = re.compile(r"\[([ xX])\][ \n]")
_NOT_SLUG = re.compile(r"[^\w]+")


class TaskItems(Treeprocessor):
    """`[ ]` and `[x]` at the start of a list item become ☐ and ☑. Runs before links are looked for."""

    def run(self, root: Element) -> None:
        for item in root.iter("li"):
            holder = item if item.text and item.text.strip() else item.find("p")
            task = _TASK.match(holder.text or "") if holder is not None else None
            if holder is not None and task:
                holder.text = ("☐ " if task[1] == " " else "☑ ") + (holder.text or "")[task.end() :]
                item.set("class", "task")


class FinishTree(Treeprocessor):
    """Runs last, on the finished tree."""

    def run(self, root: Element) -> None:
        headings = [element for element in root.iter() if element.tag in HEADINGS]
        _shift(headings)
        _name(headings)
        _replace_foreign_images(root)
        for parent in list(root.iter()):
            _wrap_tables(parent)
        _let_focus(root)


class FocusableCode(Treeprocessor):
    """The one step of a comment's tree: a code box that scrolls can be reached with the keyboard."""

    def run(self, root: Element) -> None:
        _let_focus(root)


class Footnotes(FootnoteExtension):
    """Footnotes whose ids are numbered, never typed, and unlike those of any other text on the page.

    `text_mark` must be set for each document.
    """

    text_mark = ""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        # Nobody can type STX, so the notes always stand at the end; `\ufe0e` keeps the arrow from becoming an emoji.
        super().__init__(
            PLACE_MARKER="\x02notes\x03", BACKLINK_TEXT="↩\ufe0e", BACKLINK_TITLE="Back to note {} in the text"
        )

    def reset(self) -> None:
        super().reset()
        self._numbers.clear()

    def makeFootnoteId(self, id: str) -> str:  # noqa: N802 - the library's names
        return f"{ID_PREFIX}fn:{self._tail(id)}"

    def makeFootnoteRefId(self, id: str, found: bool = False) -> str:  # noqa: N802
        first = f"{ID_PREFIX}fnref:{self._tail(id)}"
        if not found:
            return first
        count = self.found_refs[first] = self.found_refs.get(first, 0) + 1
        return first if count == 1 else f"{ID_PREFIX}fnref{count}:{self._tail(id)}"

    def _tail(self, typed_id: str) -> str:
        number = self._numbers.setdefault(typed_id, len(self._numbers) + 1)
        return f"{self.text_mark}-{number}"


def build(md: Markdown) -> None:
    """Register the tree steps; 20 is the inline pass, 0 the library's last one."""
    md.treeprocessors.register(TaskItems(md), "task-items", 25)
    md.treeprocessors.register(FinishTree(md), "finish-tree", -5)


def _let_focus(root: Element) -> None:
    for block in root.iter("pre"):
        block.set("tabindex", "0")


def _shift(headings: list[Element]) -> None:
    """The page's title is the h1, so a body that uses `#` moves down by one; one that starts at `##` fits as it is."""
    if any(heading.tag == "h1" for heading in headings):
        for heading in headings:
            heading.tag = HEADINGS[min(HEADINGS.index(heading.tag) + 1, 5)]


def _name(headings: list[Element]) -> None:
    used: dict[str, int] = {}
    for heading in headings:
        words = unescape(HTML_PLACEHOLDER_RE.sub("", "".join(heading.itertext()))).lower()
        slug = _NOT_SLUG.sub("-", words).strip("-")[:80] or "section"
        used[slug] = count = used.get(slug, 0) + 1
        # Two hyphens: a slug never holds them, so `part--2` cannot meet a heading that is called "Part 2".
        heading.set("id", ID_PREFIX + (slug if count == 1 else f"{slug}--{count}"))


def _replace_foreign_images(root: Element) -> None:
    """An image from elsewhere would tell its host who reads; a link in its place lets the reader decide."""
    linked = {id(image) for link in root.iter("a") for image in link.iter("img")}
    for image in list(root.iter("img")):
        source, words = image.get("src", ""), image.get("alt", "")
        if is_own_image(source):
            image.set("loading", "lazy")
            continue
        tail = image.tail
        image.clear()
        image.tail = tail
        image.text = words or source or "image"
        if id(image) in linked:
            image.tag = "span"
            image.set("class", "image-alt")
        else:
            image.tag = "a"
            image.set("href", source)


def _wrap_tables(parent: Element) -> None:
    for position, child in enumerate(list(parent)):
        if child.tag == "table":
            box = Element("div", {"class": "table-scroll", "tabindex": "0"})
            box.tail, child.tail = child.tail, None
            box.append(child)
            parent[position] = box
            for cell in _cells(child):
                if align := cell.attrib.pop("align", None):
                    cell.set("class", f"align-{align}")
                if cell.tag == "th":
                    cell.set("scope", "col")


def _cells(table: Element) -> Iterator[Element]:
    yield from table.iter("th")
    yield from table.iter("td")
