"""Slow input: the worst shapes known, as long as a limit lets them be, answer in a moment and hold nobody up.

Each bound is some ten times what was measured, since build machines are slow and busy. The shapes were found by hand
and by a search that put pieces together and kept what cost most.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from blog.accounts.names import BadName, clean_name
from blog.lib import code_blocks, render_child, render_process, renderer
from blog.lib.diff import MAX_LINES, line_diff, text_diff
from blog.lib.front_matter import split
from blog.lib.text import Level, clean_text, plain_text
from blog.lib.text_limits import MAX_CHARACTERS, excess
from blog.search.language import parse
from tests.editor.editor_pages import as_person
from tests.factories.articles import make_published
from tests.people import ARUN, MIA, NOOR

SECONDS = 8.0  # measured: under 0.8
SHAPES = {
    "open brackets": "[", "open images": "![", "open links": "[a](", "links": "[a](b)", "images": "![a](b)",
    "code spans": "`a", "stars": "***a*** ", "emphasis": "*a ", "references": "[a][b]", "definitions": "[a]: b\n",
    "notes": "[^1] ", "notes of one line": '[^1]: x="\'', "notes and their rest": "[^1]: x\n    a\n",
    "headings": "# a\n", "underlined": "a\n=\n", "rules": "---\n", "loose list": "- a\n\n", "tight list": "- a\n",
    "lists in quotes": "\n1. >- > ", "quotes": "> a\n", "paragraphs": "a\n\n", "tables": "a|b\n-|-\n",
    "columns": "|a", "fences": "```\n", "fenced code": "```\na\n```\n", "arrows": "\u672c> > ", "arrows back": "< ",
    "references to characters": "&amp;", "bare ampersands": "&a", "numbers": "&#1;", "one number": "&#" + "1" * 190,
    "addresses": "http://a.b/((((", "line breaks": "a  \n", "escapes": "\\*", "braces": "{{a}}",
    "open braces": "{%", "one word": "a", "one word of marks": "e\u0301", "code": "    a\n",
    "code apart": "    a\n\n", "tasks": "- [ ] a\n", "heading and list": "#\n  - ", "comments": "<!-- ",
    "declarations": "<![CDATA[", "tags": "<a href='b'>", "tabs": "\ta",
}  # fmt: skip
LEXERS = {
    "python": "a=1+b*(c)\n", "javascript": "a.", "go": '\\"=>()', "toml": '\\"',
    "perl": "-><<A\n", "make": "0x1", "terraform": "1e*<<A\n", "systemd": "<? ", "r": '+a-> - \\"', "jinja": '\\"{{',
}  # fmt: skip


def longest(shape: str, level: Level) -> str:
    """The shape repeated about as often as the limits allow."""
    low, high = 0, MAX_CHARACTERS[level] // len(shape)
    if excess(shape * high, level) is None:
        return shape * high
    while high - low > MAX_CHARACTERS[level] // len(shape) // 50:
        middle = (low + high + 1) // 2
        if excess(shape * middle, level) is None:
            low = middle
        else:
            high = middle - 1
    return shape * low


def took(work: Callable[[], Any]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


WORST = [
    "loose list", "tables", "heading and list", "lists in quotes", "paragraphs", "fences", "links", "emphasis",
    "arrows", "code spans", "references to characters", "notes and their rest", "underlined",
]  # fmt: skip


@pytest.mark.parametrize(
    ("level", "name"), [("article", name) for name in WORST] + [("comment", name) for name in SHAPES]
)
def test_a_shape_as_long_as_the_scan_lets_through_is_rendered_in_a_moment(level: Level, name: str) -> None:
    text = longest(SHAPES[name], level)
    assert took(lambda: render_child.render(text, level)) < SECONDS, len(text)


@pytest.mark.parametrize("name", SHAPES)
def test_the_scan_itself_takes_a_moment(name: str) -> None:
    """What is refused costs no more than this."""
    text = (SHAPES[name] * MAX_CHARACTERS["article"])[: MAX_CHARACTERS["article"]]
    assert took(lambda: excess(text, "article")) < SECONDS / 2


@pytest.mark.parametrize("language", LEXERS)
def test_code_is_coloured_in_a_moment_or_not_at_all(language: str) -> None:
    """A lexer that costs the square of a block is not on the list, or its blocks are short."""
    block = (LEXERS[language] * code_blocks.MAX_COLOURED)[: code_blocks.MAX_COLOURED - 2]
    text = f"```{language}\n{block}\n```\n\n" * 9
    assert took(lambda: render_child.render(text, "article")) < SECONDS


def test_only_so_much_of_a_text_is_coloured() -> None:
    block = "```python\n" + "a = 1\n" * 900 + "```\n\n"
    html = render_child.render(block * 5, "article")["html"]
    assert html.count('class="highlight"') == 5 and 900 < html.count('class="mi"') <= 2_000


@pytest.mark.parametrize(
    "shape",
    ["a ANDNOT ", "a ", "*a* OR ", "NOT ", "(", '"', "-", "a~9 ", "[a TO z] ", "tag:", "a" * 9, "\u0301", "x:y:"],
)
@pytest.mark.parametrize("length", [200, 10_000])
def test_a_query_of_any_shape_is_read_or_refused_in_a_moment(shape: str, length: int) -> None:
    text = (shape * length)[:length]

    def ask() -> None:
        try:
            parse(text)
        except ValueError:
            assert length > 200

    assert took(ask) < 1


def test_the_difference_of_two_hostile_texts_is_given_up_in_time() -> None:
    odd = "\n".join(f"l{n}" if n % 2 else f"x{n}" for n in range(MAX_LINES))
    unique = "\n".join(f"l{n}" for n in range(MAX_LINES))
    few = "\n".join(str(n * 7 % 101) for n in range(MAX_LINES))
    fewer = "\n".join(str(n % 100) for n in range(MAX_LINES))
    words = " ".join(str(n * 7 % 101) for n in range(60_000)), " ".join(str(n % 100) for n in range(60_000))
    twice = " ".join(f"{n} {n}" for n in range(16_000)), " ".join(f"{n} {n}" for n in range(16_000, 0, -1))
    for first, second in ((unique, odd), (few, fewer), ("\n" * 200_000, "\x0b" * 200_000), words, twice):
        for compared in (line_diff, text_diff):
            assert took(lambda f=compared, a=first, b=second: f(a, b)) < SECONDS  # type: ignore[misc]


@pytest.mark.parametrize(
    "shape",
    [
        "\u0301\u0316",
        "\ufdfa",
        "\u1e9b\u0323",
        "<a ",
        "<sup ",
        "<pre>",
        "&#1",
        "a: ",
        "[",
        "- ",
        "? ",
        "\"'",
        "&a ",
        "1_",
        "12:30 ",
    ],
)
def test_every_reader_of_a_text_takes_a_moment(shape: str) -> None:
    text = (shape * 200_000)[:200_000]

    def read() -> None:
        for reader in (clean_text, plain_text, clean_name, lambda one: split(f"---\n{one}\n---\n")):
            try:
                reader(text)
            except (ValueError, BadName):
                continue

    assert took(read) < SECONDS


HANGING_CHILD = """
import signal
from blog.lib import render_child as child
real = child.to_raw_html
child.ORPHAN_SECONDS = 0
child.to_raw_html = lambda text, level: signal.pause() if "hang here" in text else real(text, level)
child.main()
"""


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Render processes that hang on `hang here` until they are killed."""
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda _, **given: popen([sys.executable, "-c", HANGING_CHILD], **given))
    monkeypatch.setattr(render_process, "LIMIT_SECONDS", 300.0)
    monkeypatch.setattr(renderer, "BATCH_SECONDS", 300.0)
    for name in ("_shared", "_articles"):
        monkeypatch.setattr(renderer, name, renderer._SharedProcess())
    yield
    for process in (renderer._shared, renderer._articles):
        process._process.close()


