"""The renderer as the site uses it: its process, its limits, and what shows when a text cannot be rendered."""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.lib import frames, render_child, render_process, renderer
from blog.lib.plain_prose import prose_html
from blog.lib.render_process import RenderProcess
from blog.lib.renderer import (
    RENDERER_VERSION,
    TocEntry,
    render_article,
    render_batch,
    render_comment,
    render_inline,
    render_many,
)
from blog.lib.text_limits import MAX_NESTING, excess

ROOT = Path(__file__).parents[2]
STUCK = "*a text that hangs the libraries*"  # no real one is known that breaks no limit
HANGING_CHILD = f"""
import signal
from blog.lib import render_child as child
real = child.to_raw_html
child.to_raw_html = lambda text, level: signal.pause() if {STUCK!r} in text else real(text, level)
child.main()
"""


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Render processes that never end with `STUCK`."""
    popen = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda _, **options: popen([sys.executable, "-c", HANGING_CHILD], **options)
    )
    for name in ("_shared", "_articles"):
        monkeypatch.setattr(renderer, name, renderer._SharedProcess())
    yield
    for process in (renderer._shared, renderer._articles):
        process._process.close()


def child_pid() -> int:
    child = renderer._shared._process._child
    assert child is not None
    return child.pid


def ended(pid: int, seconds: float) -> bool:
    """Whether a process ends within a time, waited for without polling."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def test_an_article_comes_with_its_contents_list_and_plain_words():
    rendered = render_article("# Why & *how*\n\nText[^1].\n\n## `Code` part\n\n[^1]: Note")
    assert rendered.toc == (
        TocEntry(2, "user-content-why-how", "Why & how"),
        TocEntry(3, "user-content-code-part", "Code part"),
    )
    assert rendered.plain == "Why & how\nText.\nCode part\nNote"
    assert (rendered.version, rendered.fell_back) == (RENDERER_VERSION, False)


def test_each_level_has_its_own_dialect():
    assert render_comment("# a *b*").html == "<p># a <em>b</em></p>"
    assert render_inline("- a *b*").html == "- a <em>b</em>"
    assert render_article("# a").html == '<h2 id="user-content-a">a</h2>'


def test_a_batch_keeps_its_order_and_matches_single_calls():
    items = [("comment", f"*{n}*") if n % 2 else ("inline", f"plain words {n}") for n in range(200)]
    batch = render_batch(items)
    assert [one.plain for one in batch] == [text.strip("*") for _, text in items]
    assert batch[1] == render_comment("*1*")
    assert render_batch([]) == []


def test_a_stream_keeps_its_order_and_ends_its_process():
    items = [("article", f"# {n}\n\n*x*") if n % 3 else ("comment", f"words {n}") for n in range(300)]
    results = [one.plain for one in render_many(items)]
    assert results == [f"{n}\nx" if n % 3 else f"words {n}" for n in range(300)]


def test_a_stream_may_be_left_early():
    stream = render_many(("comment", f"*{n}*") for n in range(1000))
    assert next(stream).plain == "0"
    stream.close()


def test_a_stream_of_texts_larger_than_the_pipes_does_not_stall():
    big = ("*some* words " * 2 + "word " * 170 + "\n\n") * 200
    results = list(render_many([("article", f"{n} {big}") for n in range(6)]))
    assert [one.fell_back for one in results] == [False] * 6


def test_a_slow_text_is_cut_off_and_shows_escaped_and_the_next_one_is_rendered(hanging):
    began = time.monotonic()
    rendered = render_article("<b> & " + STUCK)
    assert time.monotonic() - began < 5
    assert rendered.fell_back
    assert rendered.version == RENDERER_VERSION
    assert rendered.html.startswith("<p>&lt;b&gt; &amp; *a")
    assert render_article("*x*").html == "<p><em>x</em></p>"


def test_a_slow_text_costs_only_itself_in_a_batch(hanging):
    batch = render_batch([("comment", "*a*"), ("article", STUCK), ("comment", "*b*")])
    assert [one.fell_back for one in batch] == [False, True, False]


def test_a_batch_ends_at_its_own_limit_and_what_it_did_not_reach_stays_as_typed(monkeypatch, hanging):
    monkeypatch.setattr(renderer, "BATCH_SECONDS", 0.5)
    batch = render_batch([("comment", "*a*"), ("article", STUCK), ("comment", "*b*")])
    assert [one.version for one in batch] == [RENDERER_VERSION] * 3
    assert [one.fell_back for one in batch] == [False, True, True]
    assert batch[2].html == "<p>*b*</p>"
    assert render_comment("*c*").html == "<p><em>c</em></p>"


def test_the_start_of_the_process_takes_nothing_from_the_time_of_a_batch(monkeypatch):
    spawn, clock = render_process._spawn, {"ahead": 0.0}

    def slow_start() -> subprocess.Popen[bytes]:
        clock["ahead"] += renderer.BATCH_SECONDS + 1
        return spawn()

    monotonic = time.monotonic
    monkeypatch.setattr(render_process, "_spawn", slow_start)
    monkeypatch.setattr(renderer, "_shared", renderer._SharedProcess())
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + clock["ahead"])
    assert render_comment("*x*").html == "<p><em>x</em></p>"
    renderer._shared._process.close()


