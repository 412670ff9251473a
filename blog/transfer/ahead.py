"""Working ahead: reading and rendering go on in a thread and a process of their own while the database is written."""

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from blog.lib.renderer import RenderedText, render_many
from blog.lib.text import Level

T = TypeVar("T")
Texts = list[tuple[Level, str]]
AHEAD = 256  # finished items that may wait for the database


def rendered(things: Iterable[T], texts_of: Callable[[T], Texts]) -> Iterator[tuple[T, list[RenderedText]]]:
    """Each thing with what the renderer made of its texts, in order."""
    waiting: deque[tuple[T, int]] = deque()

    def texts() -> Iterator[tuple[Level, str]]:
        for thing in things:
            wanted = texts_of(thing)
            waiting.append((thing, len(wanted)))
            yield from wanted

    made = render_many(texts())
    try:
        while first := next(made, None):
            thing, count = waiting.popleft()
            yield thing, [first, *islice(made, count - 1)]
    finally:
        made.close()  # type: ignore[attr-defined]  # a generator, which ends its process


def ahead(things: Iterator[T], *, size: int = AHEAD) -> Iterator[T]:
    """The same things, made by a thread that keeps up to `size` of them ready. What it raises is raised here."""
    ready: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(maxsize=size)
    stopping = threading.Event()

    def put(entry: tuple[T | None, BaseException | None]) -> None:
        while not stopping.is_set():
            with contextlib.suppress(queue.Full):
                ready.put(entry, timeout=0.2)
                return

    def work() -> None:
        try:
            for thing in things:
                put((thing, None))
                if stopping.is_set():
                    break
            else:
                put((None, None))
        except BaseException as error:
            put((None, error))
        finally:
            things.close()  # type: ignore[attr-defined]  # in the thread that runs it

    thread = threading.Thread(target=work, name="read-ahead", daemon=True)
    thread.start()
    try:
        while (entry := ready.get())[0] is not None:
            yield entry[0]
        if entry[1] is not None:
            raise entry[1]
    finally:
        stopping.set()
        thread.join()


def batched(things: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    """Lists of up to `size` things."""
    iterator = iter(things)
    while batch := list(islice(iterator, size)):
        yield batch
