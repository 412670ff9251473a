"""`python -m bench.crash --rounds 50 [--point NAME]`: kill the site with SIGKILL at named points, look what is left.

Each round is a process of the real site that kills itself at the point (`bench.crash_child`), a restart, and a check of
the promises: P1 what was acknowledged is there, P2 what was sent again under its key is there once, P3 search finds it;
with SQLite's own integrity check, and the chain of the journal at the end of each point.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.crash_site import prepare
from bench.crash_work import BackingUp, Importing, Migrating, Posting, Result, command

Work = Posting | Migrating | Importing | BackingUp
WORK: dict[str, Callable[[Path, Result], Work]] = {
    "before commit": Posting,
    "after commit, before the answer": Posting,
    "after the answer, before the outbox": Posting,
    "index: first ever, before it counts": Posting,
    "index: segment written": Posting,
    "index: before the TOC is renamed": Posting,
    "index: after the TOC is renamed": Posting,
    "outbox: indexed, not yet marked": Posting,
    "migration": Migrating,
    "import": Importing,
    "backup: copied": BackingUp,
    "backup: packed, not yet named": BackingUp,
}


def run(point: str, rounds: int, folder: Path) -> Result:
    """All rounds of one point, over the prepared data in `folder`, which is theirs alone."""
    result = Result(point)
    work = WORK[point](folder, result)
    for number in range(rounds):
        work.round(number)
        print(point, result.rounds, file=sys.stderr)
    work.finish()
    try:
        command(folder, "journal", "verify")
    except AssertionError:
        result.damaged += 1
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--point", action="append", choices=list(WORK))
    parser.add_argument("--data", type=Path, help="data folder of a site to copy; the demo data when absent")
    chosen = parser.parse_args()
    print(
        "| point | rounds | killed | acknowledged | lost | twice | not found | damaged | found after s: median, worst |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="hindsight-crash-") as place:
        made = chosen.data or Path(place) / "made"
        if chosen.data is None:
            prepare(made)
        bad = sum(_report(point, chosen.rounds, made, Path(place) / "data") for point in chosen.point or WORK)
    sys.exit(1 if bad else 0)


def _report(point: str, rounds: int, made: Path, folder: Path) -> int:
    """Print the row of a point; how many rounds it was not as promised."""
    shutil.copytree(made, folder)
    try:
        one = run(point, rounds, folder)
    finally:
        shutil.rmtree(folder)
    times = sorted(one.found)
    found = f"{times[len(times) // 2]:.1f}, {times[-1]:.1f}" if times else ""
    print(
        f"| {point} | {one.rounds} | {one.killed} | {one.acknowledged or ''} | {one.lost} | {one.twice} | "
        f"{one.not_found} | {one.damaged} | {found} |",
        flush=True,
    )
    return one.lost + one.twice + one.not_found + one.damaged + (one.rounds - one.killed)


if __name__ == "__main__":
    main()
