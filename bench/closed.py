"""Closed loop: wrk keeps a number of connections busy; the next request of each waits for its answer."""

import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.asking import MARK, Load, ask

CONNECTIONS = 16
SAMPLES = 12  # answers read whole before and after each measurement
NEAR = 0.03  # how far the mean size of all answers may be from that of the samples; lists of pages vary more
NEAR_MIXED = 0.25
_numbers = iter(range(1, 10**9))


def fresh_numbers() -> int:
    """The first of a million numbers that no other measurement of this run uses for its texts."""
    return next(_numbers) * 1_000_000


@dataclass(frozen=True)
class Closed:
    """What wrk counted. Times are milliseconds."""

    answers: int
    bytes: int
    seconds: float
    sent: int
    p50: float
    p99: float
    failed: int

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


def measure(port: int, load: Load, *, seconds: float, once: bool = False) -> Closed:
    """Run one measurement. With `once` each request of the load is sent one time and the run ends then.

    Every answer counts by its status and all of them together by their size; some are read whole and compared with what
    is expected. Any error ends the bench.
    """
    sizes = [] if once else _samples(port, load)
    with tempfile.NamedTemporaryFile(suffix=".requests") as file:
        file.write(b"".join(b"%d\n%s" % (len(one), one) for one in load.requests))
        file.flush()
        counted = _wrk(port, file.name, seconds=seconds, most=len(load.requests) if once else 0)
    sizes += _samples(port, load)
    _check(load, counted, sizes)
    return counted


def _samples(port: int, load: Load) -> list[int]:
    if any(MARK.encode() in one for one in load.requests[:1]):
        return []  # it writes: the rows it leaves are counted instead
    chosen = random.Random(3).choices(load.requests, k=SAMPLES)
    answers = [ask(port, request) for request in chosen]
    for answer in answers:
        load.expected.check(answer, load.name)
    return [answer.size for answer in answers]


def program() -> str:
    """Where wrk is. Ends the bench with what to do when it is not there."""
    found = shutil.which("wrk")
    return found or sys.exit("The bench needs wrk (apt-get install wrk, brew install wrk, dnf install wrk).")


def _wrk(port: int, file: str, *, seconds: float, most: int) -> Closed:
    script, first = str(Path(__file__).with_name("wrk.lua")), fresh_numbers()
    command = [program(), "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "20s", "-s", script]
    asked = [*command, f"http://127.0.0.1:{port}/", "--", file, str(most), str(first)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=seconds + 120)
    told = re.search(r"^BENCH (\{.*\})$", done.stdout, re.MULTILINE)
    if told is None:
        sys.exit(f"wrk did not finish:\n{done.stdout}{done.stderr}")
    return Closed(**json.loads(told[1]))


def _check(load: Load, counted: Closed, sizes: list[int]) -> None:
    if counted.failed or not counted.answers:
        told = f"{counted.failed} of {counted.sent} requests failed, {counted.answers} were answered"
        sys.exit(f"{load.name}: {told} in {counted.seconds:.1f} s")
    if sizes:
        mean, expected = counted.bytes / counted.answers, sum(sizes) / len(sizes)
        near = NEAR if len(set(load.requests)) == 1 else NEAR_MIXED
        if abs(mean / expected - 1) > near:
            sys.exit(f"{load.name}: answers had {mean:.0f} bytes in the mean, those looked at {expected:.0f}")
