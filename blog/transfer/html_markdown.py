"""HTML of other programs' comments as the Markdown that people would have typed. Nothing here makes it safe to show:
what comes out is rendered and sanitized like any comment.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*"}
SILENT = {"script", "style", "template", "head", "title", "textarea", "svg", "math"}
VOID = {"br", "img", "hr", "input", "meta", "link", "wbr"}
BLOCKS = {"p", "div", "section", "article", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr", "dl", "dt", "dd"}
MAX_LEVELS = 30  # deeper elements give their words only
_SPECIAL = re.compile(r"([\\`*_\[\]])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_BEGINS_BLOCK = re.compile(r"^( {0,3})(#{1,6} |[-+>]|\d{1,9}(?=\. ))", re.MULTILINE)
_SPACES = re.compile(r"[ \t\r\f\v]+")
_WHITE = re.compile(r"\s+")
_MANY_LINES = re.compile(r"\n{3,}")
_WEB = re.compile(r"(?:https?://|mailto:)[^\s<>()]+", re.IGNORECASE)


@dataclass
class _Node:
    tag: str = ""
    href: str = ""
    inside: list["_Node | str"] = field(default_factory=list)


def markdown_of(html: str, *, keeps_lines: bool = False) -> str:
    """The text with its emphasis, links, code, quotes and lists; other elements give their words. `keeps_lines`: a line
    break in the source is one (WordPress stores comments so).
    """
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return _tidied(_blocks(builder.root, keeps_lines))


class _Builder(HTMLParser):
    """Makes a tree of whatever it is given: an end closes the nearest element of its name, or nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node()
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("li", "p") and self._open[-1].tag == tag:  # its end is often left out
            self._open.pop()
        node = _Node(tag, (dict(attrs).get("href") or "").strip() if tag == "a" else "")
        if len(self._open) <= MAX_LEVELS or tag in SILENT:
            self._open[-1].inside.append(node)
            if tag not in VOID:
                self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)


def _blocks(node: _Node, keeps_lines: bool) -> str:
    parts = []
    for one in node.inside:
        if isinstance(one, str):
            parts.append(_words(one, keeps_lines))
        elif one.tag not in SILENT:
            parts.append(_element(one, keeps_lines))
    return "".join(parts)


def _element(node: _Node, keeps_lines: bool) -> str:  # noqa: PLR0911 - one line an element
    match node.tag:
        case "br":
            return "  \n"
        case "hr":
            return "\n\n---\n\n"
        case "pre":
            return _fenced(_raw(node))
        case "code" | "tt" | "kbd":
            return _inline_code(_raw(node))
        case "a":
            return _link(_blocks(node, keeps_lines).strip(), node.href)
        case "blockquote":
            return _indented(_tidied(_blocks(node, keeps_lines)), first="> ", others="> ")
        case "ul" | "ol":
            items = [one for one in node.inside if isinstance(one, _Node) and one.tag == "li"]
            marks = [f"{place}. " if node.tag == "ol" else "- " for place in range(1, len(items) + 1)]
            return "\n\n" + "\n".join(_item(*pair, keeps_lines) for pair in zip(items, marks, strict=True)) + "\n\n"
    words = _blocks(node, keeps_lines)
    if node.tag in MARKS and words.strip() and "\n\n" not in words:
        mark = MARKS[node.tag]
        return _around(words, mark, mark)
    return f"\n\n{words}\n\n" if node.tag in BLOCKS else words


def _item(node: _Node, mark: str, keeps_lines: bool) -> str:
    return _indented(_tidied(_blocks(node, keeps_lines)), first=mark, others="    ").strip("\n")


def _indented(text: str, *, first: str, others: str) -> str:
    lines = text.split("\n")
    return (
        "\n\n" + "\n".join(f"{others if place else first}{line}".rstrip() for place, line in enumerate(lines)) + "\n\n"
    )


def _words(text: str, keeps_lines: bool) -> str:
    """Words as Markdown shows them, whatever they look like."""
    if keeps_lines:
        text = _SPACES.sub(" ", text).replace("\n", "  \n").replace("  \n  \n", "\n\n")
    else:
        text = _WHITE.sub(" ", text)
    pieces, last = [], 0
    for address in _WEB.finditer(text):  # an address stays one
        pieces += [_escaped(text[last : address.start()]), address[0]]
        last = address.end()
    pieces.append(_escaped(text[last:]))
    return _BEGINS_BLOCK.sub(_escaped_start, "".join(pieces))


def _escaped(words: str) -> str:
    return _ENTITY.sub("&amp;", _SPECIAL.sub(r"\\\1", words))


def _escaped_start(found: re.Match[str]) -> str:
    """A number that would begin a list has its dot escaped, any other mark itself."""
    return f"{found[1]}{found[2]}\\" if found[2].isdigit() else f"{found[1]}\\{found[2]}"


def _raw(node: _Node) -> str:
    return "".join(one if isinstance(one, str) else "\n" if one.tag == "br" else _raw(one) for one in node.inside)


def _fenced(code: str) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", code)), default=0))
    return f"\n\n{fence}\n{code.strip(chr(10))}\n{fence}\n\n"


def _inline_code(code: str) -> str:
    code = _WHITE.sub(" ", code).strip()
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", code)), default=0))
    return f"{fence} {code} {fence}" if "`" in code else f"`{code}`" if code else ""


def _link(words: str, href: str) -> str:
    if not _WEB.fullmatch(href) or "\n\n" in words:
        return words
    return f"<{href}>" if words in ("", href) or words.replace("\\", "") == href else f"[{words}]({href})"


def _around(words: str, before: str, after: str) -> str:
    """Marks stand at words, never at blanks."""
    inner = words.strip()
    start = words.index(inner)
    return f"{words[:start]}{before}{inner}{after}{words[start + len(inner) :]}"


def _tidied(text: str) -> str:
    lines = "\n".join(line if line.endswith("  ") and line.strip() else line.rstrip() for line in text.split("\n"))
    return _MANY_LINES.sub("\n\n", lines).strip()
