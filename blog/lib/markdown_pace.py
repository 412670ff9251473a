"""The Markdown library's own steps, without the work that grows with the square of a text or is done for nothing."""

import re
from collections import deque
from typing import Any, SupportsIndex
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.extensions.tables import TableProcessor
from markdown.treeprocessors import InlineProcessor

_MAY_HOLD_INLINE_MARKS = re.compile(r"[\\`*_\[<&{@]|  \n")
_RULER = frozenset("|:- ")


class _Blocks(deque[str]):
    """The blocks of a text, taken and put back at the front; a list would move all that follow, each time."""

    def pop(self, _front: SupportsIndex = 0) -> str:
        return self.popleft()

    def insert(self, _front: SupportsIndex, block: str) -> None:
        self.appendleft(block)


class _Tables(TableProcessor):
    """Looks at the second line first; the library splits a whole block to see that it is none."""

    def test(self, parent: Element, block: str) -> bool:
        lines = block.split("\n", 2)
        return len(lines) > 1 and "|" in lines[0] and _RULER.issuperset(lines[1]) and super().test(parent, block)


class _Inlines(InlineProcessor):
    """Text without any mark stays as it is, instead of being searched for each of a dozen patterns."""

    def __init__(self, md: Markdown, *, newlines: bool) -> None:
        super().__init__(md)
        self._newlines = newlines

    def _InlineProcessor__handleInline(self, data: str, patternIndex: int = 0) -> str:  # noqa: N802, N803 - its names
        if not _MAY_HOLD_INLINE_MARKS.search(data) and not (self._newlines and "\n" in data):
            return data
        marked: str = super()._InlineProcessor__handleInline(data, patternIndex)  # type: ignore[misc]
        return marked


def quicken(md: Markdown, *, tables: dict[str, Any] | None = None, newlines: bool = False) -> None:
    """Put these in the place of the library's steps. `tables`: the options of its tables; `newlines`: each one shows.

    Another pattern for inline text needs its first character in `_MAY_HOLD_INLINE_MARKS`.
    """
    parse_blocks = BlockParser.parseBlocks
    md.parser.parseBlocks = lambda parent, blocks: parse_blocks(md.parser, parent, _Blocks(blocks))  # type: ignore
    if tables is not None:
        md.parser.blockprocessors.register(_Tables(md.parser, tables), "table", 75)
    md.treeprocessors.register(_Inlines(md, newlines=newlines), "inline", 20)
