"""How a picture is written in the text of a write-up."""

import re

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+.!|&-])")
ADDRESS = "/media/"


def address_of(name: str) -> str:
    """Where the picture of this name is shown: the only spelling that the renderer lets through."""
    return ADDRESS + name


def markdown_of(name: str, alt: str) -> str:
    """The line that puts the picture into a text, with words that show as they were typed."""
    return f"![{_MARKS.sub(_escaped, alt)}]({address_of(name)})"


def _escaped(mark: re.Match[str]) -> str:
    return "\\" + mark[1]
