"""The only makers of trusted HTML: raw text in, sanitized HTML with its contents list and plain words out.

The work is done in a process of its own, so that no text can stop a page; a text it cannot do shows escaped instead.
This module never imports Markdown or bleach, which keeps them out of the memory of the web process.
"""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2s
from html import escape
from importlib.metadata import version
from typing import Any

from blog.lib.plain_prose import prose_html
from blog.lib.render_process import RenderProcess, RenderUnavailable
from blog.lib.text import Level, mend_text

PIPELINE = 2  # raise it when the same text gives other HTML: stored HTML of other versions is made anew
BATCH_SECONDS = 5.0
LOCK_SECONDS = 5.0
IN_FLIGHT = 64  # texts that `render_many` keeps ahead of its caller
IN_FLIGHT_CHARACTERS = 400_000

_libraries = " ".join(f"{name} {version(name)}" for name in ("bleach", "markdown", "pygments"))
RENDERER_VERSION = f"{PIPELINE}.{blake2s(_libraries.encode(), digest_size=4).hexdigest()}"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TocEntry:
    """One heading: its level in the HTML (2 to 6), the id to link to, and its words as plain text."""

    level: int
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class RenderedText:
    """What one text became.

    `html` is safe to show as it is. `plain` is text, one line a block, for search and excerpts. `version` is
    RENDERER_VERSION, or "" when the render process was not available, so that stored HTML is made anew next time.
    `fell_back` says that `html` is the escaped text, because the text breaks a limit or could not be rendered. A text
    that took too long keeps that answer: it would take as long for every reader. `removed` says what of it is not
    obeyed: (what, name, how often). `people` are the numbers of those it mentions.
    """

    html: str
    toc: tuple[TocEntry, ...]
    plain: str
    version: str
    fell_back: bool
    removed: tuple[tuple[str, str, int], ...] = ()
    people: tuple[int, ...] = ()


def render_article(text: str) -> RenderedText:
    """The whole dialect: headings (h2 to h6), tables, footnotes, task lists, images of this site, fenced code."""
    return render_batch([("article", text)])[0]


def render_comment(text: str, *, people: Mapping[str, int] | None = None) -> RenderedText:
    """Emphasis, code, lists, quotes and links; every newline shows. `people` may be mentioned: numbers by handle."""
    return render_batch([("comment", text)], people=people)[0]


def render_inline(text: str) -> RenderedText:
    """One label, claim or timeline text: emphasis, code and links, never a block, so it fits into any element."""
    return render_batch([("inline", text)])[0]


def render_batch(items: Sequence[tuple[Level, str]], *, people: Mapping[str, int] | None = None) -> list[RenderedText]:
    """Many texts of one page in one round trip, in their order. Never raises for any text.

    A text gets 2 seconds and all of them 5; those that were not reached by then show escaped, for good. Batches with
    an article have a process of their own, so that comments and previews never wait for a slow write-up.
    """
    results: list[RenderedText | None] = [_simple(level, text) for level, text in items]
    open_items = [i for i, result in enumerate(results) if result is None]
    if open_items:
        process = _articles if any(level == "article" for level, _ in items) else _shared
        for i, rendered in zip(open_items, process.render([items[i] for i in open_items], people), strict=True):
            results[i] = rendered
    return [result for result in results if result is not None]


def escape_batch(items: Sequence[tuple[Level, str]]) -> list[RenderedText]:
    """The texts as typed, escaped, with version "": what shows at once where nobody may wait for the renderer."""
    return [_fallback(level, text, version="") for level, text in items]


def render_many(items: Iterable[tuple[Level, str]]) -> Iterator[RenderedText]:
    """A stream of texts, rendered ahead in a process of its own while the caller works; results in order.

    For bulk import. Items are read up to 64 ahead. Close the generator, or exhaust it, to end the process.
    """
    process = RenderProcess()
    ahead: deque[tuple[Level, str, RenderedText | None]] = deque()
    size = 0
    try:
        for level, text in items:
            done = _simple(level, text)
            ahead.append((level, text, done))
            if done is None and not _sent(process, level, text):
                _give_up(ahead)
            size += len(text)
            while len(ahead) >= IN_FLIGHT or size > IN_FLIGHT_CHARACTERS:
                size -= len(ahead[0][1])
                yield _next_of(process, ahead)
        while ahead:
            yield _next_of(process, ahead)
    finally:
        process.close()


