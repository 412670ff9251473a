"""`python -m bench.crowd --seconds 60 --kills 2`: a hundred members post at once against two workers, without a pause.

Each sends forms with a word of their own, and sends a form again under its key where no answer came. `--kills` ends all
processes of the site with SIGKILL so many times on the way and starts them again, as a supervisor would. Afterwards
every accepted comment must be on disk, once, and be found by the search within 5 s of the end; no answer may be a 5xx.
"""

import argparse
import itertools
import os
import re
import signal
import socket
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bench.asking import exchange, post_form
from bench.crash_overload import quantile
from bench.crash_site import Site, prepare
from bench.crash_work import command as run_command
from bench.crash_work import is_sound, one_of
from bench.site import PASSWORD
from bench.visitor import Visitor

FOUND_SECONDS = 5.0
AGAIN_SECONDS = 0.1  # between two tries of a form that had no answer
WORD = re.compile(r"zq\d+x\d+")
LOST = (OSError, IndexError, ValueError)  # a connection that ended before, or in the middle of, its answer


@dataclass
class Tally:
    """What all members were told. `accepted` holds the words of the comments; times are milliseconds."""

    accepted: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    other: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0


class Member:
    """One member with one connection, who posts without a pause."""

    def __init__(self, site: Site, name: str, slug: str) -> None:
        self.site, self.name, self.slug, self.tally = site, name, slug, Tally()
        self.visitor = Visitor(site.port)
        fields = {"name": name, "email": f"{name.lower().replace(' ', '.')}@people.example", "password": PASSWORD}
        made = self.visitor.post("/account/register", {"csrf_token": self.visitor.token("/account/register"), **fields})
        if made.status != 303:
            sys.exit(f"{name} could not register: {made.status}\n{made.text[:1000]}")
        self.token = self.visitor.token("/account/settings")
        self.line: socket.socket | None = None

    def post_until(self, end: float) -> None:
        for number in itertools.count():
            if time.perf_counter() >= end:
                return
            self._say(f"zq{self.name.rpartition(' ')[2]}x{number}")

    def _say(self, word: str) -> None:
        fields = {"csrf_token": self.token, "text": f"We saw it too, and wrote it down as {word}.", "once": word}
        request = post_form(f"/postmortems/{self.slug}/comments", fields, **self.visitor.headers)
        begun, pause = time.perf_counter(), threading.Event()
        while (status := self._send(request)) is None:
            self.tally.unanswered += 1
            pause.wait(AGAIN_SECONDS)
        if status == 303:
            self.tally.accepted.append(word)
            self.tally.times.append((time.perf_counter() - begun) * 1000)
        else:
            self.tally.other[status] += 1

    def _send(self, request: bytes) -> int | None:
        """The status of the answer; None where there was none."""
        try:
            if self.line is None:
                self.line = socket.create_connection(("127.0.0.1", self.site.port), timeout=60)
            answer = exchange(self.line, request)
            if answer.headers.get("connection", "").lower() == "close":
                self._hang_up()
        except LOST:
            self._hang_up()
            return None
        return answer.status

    def _hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
        self.line = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--members", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hindsight-crowd-") as place:
        folder = Path(place)
        prepare(folder)
        with Site(folder, workers=chosen.workers) as site:
            members = [Member(site, f"Crowd {number:03d}", one_of(folder)[0]) for number in range(chosen.members)]
            _post_all(site, members, chosen.seconds, chosen.kills)
            is_kept = _report(site, members, chosen.seconds)
        run_command(folder, "journal", "verify")
        sys.exit(not (is_kept and is_sound(folder)))


def _post_all(site: Site, members: list[Member], seconds: float, kills: int) -> None:
    """Let them post; the site is another process after each kill, at the same address."""
    begun = time.perf_counter()
    threads = [threading.Thread(target=one.post_until, args=(begun + seconds,)) for one in members]
    for thread in threads:
        thread.start()
    pause = threading.Event()
    for number in range(kills):
        pause.wait(max(0.0, begun + seconds * (number + 1) / (kills + 1) - time.perf_counter()))
        os.killpg(site.process.pid, signal.SIGKILL)
        site.process.wait()
        site.__enter__()
    for thread in threads:
        thread.join()


def _report(site: Site, members: list[Member], seconds: float) -> bool:
    """Print what came of it; whether all is as promised."""
    last = [one.tally.accepted[-1] for one in members if one.tally.accepted]
    begun = time.perf_counter()
    while (missing := [word for word in last if not _is_found(site, word)]) and time.perf_counter() - begun < 60:
        last = missing
    found_after = time.perf_counter() - begun
    said = [word for one in members for word in one.tally.accepted]
    stored = _stored(site.folder)
    lost, twice = [word for word in said if not stored.get(word)], [word for word in said if stored.get(word, 0) > 1]
    unfound = [word for word in said if not _is_found(site, word)]
    times, other = [each for one in members for each in one.tally.times], Counter[int]()
    for one in members:
        other.update(one.tally.other)
    rows = [
        (f"{len(members)} members, {site.workers} workers, {seconds:.0f} s", f"{len(said)} accepted"),
        ("until the answer, ms: p50, p99, longest", ", ".join(f"{quantile(times, at):.0f}" for at in (0.5, 0.99, 1))),
        ("sent again, since no answer came", str(sum(one.tally.unanswered for one in members))),
        ("other answers", str(other)),
        ("accepted and not on disk (must: 0)", str(len(lost))),
        ("on disk twice (must: 0)", str(len(twice))),
        ("everybody's last one found after s (must: 5)", f"{found_after:.1f}"),
        ("accepted and not found (must: 0)", str(len(unfound))),
    ]
    for name, figure in rows:
        print(f"| {name} | {figure} |", flush=True)
    is_whole = all(status < 500 for status in other) and not (lost or twice or unfound)
    return is_whole and found_after <= FOUND_SECONDS


def _stored(folder: Path) -> Counter[str]:
    """How often each word of ours stands in the comments on disk."""
    connection = sqlite3.connect(folder / "hindsight.sqlite3")
    try:
        texts = connection.execute("SELECT text FROM comments").fetchall()
    finally:
        connection.close()
    return Counter(word for (text,) in texts for word in WORD.findall(text))


def _is_found(site: Site, word: str) -> bool:
    return b'class="search-hit"' in site.get(f"/search?q={word}")[2]


if __name__ == "__main__":
    main()
