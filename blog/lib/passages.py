"""The passages of a text that the renderer made: paragraphs and items of lists, each with a name by which it is found
again, also after it was changed.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2s
from itertools import islice, product

from markupsafe import Markup

from blog.lib.text import plain_text

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
_BLOCKS = frozenset(("blockquote", "div", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "pre", "table", "ul"))
_PASSED_OVER = frozenset(("pre", "table"))  # nobody points at a line of code or a cell so
_FOOTNOTES = re.compile(r'\bclass="footnote"')
_WORDS = re.compile(r"\w+")
LIKE = 0.45  # of the words of both: with less in common, it is another passage
IN_ITS_PLACE = 0.2  # what standing between the same neighbours is worth
MOST_PAIRS = 10_000  # of changed passages that are compared; with more, only those between the same neighbours are


@dataclass(frozen=True)
class Passage:
    """One passage. `name` comes from its words, whatever marks them up; `begins` is where its tag can take an id, and
    `ends` where its own words end.
    """

    name: str
    text: str
    begins: int
    ends: int

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(_words(self.text))


_Changed = tuple[Passage, str]  # and the name of the kept one before it


@dataclass
class _Block:
    """An open element. `words_end` is where its own words end: at the first block within it."""

    name: str
    begins: int
    words_begin: int
    is_passed_over: bool
    words_end: int = -1


def passages_of(html: str) -> list[Passage]:
    """The passages of well-formed HTML, in order. Of several with the same words each but the first gets a number."""
    found: list[Passage] = []
    known: Counter[str] = Counter()
    for begins, start, end in sorted(_spans(html)):
        text = plain_text(html[start:end]).replace("\n", " ")
        if not (words := _words(text)):
            continue
        name = "p-" + blake2s(" ".join(words).encode(), digest_size=6).hexdigest()
        known[name] += 1
        numbered = name if known[name] == 1 else f"{name}-{known[name]}"
        found.append(Passage(numbered, text, begins, start + len(html[start:end].rstrip())))
    return found


def with_marks(html: str, passages: Sequence[Passage], *, prefix: str, mark: Callable[[Passage], Markup]) -> Markup:
    """The trusted HTML with an id at each passage, its name after `prefix`, and what `mark` gives behind its words."""
    pieces: list[str] = []
    done = 0
    for place, text in sorted(_insertions(passages, prefix, mark)):
        pieces += [html[done:place], text]
        done = place
    return Markup("".join([*pieces, html[done:]]))  # noqa: S704 - made by the renderer, and by templates


def found_again(old: Sequence[Passage], new: Sequence[Passage]) -> dict[str, str]:
    """The names that passages of `old` which stand in `new` no more have there: those most like them, and rather what
    stands between the same neighbours. What was taken out has none.
    """
    kept = {one.name for one in old} & {one.name for one in new}
    gone, came = _between(old, kept), _between(new, kept)
    likeness = sorted(((_likeness(gone[i], came[j]), -i, -j) for i, j in _pairs(gone, came)), reverse=True)
    matched: dict[str, str] = {}
    taken: set[str] = set()
    for score, i, j in likeness:
        name, other = gone[-i][0].name, came[-j][0].name
        if score >= LIKE and name not in matched and other not in taken:
            matched[name] = other
            taken.add(other)
    return matched


def _spans(html: str) -> list[tuple[int, int, int]]:
    """(Where its tag can take an id, where its words begin, where they end) of each paragraph and item of a list."""
    spans: list[tuple[int, int, int]] = []
    blocks: list[_Block] = []
    for tag in _TAG.finditer(html):
        name = tag[2].lower()
        if name not in _BLOCKS:
            continue
        if blocks and blocks[-1].words_end < 0:
            blocks[-1].words_end = tag.start()
        if not tag[1]:
            is_passed_over = name in _PASSED_OVER or bool(_FOOTNOTES.search(tag[3]))
            is_passed_over |= bool(blocks) and blocks[-1].is_passed_over
            blocks.append(_Block(name, tag.end() - 1, tag.end(), is_passed_over))
        elif blocks:
            block = blocks.pop()
            if block.name in ("p", "li") and not block.is_passed_over:
                spans.append((block.begins, block.words_begin, block.words_end))
    return spans


def _insertions(passages: Sequence[Passage], prefix: str, mark: Callable[[Passage], Markup]) -> list[tuple[int, str]]:
    ids = [(one.begins, f' id="{prefix}{one.name}"') for one in passages]
    return ids + [(one.ends, f" {text}") for one in passages if (text := mark(one))]


def _between(passages: Sequence[Passage], kept: set[str]) -> list[_Changed]:
    """Those that are not kept, each with the kept one before it."""
    found: list[_Changed] = []
    before = ""
    for one in passages:
        if one.name in kept:
            before = one.name
        else:
            found.append((one, before))
    return found


def _pairs(gone: Sequence[_Changed], came: Sequence[_Changed]) -> Iterator[tuple[int, int]]:
    """Places in both that are to be compared. Never more are made than that: a body can have tens of thousands."""
    if len(gone) * len(came) <= MOST_PAIRS:
        return product(range(len(gone)), range(len(came)))
    behind: dict[str, list[int]] = {}
    for j, (_, before) in enumerate(came):
        behind.setdefault(before, []).append(j)
    return islice(((i, j) for i, (_, before) in enumerate(gone) for j in behind.get(before, ())), MOST_PAIRS)


def _likeness(one: _Changed, other: _Changed) -> float:
    """How many of the words of both they share, from 0 to 1 (Dice's coefficient), and what their place is worth."""
    (old, before), (new, after) = one, other
    shared = 2 * len(old.words & new.words) / (len(old.words) + len(new.words))
    return shared + IN_ITS_PLACE * (before == after)


def _words(text: str) -> list[str]:
    return _WORDS.findall(text.casefold())
