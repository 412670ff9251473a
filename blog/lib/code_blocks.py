"""Fenced code: finding the fences in linear time, and colouring what they hold with Pygments classes."""

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from typing import NamedTuple

from markdown import Markdown
from markdown.preprocessors import Preprocessor
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

MAX_COLOURED = 6_000  # characters in a block; longer ones are logs, and many lexers cost the square of them
MAX_COLOURED_IN_ALL = 12_000  # of one text; dense code becomes a span for each character and a half
# The lexers that stay quick on hostile code, by their names: others took seconds, or made millions of tokens, of 20,000
# characters (Makefile, Terraform, S, Fortran), and those of texts that hold code choose others by what is written.
LANGUAGES = frozenset((
    "Awk", "Bash", "Bash Session", "Batchfile", "C", "C#", "C++", "CMake", "CSS", "Clojure", "Dart", "Diff", "Docker",
    "Elixir", "Erlang", "F#", "GAS", "Gherkin", "Go", "GraphQL", "Groovy", "HTML", "Haskell", "INI", "JSON", "JSON5",
    "JSX", "Java", "JavaScript", "Jsonnet", "Julia", "Kotlin", "Lua", "MySQL", "NASM", "Nginx configuration file",
    "OCaml", "Objective-C", "PHP", "Perl", "PostgreSQL SQL dialect", "PowerShell", "PowerShell Session", "PromQL",
    "Properties", "Protocol Buffer", "Puppet", "Python", "Python Traceback", "Python console session", "Ruby", "Rust",
    "SCSS", "SQL", "Scala", "Scheme", "Swift", "TOML", "TypeScript", "Vue", "XML", "YAML", "Zig",
))  # fmt: skip

_FENCE = re.compile(r"( {0,15})(`{3,}|~{3,})[ \t]*([^`]*)")
_LIST_ITEM = re.compile(r"[ ]{0,15}(?:[-+*]|[0-9]{1,9}[.)])[ \t]")
_LANGUAGE = re.compile(r"[\w#.+-]{1,40}")
_formatter = HtmlFormatter(nowrap=True)


class Fence(NamedTuple):
    """Where a fenced block stands: line numbers of both fences, and how deep it is indented in a list."""

    first: int
    last: int
    indent: int
    in_list: bool
    language: str


def fences(lines: list[str]) -> Iterator[Fence]:
    """The closed fences of a text, from the top. A fence that is never closed is not one."""
    closers = [(i, line.strip()) for i, line in enumerate(lines) if _is_closer(line.strip())]
    hopeless: dict[str, int] = {}  # a fence of this length has no end below, so longer ones have none either
    line_number, next_closer, in_list = 0, 0, False
    while line_number < len(lines):
        line = lines[line_number]
        in_list = bool(_LIST_ITEM.match(line)) or (in_list and line[:1] in ("", " ", "\t"))
        opener = _FENCE.fullmatch(line)
        if opener and (in_list or len(opener[1]) < 4) and len(opener[2]) < hopeless.get(opener[2][0], 1 << 30):
            while next_closer < len(closers) and closers[next_closer][0] <= line_number:
                next_closer += 1
            last = _closing_line(opener[2], closers, next_closer)
            if last is not None:
                language = _LANGUAGE.search(opener[3])
                yield Fence(line_number, last, len(opener[1]), in_list, language[0].strip(".") if language else "")
                line_number = last
            else:
                hopeless[opener[2][0]] = len(opener[2])
        line_number += 1


class FencedCode(Preprocessor):
    """Takes fenced blocks out of the text before Markdown sees them and leaves the finished HTML in the stash."""

    md: Markdown

    def run(self, lines: list[str]) -> list[str]:
        kept: list[str] = []
        position, left = 0, MAX_COLOURED_IN_ALL
        for fence in fences(lines):
            kept += lines[position : fence.first]
            code = "\n".join(_dedent(line, fence.indent) for line in lines[fence.first + 1 : fence.last]) + "\n"
            lexer = _lexer_for(code, fence.language, most=left)
            left -= len(code) if lexer else 0
            mark = self.md.htmlStash.store(code_html(code, lexer))
            # Markdown takes a block into a list item only when it is indented by four.
            indent = -(-fence.indent // 4) * 4 if fence.in_list else 0
            kept += ["", " " * indent + mark, ""]
            position = fence.last + 1
        return kept + lines[position:]


def code_html(code: str, lexer: Lexer | None) -> str:
    """A code block, coloured where there is a lexer for it."""
    inner = escape(code, quote=False) if lexer is None else highlight(code, lexer, _formatter)
    return f'<div class="highlight"><pre tabindex="0"><code>{inner}</code></pre></div>'


def _lexer_for(code: str, language: str, *, most: int) -> Lexer | None:
    """The lexer of a language, where it is one of ours and the block is not too long."""
    return _lexer(language.lower()) if language and len(code) <= min(most, MAX_COLOURED) else None


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    try:
        found = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None
    return found if found.name in LANGUAGES else None


def _is_closer(line: str) -> bool:
    return len(line) >= 3 and line[0] in "`~" and line == line[0] * len(line)


def _closing_line(fence: str, closers: list[tuple[int, str]], start: int) -> int | None:
    for i in range(start, len(closers)):
        if closers[i][1].startswith(fence):
            return closers[i][0]
    return None


def _dedent(line: str, indent: int) -> str:
    return line[indent:] if not line[:indent].strip() else line.lstrip()
