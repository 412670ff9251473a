"""A linear look at a text before it is rendered: shapes that make Markdown slow or deep are found without parsing."""

import re

from blog.lib.code_blocks import fences
from blog.lib.text import Level

MAX_CHARACTERS: dict[Level, int] = {"article": 200_000, "comment": 10_000, "inline": 10_000}
MAX_OPEN_BRACKETS = 200  # Markdown looks for the end of each one anew: 10,000 of them take 10 seconds
MAX_ANGLES = 500
MAX_NESTING = 20  # lists and quotes are parsed by recursion: 495 of them on one line end it
MAX_BLANKS = 200
# Pieces of HTML that an article becomes, guessed from its lines and marks: 60 microseconds each at the worst. A dense
# write-up of 200,000 characters has half as many.
MAX_PIECES = 12_000
MAX_NOTE_MARKS = 1_000  # footnotes and what points at them, which is looked for anew for each
PIECES_OF_CODE = 3  # those of one fenced block
# Headings, rules and footnotes in a paragraph that no blank line divides, times its characters: Markdown reads what
# follows each of them anew.
MAX_READ_AGAIN = 30_000_000

_BLANKS = re.compile(rf"[ \t]{{{MAX_BLANKS + 1}}}")
_MARK = re.compile(r"[>*_`\[\]|\\<{]")
_DIVIDER = re.compile(r"#|\[\^|[-=*_][-=*_ \t]*+\Z")
_NESTING_MARK = re.compile(r"[ \t]*(?:>|[-+*](?=[ \t])|[0-9]{1,9}[.)](?=[ \t]))")


def excess(text: str, level: Level) -> str | None:
    """The first limit that a text breaks, in words, or None. Code in fences is only held to the length and blanks."""
    if len(text) > MAX_CHARACTERS[level]:
        return f"more than {MAX_CHARACTERS[level]} characters"
    if _BLANKS.search(text):
        return f"more than {MAX_BLANKS} blanks in a row"
    lines, fenced = (text.split("\n"), 0) if level == "inline" else _without_code(text.split("\n"))
    depths = [_nesting(line) for line in lines]
    if max(depths, default=0) > MAX_NESTING:
        return f"lists or quotes nested more than {MAX_NESTING} deep"
    prose = "\n".join(lines)
    blocks = fenced * PIECES_OF_CODE + sum(max(depth, 1) for line, depth in zip(lines, depths, strict=True) if line)
    return _excess_of_marks(prose) or (_excess_of_pieces(lines, prose, blocks) if level == "article" else None)


def _excess_of_marks(prose: str) -> str | None:
    if prose.count("<") > MAX_ANGLES:
        return f"more than {MAX_ANGLES} angle brackets"
    if _open_brackets(prose) > MAX_OPEN_BRACKETS:
        return f"more than {MAX_OPEN_BRACKETS} open square brackets"
    if prose.count("](") - prose.count(")") > MAX_OPEN_BRACKETS:
        return f"more than {MAX_OPEN_BRACKETS} unfinished links"
    if prose.count("[^") > MAX_NOTE_MARKS:
        return f"more than {MAX_NOTE_MARKS} marks of footnotes"
    return None


def _excess_of_pieces(lines: list[str], prose: str, blocks: int) -> str | None:
    if blocks + len(_MARK.findall(prose)) // 2 + prose.count("&") > MAX_PIECES:
        return f"more than {MAX_PIECES} lines and marks"
    if _read_again(lines) > MAX_READ_AGAIN:
        return "too many headings, rules or footnotes without a blank line between them"
    return None


def _read_again(lines: list[str]) -> int:
    total = length = dividers = 0
    for line in (*lines, ""):
        if inner := line.strip(" \t>"):
            length += len(line) + 1
            dividers += bool(_DIVIDER.match(inner))
        else:
            total += length * dividers
            length = dividers = 0
    return total


def _without_code(lines: list[str]) -> tuple[list[str], int]:
    """(the lines outside of fences, how many blocks those fence)"""
    kept: list[str] = []
    position = count = 0
    for fence in fences(lines):
        kept += lines[position : fence.first]
        position = fence.last + 1
        count += 1
    return kept + lines[position:], count


def _nesting(line: str) -> int:
    """How deep a line's own marks and indent go. Only a line that holds a mark opens a level."""
    expanded = line.expandtabs(4)
    depth, position = 0, 0
    while depth <= MAX_NESTING and (mark := _NESTING_MARK.match(expanded, position)):
        depth += 1
        position = mark.end()
    return depth + (len(expanded) - len(expanded.lstrip(" "))) // 4 if depth else 0


def _open_brackets(text: str) -> int:
    depth = 0
    for bracket in re.findall(r"[\[\]]", text):
        depth = depth + 1 if bracket == "[" else max(depth - 1, 0)
    return depth