def test_while_one_text_is_rendered_others_read_and_write(app: Flask, hanging: None) -> None:
    """A write-up is on its way through the renderer for as long as this test wants; nobody else waits for it."""
    make_published(app, slug="read", body="*Readers* read this.")
    author, member = as_person(app, ARUN), as_person(app, MIA)
    reader, other = app.test_client(), as_person(app, NOOR)
    slow = {"title": "Slow", "summary": "", "body": "*hang here*", "tags": ""}
    answers: list[Any] = []
    writing = threading.Thread(target=lambda: answers.append(author.post("/editor/preview", data=slow)))
    renderer._articles._process.send("*warm*", "article")
    renderer._articles._process.receive()
    writing.start()
    while renderer._articles._lock.acquire(blocking=False):  # until the other thread has it
        renderer._articles._lock.release()
    assert "Readers" in reader.get("/postmortems/read").text
    assert reader.get("/").status_code == reader.get("/search?q=readers").status_code == 200
    assert member.post("/postmortems/read/comments", data={"text": "*said* meanwhile"}).status_code == 303
    assert other.post("/comments/preview", data={"text": "*seen* meanwhile"}).status_code == 200
    assert "<em>said</em> meanwhile" in reader.get("/postmortems/read").text
    assert writing.is_alive() and answers == []
    monitor = renderer._articles._process
    while writing.is_alive():  # its text gets a second try, as after a killed process
        if child := monitor._child:
            child.kill()
        writing.join(0.2)
    assert answers[0].status_code == 200 and "*hang here*" in answers[0].text
