"""The outline of a Markdown text: its sections in order, their lists and tables, with every line kept as it was."""

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

LABEL_LEVEL = 7  # a list item that begins with a bold label stands below every heading

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_SETEXT = re.compile(r" {0,3}(=+|-{3,})[ \t]*")
_SETEXT_TEXT = re.compile(r" {0,3}[^\s#>|*+`~-].*")
_LABEL = re.compile(r"[-*+][ \t]+(?:\*\*|__)([^*_]{1,80}?)(?:\*\*|__)[ \t]*:?[ \t]*(.*)")
_BOLD_LINE = re.compile(r"(?:\*\*|__)([^*_]{1,80}?)(?:\*\*|__)[ \t]*:?[ \t]*")
_FENCE = re.compile(r"\s{0,12}(`{3,}|~{3,})")
_ITEM = re.compile(r"([ \t]*)(?:[-*+]|\d{1,9}[.)])(?:[ \t]+(.*)|$)")
_DELIMITER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_CELL_EDGE = re.compile(r"(?<!\\)\|")
_NUMBERING = re.compile(r"^(?:\d+[.)]\s*)+")


@dataclass
class Section:
    """A heading and the lines below it, down to the next heading of any level. The first section has no heading.

    `own` are the lines of the heading itself; `inline` is what stands behind a label on its line.
    """

    level: int
    title: str
    own: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    inline: str = ""

    @property
    def content(self) -> list[str]:
        """The lines of the section, without the indent that a label's list gives them."""
        below = textwrap.dedent("\n".join(self.lines)).split("\n") if self.level == LABEL_LEVEL else self.lines
        return ([self.inline] if self.inline else []) + below

    @property
    def text(self) -> str:
        return "\n".join(self.content).strip()

    @property
    def name(self) -> str:
        """The title as headings are compared: no markup, numbers or marks, in lower case."""
        words = re.sub(r"[*_`#:]+", " ", _NUMBERING.sub("", self.title))
        return " ".join(words.lower().split())


@dataclass
class Item:
    """A list item: its own words on one line, and the lines of what is nested in it."""

    text: str
    nested: list[str] = field(default_factory=list)


@dataclass
class Table:
    header: list[str]
    rows: list[list[str]]


def sections_of(text: str, *, is_label: Callable[[str], bool] = lambda name: True) -> list[Section]:
    """The sections of a text. `is_label` says which bold words (by `Section.name`) are headings in disguise."""
    sections = [Section(0, "")]
    lines, closing = text.split("\n"), ""
    for place, line in enumerate(lines):
        fence = _FENCE.match(line)
        if closing or fence:
            sections[-1].lines.append(line)
            if closing:
                closing = "" if line.strip().startswith(closing) and not line.strip(" \t`~") else closing
            elif fence and fence[1] in "\n".join(lines[place + 1 :]):
                closing = fence[1]
            continue
        heading = _heading(line, sections[-1], is_label)
        if heading is None:
            sections[-1].lines.append(line)
        else:
            sections.append(heading)
    return sections


def _heading(line: str, last: Section, is_label: Callable[[str], bool]) -> Section | None:
    if match := _ATX.fullmatch(line):
        return Section(len(match[1]), (match[2] or "").strip(), [line])
    if _SETEXT.fullmatch(line) and last.lines and _SETEXT_TEXT.fullmatch(last.lines[-1]):
        above = last.lines[-2] if len(last.lines) > 1 else ""
        if not above.strip():
            title = last.lines.pop()
            return Section(1 if "=" in line else 2, title.strip(), [title, line])
    if match := _LABEL.fullmatch(line):
        found = Section(LABEL_LEVEL, match[1].rstrip(": "), [line], inline=match[2].strip())
        return found if is_label(found.name) else None
    if (match := _BOLD_LINE.fullmatch(line)) and not (last.lines and last.lines[-1].strip()):
        found = Section(6, match[1].rstrip(": "), [line])
        return found if is_label(found.name) else None
    return None


def joined(sections: Sequence[Section]) -> str:
    """The text of these sections, line by line as it was."""
    return "\n".join("\n".join([*section.own, *section.lines]) for section in sections).strip("\n")


def items_of(lines: Sequence[str]) -> tuple[list[Item], list[str]]:
    """(the items of the outermost list, the lines that are in no item). Lines that run on belong to their item."""
    marks = [match for line in lines if (match := _ITEM.fullmatch(line))]
    if not marks:
        return [], [line for line in lines if line.strip()]
    outermost = min(len(match[1].expandtabs(4)) for match in marks)
    items: list[Item] = []
    others: list[str] = []
    after_blank = False
    for line in lines:
        match = _ITEM.fullmatch(line)
        if match and len(match[1].expandtabs(4)) <= outermost + 1:
            items.append(Item((match[2] or "").strip()))
        elif not line.strip():
            after_blank = True
            continue
        elif items and (match or (after_blank and line[:1] in " \t") or items[-1].nested):
            items[-1].nested.append(line) if line[:1] in " \t" else others.append(line)
        elif items and not after_blank:
            items[-1].text = f"{items[-1].text} {line.strip()}".strip()
        else:
            others.append(line)
        after_blank = False
    return items, others


def table_of(lines: Sequence[str]) -> tuple[Table | None, list[str]]:
    """(the first table, the lines that are not of it)."""
    for place in range(1, len(lines)):
        if "|" in lines[place] and "|" in lines[place - 1] and _DELIMITER.fullmatch(lines[place]):
            end = place + 1
            while end < len(lines) and "|" in lines[end]:
                end += 1
            table = Table(_cells(lines[place - 1]), [_cells(line) for line in lines[place + 1 : end]])
            rest = [line for line in (*lines[: place - 1], *lines[end:]) if line.strip()]
            return table, rest
    return None, [line for line in lines if line.strip()]


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [cell.strip().replace("\\|", "|") for cell in _CELL_EDGE.split(inner)]
