"""The stream of tokens of the sanitizer's tree, each node once; bleach's own walk costs the square of the siblings."""

from collections.abc import Iterator
from typing import Any

from bleach import html5lib_shim

VOID_TAGS = frozenset(("br", "hr", "img"))  # of the tags that a level may hold


class TokenWalker(html5lib_shim.getTreeWalker("etree")):  # type: ignore[misc]
    """The tokens that bleach's walker gives, for trees without foreign elements: no level holds a tag that opens one.

    Comments and declarations give none, as they would be dropped behind it.
    """

    def __iter__(self) -> Iterator[dict[str, Any]]:
        element, children = self.tree, iter(self.tree)
        above: list[Any] = []
        text = element.text
        while True:
            if text:
                yield from self.text(text)
            child = next(children, None)
            if child is None:
                if not above:
                    return
                yield self.endTag(None, element.tag)
                text = element.tail
                element, children = above.pop()
                continue
            text = child.tail
            if not isinstance(child.tag, str):
                continue
            attributes = {(None, name): value for name, value in child.attrib.items()}
            yield self.opening(child.tag, attributes)
            if child.tag not in VOID_TAGS:
                above.append((element, children))
                element, children, text = child, iter(child), child.text

    def opening(self, tag: str, attributes: dict[tuple[None, str], str]) -> dict[str, Any]:
        """The token of a tag that opens, or of one that holds nothing."""
        if tag in VOID_TAGS:
            return {"type": "EmptyTag", "name": tag, "namespace": None, "data": attributes}
        token: dict[str, Any] = self.startTag(None, tag, attributes)
        return token
