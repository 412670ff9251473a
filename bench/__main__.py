"""`make bench`: generate, import, serve and measure on loopback; one table at the end.

Environment: ARTICLES (10000), COMMENTS (20000), REQUESTS (200 a case), KEEP (a folder to keep the data in).
"""

import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bench.serving import Server, rss_mb

ROOT = Path(__file__).parents[1]
ARTICLES = int(os.environ.get("ARTICLES", "10000"))
COMMENTS = int(os.environ.get("COMMENTS", "20000"))
REQUESTS = int(os.environ.get("REQUESTS", "200"))
Row = tuple[str, str, str]  # what, figure, must reach


def main() -> None:
    """Run every case and print the table."""
    folder = Path(os.environ.get("KEEP") or tempfile.mkdtemp(prefix="hindsight-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "HINDSIGHT_DATA_DIR": str(folder / "data"), "HINDSIGHT_RATE_LIMITS": "off"}
    environment["HINDSIGHT_LOG_LEVEL"] = "warning"
    try:
        rows = _import(folder, environment)
        with Server(ROOT, environment) as server:
            rows += _measure(server)
    finally:
        if not os.environ.get("KEEP"):
            shutil.rmtree(folder)
    _print(rows)


def _import(folder: Path, environment: dict[str, str]) -> list[Row]:
    bundle, data = folder / "bundle.jsonl", folder / "data"
    if (data / "hindsight.sqlite3").exists():
        return [("import", "kept from an earlier run", "")]
    _run(
        ["bench/generate.py", "--articles", str(ARTICLES), "--comments", str(COMMENTS), "--out", str(bundle)],
        environment,
    )
    _run(["-m", "flask", "--app", "app", "db", "upgrade"], environment)
    begun = time.perf_counter()
    _run(["-m", "flask", "--app", "app", "import", str(bundle)], environment)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [
        ("import and index, articles a second", f"{ARTICLES / seconds:.1f} ({seconds:.0f} s)", "50"),
        ("import, largest process MB", f"{peak:.0f}", ""),
    ]


def _measure(server: Server) -> list[Row]:
    last = max(1, -(-ARTICLES // 20))
    deep = min(400, last)
    slugs, words = server.sample_slugs(), server.sample_words()
    chance = random.Random(7)
    cases: list[tuple[str, Callable[[], str]]] = [
        ("home", lambda: "/"),
        ("list, page 1", lambda: "/postmortems/"),
        (f"list, page {deep}", lambda: f"/postmortems/?page={deep}"),
        ("list, one tag", lambda: f"/postmortems/?tag={server.tag}"),
        ("random article", lambda: f"/postmortems/{chance.choice(slugs)}"),
        ("search, one word, 20 hits", lambda: f"/search?q={chance.choice(words)}"),
        ("search, two words", lambda: f"/search?q={chance.choice(words)}+{chance.choice(words)}"),
    ]
    timed = _interleaved(server, cases)
    rows: list[Row] = []
    limits = {"search, one word, 20 hits": "p95 60 ms"}
    for name, _ in cases:
        times = sorted(timed[name])
        p95 = times[int(len(times) * 0.95)]
        rows.append((name, f"p50 {statistics.median(times):.1f} ms, p95 {p95:.1f} ms", limits.get(name, "")))
    ratio = statistics.median(timed[f"list, page {deep}"]) / statistics.median(timed["list, page 1"])
    rows.append((f"list page {deep} over page 1", f"{ratio:.2f}", "1.2"))
    rows.append(("web process MB after it", f"{rss_mb(server.worker_pid):.0f}", "150"))
    rows.append(("saved comment found by search", _found_after(server, slugs[0]), "2 s"))
    return rows


def _interleaved(server: Server, cases: list[tuple[str, Callable[[], str]]]) -> dict[str, list[float]]:
    """Milliseconds a request, the cases taking turns, so that a busy moment of the machine hits all of them."""
    timed: dict[str, list[float]] = {name: [] for name, _ in cases}
    for turn in range(REQUESTS + 5):
        for name, address in cases:
            begun = time.perf_counter()
            status, body = server.get(address())
            if status != 200 or b"</html>" not in body:
                sys.exit(f"{name} answered {status}")
            if turn >= 5:  # the first ones open the index and fill caches
                timed[name].append((time.perf_counter() - begun) * 1000)
    return timed


def _found_after(server: Server, slug: str) -> str:
    waits = []
    for number in range(5):
        word = f"zqx{number}{random.SystemRandom().randrange(10**9)}"
        server.post_comment(slug, f"Seen here too, marked {word}.")
        begun, pause = time.perf_counter(), threading.Event()
        while b'class="search-hit"' not in server.get(f"/search?q={word}")[1]:
            if time.perf_counter() - begun > 10:
                return "not within 10 s"
            pause.wait(0.05)
        waits.append(time.perf_counter() - begun)
    return f"longest {max(waits):.2f} s"


def _run(arguments: list[str], environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, check=True, timeout=1800)


def _print(rows: list[Row]) -> None:
    width = max(len(name) for name, _, _ in rows)
    print(f"\n{ARTICLES} articles, {COMMENTS} comments, {os.cpu_count()} cores, one connection")
    for name, figure, limit in rows:
        print(f"{name:<{width}}  {figure:<34}  {f'must reach {limit}' if limit else ''}")


if __name__ == "__main__":
    main()