def _next_of(process: RenderProcess, ahead: deque[tuple[Level, str, RenderedText | None]]) -> RenderedText:
    level, text, done = ahead.popleft()
    if done is not None:
        return done
    try:
        return _finish(level, text, process.receive())
    except RenderUnavailable:
        _give_up(ahead)
        return _fallback(level, text, version="")


def _give_up(ahead: deque[tuple[Level, str, RenderedText | None]]) -> None:
    """The process is gone and will not answer any of these."""
    for i, (level, text, done) in enumerate(ahead):
        if done is None:
            ahead[i] = (level, text, _fallback(level, text, version=""))


def _sent(process: RenderProcess, level: Level, text: str) -> bool:
    try:
        process.send(text, level)
    except RenderUnavailable:
        return False
    return True


class _SharedProcess:
    """The render process of this web process, used by one thread at a time and never by a forked child."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = RenderProcess()
        os.register_at_fork(after_in_child=self._after_fork)

    def render(self, items: Sequence[tuple[Level, str]], people: Mapping[str, int] | None) -> list[RenderedText]:
        if not self._lock.acquire(timeout=LOCK_SECONDS):
            logger.error("The render process was busy for %s seconds.", LOCK_SECONDS)
            return escape_batch(items)
        try:
            return self._render(items, people)
        finally:
            self._lock.release()

    def _render(self, items: Sequence[tuple[Level, str]], people: Mapping[str, int] | None) -> list[RenderedText]:
        results: list[RenderedText] = []
        version = ""
        try:
            self._process.send(items[0][1], items[0][0], people)  # starts the process: no text's fault
            until = time.monotonic() + BATCH_SECONDS
            for level, text in items[1:]:
                self._process.send(text, level, people)
            for level, text in items:
                results.append(_finish(level, text, self._process.receive(until=until)))
        except TimeoutError:
            version = RENDERER_VERSION
        except RenderUnavailable:
            pass
        if len(results) < len(items):
            logger.warning("%d of %d texts show without formatting.", len(items) - len(results), len(items))
            self._process.close()
        return results + [_fallback(level, text, version=version) for level, text in items[len(results) :]]

    def _after_fork(self) -> None:
        self._lock = threading.Lock()
        self._process.abandon()
        self._process = RenderProcess()


_shared = _SharedProcess()
_articles = _SharedProcess()


def _simple(level: Level, text: str) -> RenderedText | None:
    markup = prose_html(text, level)
    if markup is None:
        return None
    return RenderedText(markup, (), text.replace("\n\n", "\n"), RENDERER_VERSION, False)


def _finish(level: Level, text: str, answer: dict[str, Any]) -> RenderedText:
    if "refused" in answer:
        logger.warning("A text of level %s shows without formatting: %s.", level, answer["refused"])
        return _fallback(level, text, version=RENDERER_VERSION)
    toc = tuple(TocEntry(*row) for row in answer["toc"])
    removed = tuple((what, name, count) for what, name, count in answer["removed"])
    people = tuple(answer["people"])
    return RenderedText(answer["html"], toc, answer["plain"], RENDERER_VERSION, False, removed, people)


def _fallback(level: Level, text: str, *, version: str) -> RenderedText:
    """The text as typed: escaped, with its paragraphs and newlines."""
    mended = mend_text(text)
    paragraphs = [part.strip("\n") for part in mended.split("\n\n") if part.strip()]
    parts = [escape(part, quote=False).replace("\n", "<br>\n") for part in paragraphs]
    markup = "<br><br>".join(parts) if level == "inline" else "\n".join(f"<p>{part}</p>" for part in parts)
    return RenderedText(markup, (), mended.strip(), version, True)
