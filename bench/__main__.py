"""`make bench`, which is `python -m bench`: the site measured beside its yardsticks, in one run and one table.

    python -m bench                            every case: about ten minutes, and the import before the first run
    python -m bench --only article50,lists     some cases (--list names them)
    SECONDS=2 ROUNDS=1 python -m bench ...     a quick look; such figures move by 20 %
    ARTICLES=300 COMMENTS=2000 python -m bench a small site
    python -m bench --write                    also put the table into bench/README.md
    python -m bench --peer blog=http://127.0.0.1:8080/path   measure another program beside it (see the README)

Environment: ARTICLES (10000), COMMENTS (20000), SECONDS (4, of one measurement), ROUNDS (3), KEEP (bench/out, for the
imported data; each run works on a copy). Needs wrk. Exit status 1 when a row that must be reached was not.
"""

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from bench import closed, cold, footprint, machine, posting, reading, searching, site, table
from bench.peers import Peer
from bench.run import Run, started
from bench.table import Row

Case = Callable[[Run], Iterator[Row]]
CASES: dict[str, Case] = {  # in the order they run: what writes to the site comes after what counts its rows
    "article50": reading.article50,
    "repeat": reading.repeat,
    "lists": reading.lists,
    "signed-in": reading.signed_in,
    "article1000": reading.article1000,
    "wire": footprint.wire,
    "cold": cold.cold,
    "posting": posting.posting,
    "visible": searching.visible,
    "memory": footprint.memory,
    "search": searching.search,
    "found": searching.found,
    "memory-search": footprint.memory_after_search,
    "start": footprint.start,
}


def main() -> int:
    given = _arguments()
    if given.list:
        print("\n".join(f"{name:<12} {(case.__doc__ or '').splitlines()[0]}" for name, case in CASES.items()))
        return 0
    chosen = [name for name in CASES if not given.only or name in given.only]
    keep = Path(os.environ.get("KEEP") or Path(__file__).parent / "out").resolve()
    articles, comments = int(os.environ.get("ARTICLES", "10000")), int(os.environ.get("COMMENTS", "20000"))
    seconds, rounds = float(os.environ.get("SECONDS", "4")), int(os.environ.get("ROUNDS", "3"))
    closed.program()  # before the import, which takes minutes
    rows: list[Row] = []
    base = site.imported(keep, articles, comments)
    with site.copy_of(base, articles) as data, started(data, base, seconds=seconds, rounds=rounds) as run:
        for row in chain(*(CASES[name](run) for name in chosen), *(peer.measure(run) for peer in given.peer)):
            print("  ".join(cell for cell in row.cells if cell), file=sys.stderr, flush=True)
            rows.append(row)
    command = shlex.join(["python", "-m", "bench", *sys.argv[1:]])
    about = (
        f"`{command}` on {datetime.now(UTC):%Y-%m-%d at %H:%M} UTC, commit {machine.revision()}, {machine.described()};"
        f" {articles:,} articles, {comments:,} comments, {rounds} rounds of {seconds:g} s."
    )
    text = f"{about}\n\n{table.drawn(rows)}\n\n{table.missed(rows)} of {len(rows)} rows miss what they must reach."
    print(f"\n{text}")
    if given.write:
        table.write(text)
    return 1 if table.missed(rows) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=_names, default=[], metavar="CASE,...", help="run these cases")
    parser.add_argument("--list", action="store_true", help="name the cases and end")
    parser.add_argument("--peer", type=Peer.read, action="append", default=[], metavar="NAME=ADDRESS")
    parser.add_argument("--write", action="store_true", help="put the table into bench/README.md")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in CASES]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no case {unknown[0]}; there are {', '.join(CASES)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
