"""Open loop: requests leave at their times whether or not earlier ones were answered, as readers do.

Latency counts from the time a request was meant to leave, so a stall of the server shows in every request behind it.
"""

import gc
import select
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.asking import MARK, Load, ask, whole_size

LINES = 64  # connections; a request waits for a free one, and its clock runs
PATIENCE = 20.0  # seconds after the last request was due


@dataclass
class Paced:
    """What was sent and how long the answers took, in milliseconds from the time each request was due."""

    rate: float
    answered: int = 0
    late: float = 0.0  # the share of requests that left more than 1 ms after their time, whoever was slow
    times: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        return sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * share))]


@dataclass
class _Line:
    """One connection and the answer it waits for."""

    socket: socket.socket
    due: float = 0.0
    whole: int | None = None
    got: bytearray = field(default_factory=bytearray)


def measure(port: int, load: Load, *, rate: float, seconds: float, first: int = 0) -> Paced:
    """Send `rate` requests a second for some seconds; each answer is checked, and any wrong one ends the bench."""
    lines = [_Line(socket.create_connection(("127.0.0.1", port), timeout=10)) for _ in range(LINES)]
    for line in lines:
        line.socket.setblocking(False)
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    right = _checker(port, load)
    gc.collect()
    gc.disable()  # a collection here would look like a stall there
    try:
        return _Run(load, lines, right, first).go(rate, max(1, int(rate * seconds)))
    finally:
        gc.enable()
        for line in lines:
            line.socket.close()


def _checker(port: int, load: Load) -> Callable[[bytearray], None]:
    """A check of every answer that costs next to nothing: the same bytes as one that was read whole, where they are."""
    status = str(load.expected.status).encode()
    same = b""
    if len(set(load.requests)) == 1 and MARK.encode() not in load.requests[0]:
        sample = ask(port, load.requests[0])
        load.expected.check(sample, load.name)
        same = sample.body

    def check(got: bytearray) -> None:
        if got[9:12] != status or (same and not got.endswith(same)):
            sys.exit(f"{load.name}: a wrong answer: {bytes(got[:1000])!r}")

    return check


class _Run:
    def __init__(self, load: Load, lines: list[_Line], right: Callable[[bytearray], None], first: int) -> None:
        self.requests, self.right, self.first = load.requests, right, first
        self.marked = MARK.encode() in load.requests[0]
        self.free, self.busy = deque(lines), {}  # type: deque[_Line], dict[socket.socket, _Line]
        self.waiting: deque[tuple[int, float]] = deque()

    def go(self, rate: float, total: int) -> Paced:
        done, sent = Paced(rate), 0
        begun, late = time.perf_counter() + 0.05, 0
        while done.answered < total:
            now = time.perf_counter()
            while sent < total and begun + sent / rate <= now:
                self.waiting.append((sent, begun + sent / rate))
                late += now - begun - sent / rate > 0.001
                sent += 1
            while self.waiting and self.free:
                self._send(*self.waiting.popleft())
            until = begun + sent / rate - time.perf_counter() if sent < total else 1.0
            ready, _, _ = select.select(list(self.busy), [], [], max(0.0, until))
            for one in ready:
                self._receive(one, done)
            if time.perf_counter() > begun + total / rate + PATIENCE:
                sys.exit(f"{total - done.answered} of {total} requests at {rate:.0f} a second had no answer")
        done.late = late / total
        return done

    def _send(self, number: int, due: float) -> None:
        line = self.free.popleft()
        request = self.requests[number % len(self.requests)]
        if self.marked:
            request = request.replace(MARK.encode(), b"%010d" % (self.first + number), 1)
        line.due, line.whole = due, None
        line.got.clear()
        if line.socket.send(request) != len(request):
            sys.exit("a request was not taken whole")
        self.busy[line.socket] = line

    def _receive(self, one: socket.socket, done: Paced) -> None:
        line = self.busy[one]
        part = one.recv(1 << 17)
        if not part:
            sys.exit(f"the server closed a connection after {done.answered} answers: {bytes(line.got[:500])!r}")
        line.got += part
        if line.whole is None:
            line.whole = whole_size(line.got)
        if line.whole is not None and len(line.got) >= line.whole:
            done.times.append((time.perf_counter() - line.due) * 1000)
            self.right(line.got)
            done.answered += 1
            del self.busy[one]
            self.free.append(line)
