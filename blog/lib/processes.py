"""Names for processes by which others can tell, on the same machine, that one has ended without a word."""

import os
import socket
import threading
from pathlib import Path

MAX_HOST = 28  # characters; a name has 64 at the most


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