def test_a_comment_does_not_wait_for_a_slow_article():
    with renderer._articles._lock:  # as while an article is rendered
        assert render_batch([("comment", "*x*"), ("inline", "*y*")])[0].html == "<p><em>x</em></p>"


def test_texts_can_be_shown_as_typed_without_any_process(monkeypatch):
    monkeypatch.setattr(renderer, "_shared", None)
    assert [(one.html, one.version) for one in renderer.escape_batch([("inline", "*a* <b>")])] == [
        ("*a* &lt;b&gt;", "")
    ]


def test_a_slow_text_costs_only_itself_in_a_stream(hanging):
    stream = render_many([("comment", "*a*"), ("article", STUCK), ("comment", "*b*")])
    assert [one.fell_back for one in stream] == [False, True, False]


def test_a_process_that_was_killed_is_replaced():
    render_comment("*x*")
    pid = child_pid()
    os.kill(pid, signal.SIGKILL)
    assert ended(pid, 10)
    assert render_comment("*y*") == renderer.RenderedText("<p><em>y</em></p>", (), "y", RENDERER_VERSION, False)
    assert child_pid() != pid


def test_a_text_in_flight_when_the_process_is_killed_is_tried_once_more(hanging):
    process = RenderProcess()
    process.send(STUCK, "article")
    process.send("*x*", "comment")
    assert process._child
    process._child.kill()
    process._waiting[0] = frames.pack({"text": "*first*", "level": "comment"})
    assert process.receive()["plain"] == "first"
    assert process.receive()["plain"] == "x"
    process.close()


def test_when_no_process_can_be_started_texts_show_escaped_and_are_made_anew_later(monkeypatch):
    def broken() -> subprocess.Popen[bytes]:
        raise OSError("no more processes")

    monkeypatch.setattr(render_process, "_spawn", broken)
    monkeypatch.setattr(renderer, "_shared", renderer._SharedProcess())
    one = render_comment("<b> *x*\ny\n\nz")
    assert (one.html, one.version, one.fell_back) == ("<p>&lt;b&gt; *x*<br>\ny</p>\n<p>z</p>", "", True)
    assert render_inline("*a*\n\n<").html == "*a*<br><br>&lt;"
    assert [r.version for r in render_many([("comment", "*a*"), ("comment", "plain"), ("comment", "*b*")])] == [
        "",
        RENDERER_VERSION,
        "",
    ]


def test_threads_share_the_process_and_get_their_own_answers():
    wrong: list[str] = []

    def work(n: int) -> None:
        for i in range(40):
            if render_comment(f"*{n}-{i}*").html != f"<p><em>{n}-{i}</em></p>":
                wrong.append(f"{n}-{i}")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_process_ends_when_the_site_is_killed():
    pid = int(
        run(
            "import os, signal, sys\n"
            "from blog.lib import renderer\n"
            "renderer.render_comment('*x*')\n"
            "print(renderer._shared._process._child.pid, flush=True)\n"
            "os._exit(0)\n"
        )
    )
    assert ended(pid, 10)


def test_a_forked_web_process_starts_its_own():
    out = run(
        "import os\n"
        "from blog.lib import renderer\n"
        "renderer.render_comment('*x*')\n"
        "mine = renderer._shared._process._child.pid\n"
        "if os.fork() == 0:\n"
        "    html = renderer.render_comment('*child*').html\n"
        "    print(html, renderer._shared._process._child.pid != mine, flush=True)\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "print(renderer.render_comment('*parent*').html, renderer._shared._process._child.pid == mine)\n"
        "renderer._shared._process.close()\n"
    )
    assert out.splitlines() == ["<p><em>child</em></p> True", "<p><em>parent</em></p> True"]


def test_the_process_gets_no_secrets(monkeypatch):
    monkeypatch.setenv("HINDSIGHT_SECRET_KEY", "do not pass on")
    process = RenderProcess()
    process.send("*x*", "comment")
    process.receive()
    assert process._child
    assert b"do not pass on" not in Path(f"/proc/{process._child.pid}/environ").read_bytes()
    process.close()


def test_the_web_process_does_not_load_the_libraries():
    out = run(
        "import sys\nfrom blog.lib import renderer\n"
        "print([m for m in ('markdown', 'bleach', 'pygments') if m in sys.modules])\n"
    )
    assert out.strip() == "[]"


@pytest.mark.parametrize(
    "text", ["a\ud800*b*", "\x00*x*", "\x02wzxhzdk:0\x03*", "\udfff", "*\ufffe*", "", " \n ", "\n\n"]
)
def test_stored_text_of_any_kind_shows_and_can_be_sent(text):
    for level in ("article", "comment", "inline"):
        for rendered in (render_batch([(level, text)])[0], renderer._fallback(level, text, version="")):
            (rendered.html + rendered.plain).encode("utf-8")
            assert "\x00" not in rendered.html


