"""The links of a document, and those of them that are known to be dead."""

import re
from collections.abc import Mapping

from blog.articles.document import Document
from blog.checks.findings import Check, Finding, Passage, passages_of

MAX_ADDRESS = 2_000  # characters, as everywhere in a document
MAX_LINKS = 100  # of one write-up; beyond it the work of looking outweighs what it finds
_LINK = re.compile(r"\bhttps?://[^\s<>\"'`\\^{}|]{3,2000}", re.IGNORECASE)
_CLOSING = {")": "(", "]": "["}


def links_of(document: Document) -> list[str]:
    """The addresses that the document leads to, each once, without the part behind `#`."""
    found = (address for passage in passages_of(document) for address in links_in(passage))
    return list(dict.fromkeys(found))[:MAX_LINKS]


def links_in(passage: Passage) -> list[str]:
    """The addresses in one text, as they are looked up."""
    if passage.kind == "address":
        return [passage.text.partition("#")[0]]
    if passage.kind != "prose" or "://" not in passage.text:
        return []
    trimmed = (_trimmed(one[0]).partition("#")[0] for one in _LINK.finditer(passage.text))
    return [one for one in dict.fromkeys(trimmed) if len(one) <= MAX_ADDRESS]


def link_findings(passages: list[Passage], dead: Mapping[str, str]) -> list[Finding]:
    """One finding a dead link and field. `dead` maps addresses to what was found there."""
    if not dead:
        return []
    return [
        Finding(Check.LINK, passage.path, passage.place, f"{address} leads nowhere: {dead[address]}", address, address)
        for passage in passages
        for address in links_in(passage)
        if address in dead
    ]


def _trimmed(address: str) -> str:
    """Without what ends the sentence, or the brackets, that the address stands in."""
    while address:
        last = address[-1]
        if last in ".,;:!?*_~" or (last in _CLOSING and address.count(last) > address.count(_CLOSING[last])):
            address = address[:-1]
        else:
            break
    return address
