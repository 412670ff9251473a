"""`python -m bench.crash_disk`: the site on a file system of a few megabytes that fills up, and has room again.

Needs to be root, for the mount. Writes must be refused with 503 or 507 and nothing torn, reading must go on, and what
was acknowledged must be there; with room again everything works, search too.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.crash_site import Person, Site, prepare
from bench.crash_work import count, is_sound, one_of

FREE_KB = 4_096  # left beside the demo data, for database, log and index together
MOST_POSTS = 2_000


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="hindsight-disk-") as place:
        folder = Path(place) / "data"
        folder.mkdir()
        try:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", str(folder)], check=True)
        except (OSError, subprocess.CalledProcessError):
            sys.exit("a file system of its own cannot be mounted here; tests/reliability/test_disk_full.py needs none")
        try:
            prepare(folder)
            with Site(folder) as site:
                sys.exit(_fill(site, folder))
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def _fill(site: Site, folder: Path) -> int:
    slug, title = one_of(folder)
    person, ballast, acknowledged, refused = Person(site), folder / "ballast", 0, 0
    statistics = os.statvfs(folder)
    free = statistics.f_bavail * statistics.f_frsize // 1024

    with ballast.open("wb") as file:
        for _ in range(max(0, free - FREE_KB)):
            file.write(bytes(1024))
    before = count(folder, "comments")
    address, statuses, faults = f"/postmortems/{slug}/comments", set(), []
    for number in range(MOST_POSTS):
        text = f"Word {number} " + os.urandom(2_000).hex()
        status, _, page = person.ask("POST", address, {"text": text})
        statuses.add(status)
        if status == 303:
            acknowledged += 1
            continue
        refused += 1
        if text not in page:
            faults.append("the text was not given back")
        for path in ("/", f"/postmortems/{slug}", f"/search?q={title.split()[0]}"):
            if (answered := site.get(path)[0]) != 200:
                faults.append(f"{path} answered {answered}")
        if refused >= 5:
            break
    if not is_sound(folder):
        faults.append("the database is damaged")
    ballast.unlink()
    if count(folder, "comments") - before != acknowledged:
        faults.append(f"{count(folder, 'comments') - before} comments, {acknowledged} acknowledged")
    status, _, _ = person.ask("POST", address, {"text": "There is room again: zirconium."})
    if status != 303:
        faults.append(f"with room again a comment was answered {status}")
    print(f"| acknowledged | {acknowledged} |\n| refused | {refused}, with {sorted(statuses - {303})} |")
    print(f"| found again after s | {_found_after(site, 'zirconium'):.1f} |\n| faults | {faults or 'none'} |")
    return len(faults)


def _found_after(site: Site, word: str) -> float:
    begun, pause = time.perf_counter(), threading.Event()
    while b'class="search-hit"' not in site.get(f"/search?q={word}")[2] and time.perf_counter() - begun < 120:
        pause.wait(0.2)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
