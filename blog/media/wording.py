"""How a picture is written in the text of a write-up."""

import re

_MARKS = re.compile(r"[\\`*_\[\]]")
_ENTITY = re.compile(r"&(?=#?\w+;)")
ADDRESS = "/media/"
_NAMED = re.compile(r"/media/([0-9a-f]{32}\.[a-z]{3,4})")


def address_of(name: str) -> str:
    """Where the picture of this name is shown: the only spelling that the renderer lets through."""
    return ADDRESS + name


def names_in(text: str) -> set[str]:
    """The names of all pictures that a text shows."""
    return set(_NAMED.findall(text))


def markdown_of(name: str, alt: str) -> str:
    """The line that puts the picture into a text, with words that show as they were typed."""
    typed = _MARKS.sub(lambda mark: "\\" + mark[0], _ENTITY.sub("&amp;", alt))
    return f"![{typed.replace('<', '&lt;').replace('{', '&#123;')}]({address_of(name)})"
