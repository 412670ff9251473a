"""The site's end of the render process: starts it, keeps texts in flight, ends it when one takes too long."""

import contextlib
import fcntl
import logging
import os
import select
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from blog.lib import frames, metrics
from blog.lib.processes import bare_environment

LIMIT_SECONDS = 2.0  # for one text, from the moment it is its turn
START_SECONDS = 20.0  # a cold disk on a busy machine
START_AGAIN_SECONDS = 30.0  # after a failed start, so that a broken installation does not slow every page
RECYCLE_AFTER = 50_000  # texts; what the libraries keep in memory goes with the process
PIPE_BYTES = 1 << 20  # lets the process work ahead while the site does something else
READ_BYTES = 1 << 16  # at a time: most answers are small, and as much memory is taken for each

_ROOT = Path(__file__).parents[2]

logger = logging.getLogger(__name__)


class RenderUnavailable(Exception):
    """The render process could not be started; nothing is known about the text."""


class RenderProcess:
    """One child process and the texts it has not answered yet, answered in order. For one thread at a time.

    `send` and `receive` work in pairs. A text that ends the process (twice) or outlasts the limit is answered with
    `{"refused": reason}`; those behind it are sent again to a new process.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._outgoing = bytearray()
        self._incoming = bytearray()
        self._waiting: deque[bytes] = deque()
        self._retried = False
        self._turn_began = 0.0
        self._answered = 0
        self._failed_at = -START_AGAIN_SECONDS

    def send(self, text: str, level: str, people: Mapping[str, int] | None = None) -> None:
        """Queue one text and pass on what the pipe takes at once; `people` are those it may mention, by handle. Raises
        RenderUnavailable, then nothing is queued.
        """
        if not self._waiting and self._child and (self._child.poll() is not None or self._is_old()):
            self.close()
        child = self._child or self._start_again()
        frame = frames.pack({"text": text, "level": level, "people": dict(people or {})})
        if not self._waiting:
            self._turn_began = time.monotonic()
        self._waiting.append(frame)
        self._outgoing += frame
        self._write(child)

    def receive(self, *, until: float | None = None) -> dict[str, Any]:
        """The answer to the oldest text not answered yet. `until` is an earlier limit on the monotonic clock.

        Raises RenderUnavailable, which forgets all texts in flight, and TimeoutError when `until` came first.
        """
        if self._outgoing:  # the pipe was full, so the text may be on its way only now
            self._turn_began = time.monotonic()
        while True:
            if not self._waiting:  # forgotten when a start failed
                raise RenderUnavailable
            child = self._child or self._start_again()
            limit = self._turn_began + LIMIT_SECONDS
            try:
                answer = self._wait(child, min(limit, until) if until else limit)
            except EOFError:
                if not self._retried:  # an operator or the memory killer may have ended it: the text gets a second try
                    self._retried = True
                    self._stop()
                    continue
                answer = {"refused": "the render process ended"}
                self._stop()
            except TimeoutError:
                if until and until < limit:
                    raise
                answer = {"refused": "rendering took too long"}
                self._stop()
            self._waiting.popleft()
            self._retried = False
            self._turn_began = time.monotonic()
            self._answered += 1
            return answer

    def close(self) -> None:
        """End the process and forget what is in flight."""
        self._stop()
        self._waiting.clear()

    def abandon(self) -> None:
        """After a fork: close this copy of the pipes, so that the process ends with its real owner."""
        if self._child:
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe:
                    pipe.close()
            self._child.returncode = 0  # not ours to wait for
            self._child = None
        self._waiting.clear()

    def _is_old(self) -> bool:
        return self._answered >= RECYCLE_AFTER

    def _start_again(self) -> subprocess.Popen[bytes]:
        """A new process for the texts in flight."""
        try:
            child = self._start()
        except RenderUnavailable:
            self._waiting.clear()
            raise
        for frame in self._waiting:
            self._outgoing += frame
        self._turn_began = time.monotonic()
        return child

    def _start(self) -> subprocess.Popen[bytes]:
        if time.monotonic() - self._failed_at < START_AGAIN_SECONDS:
            raise RenderUnavailable
        self._outgoing.clear()
        self._incoming.clear()
        try:
            self._child = child = _spawn()
            self._wait(child, time.monotonic() + START_SECONDS)
        except (OSError, EOFError, TimeoutError) as error:
            logger.exception("The render process does not start; texts are shown without formatting.")
            self._failed_at = time.monotonic()
            self._stop()
            raise RenderUnavailable from error
        self._answered = 0
        metrics.count_render_start()
        return child

    def _stop(self) -> None:
        child, self._child = self._child, None
        self._outgoing.clear()
        self._incoming.clear()
        if child:
            child.kill()
            for pipe in (child.stdin, child.stdout):
                if pipe:
                    pipe.close()
            child.wait()

    def _wait(self, child: subprocess.Popen[bytes], until: float) -> dict[str, Any]:
        """The next message. Raises TimeoutError, or EOFError when the process has ended."""
        assert child.stdin and child.stdout
        poll = select.poll()
        poll.register(child.stdout, select.POLLIN)
        while True:
            message: dict[str, Any] | None = frames.take(self._incoming)
            if message is not None:
                return message
            if self._outgoing:
                poll.register(child.stdin, select.POLLOUT)
            else:
                with contextlib.suppress(KeyError):
                    poll.unregister(child.stdin)
            ready = dict(poll.poll(max(0.0, until - time.monotonic()) * 1000))
            if not ready:
                raise TimeoutError
            if child.stdin.fileno() in ready:
                self._write(child)
            if child.stdout.fileno() in ready:
                self._read(child)

    def _write(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdin
        try:
            while self._outgoing:
                written = os.write(child.stdin.fileno(), self._outgoing[:PIPE_BYTES])
                del self._outgoing[:written]
        except BlockingIOError:
            pass  # the pipe is full; the rest goes while answers are awaited
        except BrokenPipeError:
            self._outgoing.clear()  # the process has ended, as reading will show

    def _read(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout
        data = os.read(child.stdout.fileno(), READ_BYTES)
        if not data:
            raise EOFError
        self._incoming += data


def _spawn() -> subprocess.Popen[bytes]:
    child = subprocess.Popen(
        [sys.executable, "-m", "blog.lib.render_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        cwd=_ROOT,
        env=bare_environment(),
    )
    for pipe in (child.stdin, child.stdout):
        assert pipe
        os.set_blocking(pipe.fileno(), False)
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with contextlib.suppress(OSError):  # the system may allow less
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return child
