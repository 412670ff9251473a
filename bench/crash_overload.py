"""`python -m bench.crash_overload --seconds 60`: ten times as many requests as the site can answer.

First the capacity is measured, in a closed loop. Then requests arrive at ten times that rate, each over a connection of
its own, whatever the answers are. Accepted ones must be answered within 2 s (p99), the rest with 503 soon; memory must
stay flat; and afterwards the site must answer as before within 10 s.
"""

import argparse
import re
import selectors
import socket
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.crash_site import Site, prepare

FACTOR = 10
MOST_OPEN = 900  # connections of ours at a time; fewer than a worker accepts


@dataclass
class Tally:
    """Milliseconds of every answer, by status; `failed` had none, `unsent` found no free connection."""

    times: dict[int, list[float]] = field(default_factory=dict)
    failed: int = 0
    unsent: int = 0

    def add(self, status: int, seconds: float) -> None:
        self.times.setdefault(status, []).append(seconds * 1000)


def quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] if times else 0.0


def rss_mb(site: Site) -> float:
    """Resident memory of the largest process of the site."""
    found = 0.0
    for folder in Path("/proc").iterdir():
        try:
            if (
                folder.name.isdigit()
                and int((folder / "stat").read_text().rpartition(")")[2].split()[2]) == site.process.pid
            ):
                match = re.search(r"VmRSS:\s+(\d+) kB", (folder / "status").read_text())
                found = max(found, int(match[1]) / 1024 if match else 0.0)
        except OSError:
            continue
    return found


def closed(site: Site, path: str, seconds: float, clients: int = 4) -> float:
    """Requests a second that so many clients get answered, each waiting for its answer."""
    tally = Tally()
    drive(site, [path], tally, seconds=seconds, rate=0.0, most=clients)
    return len(tally.times.get(200, [])) / seconds


def drive(site: Site, paths: list[str], tally: Tally, *, seconds: float, rate: float, most: int) -> None:
    """Send requests for so long: `rate` a second, or with 0 as soon as one of `most` connections is free."""
    selector, begun, sent = selectors.DefaultSelector(), time.perf_counter(), 0
    open_now: dict[socket.socket, tuple[float, bytearray]] = {}
    while (now := time.perf_counter() - begun) < seconds + 5 and (now < seconds or open_now):
        due = int(now * rate) if rate else sent + most - len(open_now)
        while now < seconds and sent < due:
            sent += 1
            if len(open_now) >= most:
                tally.unsent += 1
                continue
            try:
                connection = socket.create_connection(("127.0.0.1", site.port), timeout=5)
            except OSError:
                tally.failed += 1
                continue
            path = paths[sent % len(paths)]
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            connection.setblocking(False)
            selector.register(connection, selectors.EVENT_READ)
            open_now[connection] = (time.perf_counter(), bytearray())
        for key, _ in selector.select(0.005):
            _read(selector, key.fileobj, open_now, tally)  # type: ignore[arg-type]
    for connection in open_now:
        tally.failed += 1
        connection.close()
    selector.close()


def _read(
    selector: selectors.BaseSelector,
    connection: socket.socket,
    open_now: dict[socket.socket, tuple[float, bytearray]],
    tally: Tally,
) -> None:
    at, held = open_now[connection]
    try:
        data = connection.recv(262_144)
    except BlockingIOError:
        return
    except OSError:
        data = b""
    held += data
    if data:
        return
    selector.unregister(connection)
    connection.close()
    del open_now[connection]
    if held.startswith(b"HTTP/1.1 "):
        tally.add(int(held[9:12]), time.perf_counter() - at)
    else:
        tally.failed += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hindsight-overload-") as folder:
        prepare(Path(folder))
        with Site(Path(folder), WORKER="off") as site:
            sys.exit(_measure(site, chosen.seconds))


def _measure(site: Site, seconds: float) -> int:
    paths = [f"/search?q={word}" for word in ("agent", "outage", "key", "backup", "region", "queue")]
    closed(site, paths[0], 2)
    capacity = closed(site, paths[0], 5)
    before, tally = rss_mb(site), Tally()
    drive(site, paths, tally, seconds=seconds, rate=FACTOR * capacity, most=MOST_OPEN)
    after, begun = rss_mb(site), time.perf_counter()
    while closed(site, paths[0], 1) < capacity / 2 and time.perf_counter() - begun < 60:
        pass
    recovery = time.perf_counter() - begun
    accepted, refused = tally.times.get(200, []), tally.times.get(503, [])
    rows = [
        ("capacity, requests/s (search pages, 4 clients)", f"{capacity:.0f}"),
        ("sent at ten times that", f"{sum(map(len, tally.times.values()))} answered, {tally.unsent} held back by us"),
        ("accepted: number, p50, p99 ms (must: p99 2,000)", _row(accepted)),
        ("503: number, p50, p99 ms (must: 100)", _row(refused)),
        (
            "other answers",
            str({status: len(times) for status, times in tally.times.items() if status not in (200, 503)}),
        ),
        ("no answer", str(tally.failed)),
        ("memory MB before, after", f"{before:.0f}, {after:.0f}"),
        ("half the capacity again after s (must: 10)", f"{recovery:.1f}"),
    ]
    for name, figure in rows:
        print(f"| {name} | {figure} |")
    return int(quantile(accepted, 0.99) > 2_000 or recovery > 10)


def _row(times: list[float]) -> str:
    return f"{len(times)}, {statistics.median(times):.0f}, {quantile(times, 0.99):.0f}" if times else "0"


if __name__ == "__main__":
    main()
