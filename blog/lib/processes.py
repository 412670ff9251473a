"""Processes: names by which others can tell that one has ended without a word, what a child gets to know, and memory
given back.
"""

import ctypes
import os
import socket
import threading
from pathlib import Path

MAX_HOST = 28  # characters; a name has 64 at the most
_PASSED_ON = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "LANG", "TMPDIR")


def own_name() -> str:
    """Host, process, when it started, thread: a restarted container has the same host and number, but another start."""
    pid = os.getpid()
    return f"{_host()}:{pid}:{_started(pid)}:{threading.get_ident() % 10_000}"


def is_gone(name: str) -> bool:
    """Whether the process of this name ran on this machine and has ended. False for what cannot be known from here."""
    host, _, rest = name.partition(":")
    pid, _, started = rest.partition(":")
    started = started.partition(":")[0]
    if host != _host() or not (pid.isdigit() and started.isdigit()):
        return False
    return _started(int(pid)) != started


def bare_environment() -> dict[str, str]:
    """For a process that reads what may be hostile: no secrets, only what Python needs to find itself and packages."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


def _host() -> str:
    return socket.gethostname().replace(":", "-")[:MAX_HOST]


def _started(pid: int) -> str:
    """When a process started, in ticks since the machine did; empty where there is none, or no way to know."""
    try:
        facts = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    state, *fields = facts.rpartition(")")[2].split()
    return "" if state in "ZX" else fields[18]


def give_back_memory() -> bool:
    """Hand memory that is free but kept by the allocator to the system; False where the C library knows no such call.

    Many threads that make pages at once leave some 15 MB behind in small holes.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim is not None and bool(trim(0) in (0, 1))
