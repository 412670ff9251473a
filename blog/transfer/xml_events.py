"""Reading XML that comes from elsewhere: streamed, without DTDs or entities, bounded in size and depth."""

from collections.abc import Iterator
from typing import BinaryIO, cast
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from blog.errors import Invalid

MAX_BYTES = 512 << 20  # of one file
MAX_DEPTH = 32
CHUNK = 1 << 16


class _Bounded:
    """A file that ends the reading when it goes on for too long: its size may change while it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._left = file, MAX_BYTES

    def read(self, size: int = -1) -> bytes:
        raw = self._file.read(size if size >= 0 else CHUNK)
        self._left -= len(raw)
        if self._left < 0:
            raise Invalid(f"the file is larger than {MAX_BYTES >> 20} MiB; export its parts one by one")
        return raw


def elements(file: BinaryIO, *, level: int) -> Iterator[Element]:
    """The whole elements that stand `level` deep (1: below the root), in order, each forgotten after it was given.
    Raises `Invalid` for what is no XML that can be trusted.
    """
    depth, above = 0, list[Element]()
    try:
        for event, found in iterparse(cast("BinaryIO", _Bounded(file)), events=("start", "end"), forbid_dtd=True):
            element = cast("Element", found)
            if event == "start":
                depth += 1
                above.append(element)
                if depth > MAX_DEPTH:
                    raise Invalid(f"its elements nest deeper than {MAX_DEPTH}")
                continue
            depth -= 1
            above.pop()
            if depth == level:
                yield element
            if depth <= level and above:
                above[-1].clear()
    except ParseError as error:
        raise Invalid(f"this is broken XML: {error}") from error
    except DefusedXmlException as error:
        raise Invalid("it has a DTD or entities of its own, which no export of comments needs") from error


def name_of(element: Element) -> str:
    """Its name without the namespace, which changes with the version of the program that wrote it."""
    return str(element.tag).rpartition("}")[2]


def child(element: Element, name: str) -> Element | None:
    return next((one for one in element if name_of(one) == name), None)


def text_of(element: Element | None, name: str) -> str:
    """The text of its first child of this name; "" for none."""
    found = child(element, name) if element is not None else None
    return (found.text or "").strip() if found is not None else ""


def attribute(element: Element | None, name: str) -> str:
    """An attribute, whatever its namespace."""
    if element is None:
        return ""
    return next((value.strip() for key, value in element.items() if key.rpartition("}")[2] == name), "")
