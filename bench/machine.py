"""What the machine did meanwhile: the share of its time that others took, and the memory of our processes."""

import os
import platform
import re
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

TICKS = os.sysconf("SC_CLK_TCK")
CORES = os.cpu_count() or 1


def tree_of(pid: int) -> list[int]:
    """A process and all that it started, as they are now."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            rest = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        children.setdefault(int(rest[1]), []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def memory_mb(pid: int) -> tuple[float, float]:
    """(resident, proportional) memory in MB: the second shares out pages that several processes have in common."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    rss, pss = (re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE) for name in ("Rss", "Pss"))
    return (int(rss[1]) / 1024 if rss else 0.0, int(pss[1]) / 1024 if pss else 0.0)


def cpu_seconds(pids: list[int]) -> float:
    """Processor time of these processes and of the children they waited for."""
    ticks = 0
    for pid in pids:
        try:
            rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, rest[11:15]))
    return ticks / TICKS


@dataclass
class Watch:
    """`with Watch() as watch:` and then `watch.others` and `watch.steal`, as shares of all cores' time."""

    others: float = 0.0
    steal: float = 0.0
    load: float = 0.0

    def __enter__(self) -> Self:
        self._before = self._now()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        total, busy, steal, own = (now - then for now, then in zip(self._now(), self._before, strict=True))
        self.others = max(0.0, busy - own) / total if total else 0.0
        self.steal = steal / total if total else 0.0
        self.load = os.getloadavg()[0]

    @staticmethod
    def _now() -> tuple[float, float, float, float]:
        """(all time, time in processes, stolen time, time in our processes) in seconds. Our own share is read last."""
        fields = [int(one) for one in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        user, nice, system, _idle, _wait, _irq, _soft, steal = fields
        own = cpu_seconds(tree_of(os.getpid()))  # interrupts belong to nobody, so they are not in `busy` either
        return sum(fields) / TICKS, (user + nice + system) / TICKS, steal / TICKS, own


def flush_ms(folder: Path) -> float:
    """How long the disk below this folder takes to make 4 KB durable: the least that an accepted comment can take."""
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(100):
            file.write(bytes(4096))
            file.flush()
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def described() -> str:
    """Cores, processor, system and Python, in one line."""
    cpu = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    name = cpu[1].strip() if cpu else platform.machine()
    return f"{CORES} cores ({name}), Linux {platform.release().split('-')[0]}, CPython {platform.python_version()}"


def revision() -> str:
    """The commit that was measured, with + when files differ from it."""
    root = Path(__file__).parents[1]
    asked = ["git", "-C", str(root), "describe", "--always", "--dirty=+", "--exclude=*"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"
