"""Well-nested markup as the tokens that the sanitizer judges, without the tree that mends what is not well nested.

All that bleach takes from its parser is where tags begin and end. Markup of plain shape says that itself, as nearly all
comments do after Markdown: the tree would be read back as the same tokens, and takes two thirds of the time.
"""

import re
from collections.abc import Set as AbstractSet
from typing import Any

from blog.lib.token_walk import VOID_TAGS, TokenWalker

Token = dict[str, Any]

_PIECE = re.compile(r'<(/?)([a-z]+)((?: [a-z]+="[^"<>\0\r]*")*)>|([^<\0\r]+)')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')

_INLINE = frozenset(("a", "code", "em", "strong"))
_HOLDS_BLOCKS = frozenset(("", "blockquote", "li"))  # "" is the markup itself
# Where each tag may stand so that a parser closes nothing before it and opens nothing anew behind it.
_PARENTS = {
    **dict.fromkeys(("blockquote", "ol", "p", "ul"), _HOLDS_BLOCKS),
    "li": frozenset(("ol", "ul")),
    **dict.fromkeys(("br", *_INLINE), _HOLDS_BLOCKS | _INLINE | {"p"}),
}


class Parser:
    """What a cleaner of bleach has in the place of its own `parser`, which is asked where this one cannot tell. It
    gives tokens, so that nothing is left to do for its `walker`. `tags` are those that may stay.
    """

    def __init__(self, parser: Any, tags: AbstractSet[str]) -> None:
        self._parser, self._tags = parser, tags

    def parseFragment(self, markup: str) -> Any:  # noqa: N802  # its name
        """The tokens, by way of a tree where only a tree can tell."""
        tokens = tokens_of(markup, self._tags)
        return TokenWalker(self._parser.parseFragment(markup)) if tokens is None else tokens


def tokens_of(markup: str, tags: AbstractSet[str]) -> list[Token] | None:
    """What `TokenWalker` gives of the parsed markup, or None where that takes a parser."""
    found: list[Token] = []
    walker, above, end = TokenWalker(None), [""], 0
    for piece in _PIECE.finditer(markup):
        if piece.start() != end:
            return None
        end = piece.end()
        is_end, tag, attributes, text = piece.groups()
        if text:
            found.extend(walker.text(text))
        elif is_end:
            if attributes or above.pop() != tag:
                return None
            found.append(walker.endTag(None, tag))
        else:
            token = _opening(walker, tag, attributes) if tag in tags and _may_stand(tag, above) else None
            if token is None:
                return None
            found.append(token)
            if tag not in VOID_TAGS:
                above.append(tag)
    return found if end == len(markup) and above == [""] else None


def _may_stand(tag: str, above: list[str]) -> bool:
    return above[-1] in _PARENTS.get(tag, ()) and not (tag in _INLINE and tag in above)


def _opening(walker: TokenWalker, tag: str, attributes: str) -> Token | None:
    pairs = _ATTRIBUTE.findall(attributes)
    given = {(None, name): value for name, value in pairs}
    if len(given) < len(pairs):  # of an attribute given twice the first counts
        return None
    return walker.opening(tag, given)
