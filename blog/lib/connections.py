"""Connections that keep the server waiting: a thread that cuts those to which nothing was sent for too long.

The server reads headers with a limit of its own, but a body and an unread answer wait for ever, and each held body
holds a thread (decision 0011). Every honest connection is sent something within the limit: it is idle for seconds at
most, its body may take a minute, and then it is answered.
"""

import logging
import os
import socket
import stat
import struct
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)

LATE_SECONDS = 65.0  # a minute for the body, after five seconds in which a kept connection may be idle
LOOK_SECONDS = 5.0
_LAST_SENT = 44  # where Linux's struct tcp_info keeps tcpi_last_data_sent, a u32 of milliseconds
_INET = (socket.AF_INET, socket.AF_INET6)


def cut_late(*, seconds: float = LATE_SECONDS) -> int:
    """Cut the connections accepted by this process that were sent nothing for `seconds`. Returns how many."""
    ports, accepted = set(), []
    for connection in _sockets():
        if connection.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            ports.add(connection.getsockname()[1])
            connection.close()
        else:
            accepted.append(connection)
    late = 0
    for connection in accepted:
        try:
            if connection.getsockname()[1] in ports and _silent_seconds(connection) > seconds:
                connection.shutdown(socket.SHUT_RDWR)
                late += 1
        except OSError:
            pass  # it ended by itself
        finally:
            connection.close()
    return late


def _sockets() -> Iterator[socket.socket]:
    """Every TCP socket of this process, each as a handle of its own: the number may be reused while we look.

    No handle of a file is ever closed here. That would drop all locks that SQLite holds on it in this process, and two
    processes that both believe they are alone destroy the database.
    """
    for entry in list(Path("/proc/self/fd").iterdir()):
        try:
            if not stat.S_ISSOCK(entry.stat().st_mode):
                continue
            handle = os.dup(int(entry.name))
        except OSError:
            continue
        try:
            connection = socket.socket(fileno=handle)
        except OSError:  # the number became that of a file meanwhile: rather keep a handle too many than close it
            continue
        if connection.family in _INET and connection.type == socket.SOCK_STREAM:
            yield connection
        else:
            connection.close()


def _silent_seconds(connection: socket.socket) -> float:
    """How long ago the last byte was sent, or the connection made."""
    facts = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_SENT + 4)
    milliseconds: int = struct.unpack_from("=I", facts, _LAST_SENT)[0]
    return milliseconds / 1000


class Watch:
    """Looks every few seconds, in one thread a process, also after the server forked it. Linux only: elsewhere the
    proxy in front has to do it.
    """

    def __init__(self) -> None:
        self._pid = 0
        self._lock = threading.Lock()

    def ensure_running(self) -> None:
        """Start the thread unless this process has it; cheap enough to ask at every request."""
        if self._pid == os.getpid() or sys.platform != "linux":
            return
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                threading.Thread(target=self._run, name="hindsight-connections", daemon=True).start()

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(LOOK_SECONDS):
            try:
                late = cut_late()
            except Exception:
                log.exception("slow connections could not be looked for")
            else:
                if late:
                    log.info("connections cut because nothing happened on them", extra={"count": late})


watch = Watch()  # one a process, whatever number of applications it holds
