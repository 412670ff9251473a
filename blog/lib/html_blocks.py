"""The blocks of a text that the renderer made: paragraphs, lists, tables and whatever else stands at the top level."""

import re
from collections import Counter

from markupsafe import Markup

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_VOID = frozenset(("br", "hr", "img", "input", "wbr"))  # those that the renderer lets through have no end


def blocks_of(html: str) -> list[str]:
    """The top-level elements of well-formed HTML, each with the text behind it; together they are the HTML."""
    blocks: list[str] = []
    start = depth = 0
    for tag in _TAG.finditer(html):
        is_end, name = bool(tag[1]), tag[2].lower()
        if depth == 0 and not is_end and tag.start() > start:
            blocks.append(html[start : tag.start()])
            start = tag.start()
        if name not in _VOID:
            depth += -1 if is_end else 1
    return [*blocks, html[start:]] if html[start:] else blocks


def with_new_blocks_marked(html: str, old: str, *, before: str, after: str) -> Markup:
    """The trusted HTML with every run of blocks that do not stand in `old` between `before` and `after`, which are
    trusted, too. A block that only moved is not new.
    """
    known = Counter(block.strip() for block in blocks_of(old))
    pieces: list[str] = []
    is_new = False
    for block in blocks_of(html):
        was_new, is_new = is_new, known[block.strip()] < 1 and bool(block.strip())
        known[block.strip()] -= 1
        if is_new != was_new:
            pieces.append(before if is_new else after)
        pieces.append(block)
    return Markup("".join([*pieces, after if is_new else ""]))  # noqa: S704 - all of it was made by the renderer