@pytest.mark.parametrize(
    ("at_limit", "beyond"),
    [
        ("[" * 200, "[" * 201),
        ("a <b" * 500, "a <b" * 501),
        ("*a*" + " " * 200 + "b", "*a*" + " " * 201 + "b"),
        ("- " * MAX_NESTING + "a", "- " * (MAX_NESTING + 1) + "a"),
        ("> " * MAX_NESTING + "a", "> " * (MAX_NESTING + 1) + "a"),
        ("1. " * MAX_NESTING + "a", "1. " * (MAX_NESTING + 1) + "a"),
        ("[a](" * 200, "[a](" * 201),
        ("*" + "a" * 9_998 + "*", "*" + "a" * 9_999 + "*"),
    ],
)
def test_a_text_at_a_limit_is_rendered_and_one_beyond_shows_escaped(at_limit, beyond):
    assert excess(at_limit, "comment") is None
    assert excess(beyond, "comment")
    assert not render_comment(at_limit).fell_back
    rendered = render_comment(beyond)
    assert rendered.fell_back
    assert rendered.plain == beyond


def test_code_in_a_fence_may_hold_many_brackets():
    text = "```\n" + "<[" * 600 + "\n```"
    assert excess(text, "article") is None
    assert excess(text.removesuffix("```"), "article")


def at_most(shape: str, characters: int) -> str:
    return (shape * (characters // len(shape) + 1))[:characters]


SLOW_SHAPES = {"open brackets": "[", "open images": "![", "open links": "[a](", "open references": "[a][",
    "CDATA": "<![CDATA[", "open tags": "<a ", "code spans": "`a", "stars": "*a ", "mixed stars": "**a *b ",
    "underscores": "_a *b ", "quotes": "> a\n", "list on one line": "- ", "definition items": ": a\n\n",
    "list": "- a\n\n", "table": "a|b\n-|-\n", "ampersands": "&a", "backslashes": "\\*", "blanks": " ",
    "newlines": "\n", "headings": "# a\n", "address": "http://a.b/((((",
    "brackets behind an address": "http://a.b/))))", "definitions": "[^1]: x\n", "references": "[^1]",
    "fences": "```a\n", "line breaks": "a  \n", "marks": "\u0301\u0316", "titles": "[a](b \"",
    "rules": "* * *\n", "angles": "[a](<", "html": "<div>", "mis-nested": "<em><p>", "entities": "&amp;",
    "setext": "a\n=\n", "task items": "- [ ] a\n", "unpaired quotes": "\"'", }  # fmt: skip


@pytest.mark.parametrize("name", SLOW_SHAPES)
def test_every_slow_shape_is_bounded_at_the_length_limit_of_a_comment(name):
    began = time.monotonic()
    rendered = render_comment(at_most(SLOW_SHAPES[name], 10_000))
    assert time.monotonic() - began < 5
    assert rendered.version == RENDERER_VERSION


@pytest.mark.parametrize(
    "name", ["open brackets", "line breaks", "headings", "html", "fences", "marks", "table", "address"]
)
def test_slow_shapes_are_bounded_at_the_length_limit_of_an_article(name):
    began = time.monotonic()
    rendered = render_article(at_most(SLOW_SHAPES[name], 200_000))
    assert time.monotonic() - began < 5
    assert rendered.version == RENDERER_VERSION


def test_a_fence_followed_by_many_blanks_is_bounded():
    assert render_article("```" + " " * 100_000).fell_back


def test_a_failure_inside_the_libraries_shows_the_text(monkeypatch):
    def fail(text: str, level: str) -> str:
        raise RecursionError

    monkeypatch.setattr(render_child, "to_raw_html", fail)
    assert "RecursionError" in render_child.render("x", "comment")["refused"]


PROSE = st.lists(
    st.sampled_from(
        [*"aZ09é.,;:?!'\"“”()%$€/-\n ", "word", "\n\n", ". ", "ab ", "http", "1.", "12)", "a-b", "日本", "14:05"]
    ),
    max_size=30,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(PROSE)
def test_the_short_cut_for_prose_gives_what_the_whole_pipeline_gives(text):
    for level in ("comment", "inline"):
        quick = prose_html(text, level)
        if quick is not None:
            whole = render_child.render(text, level)
            assert (quick, text.replace("\n\n", "\n")) == (whole["html"], whole["plain"])


@pytest.mark.parametrize(
    "text", ["The agent deleted it.", "14:05 it fell (again)", "a\nb\n\nc", "“So?” he said; 2.5 h – 50% off!"]
)
def test_common_prose_takes_the_short_cut(text):
    assert prose_html(text, "comment") == render_child.render(text, "comment")["html"]


@pytest.mark.parametrize(
    "text", ["1. a", "a  \nb", "a_b_c", "*a*", "a <b", "a & b", "https://a.b", "# a", "- a", "", " a", "a ", "a\n\n\nb"]
)
def test_text_that_may_be_markup_takes_the_whole_road(text):
    assert prose_html(text, "comment") is None
