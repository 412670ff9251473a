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
            if child.tag in VOID_TAGS:
                yield {"type": "EmptyTag", "name": child.tag, "namespace": None, "data": attributes}
            else:
                yield self.startTag(None, child.tag, attributes)
                above.append((element, children))
                element, children, text = child, iter(child), child.text
