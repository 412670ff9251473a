"""Looking at the sockets of the process leaves everything else of it alone: SQLite's locks above all."""

import fcntl
import subprocess
import sys
from pathlib import Path

from blog.lib.connections import cut_late

TRY = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+b'), fcntl.LOCK_EX | fcntl.LOCK_NB)"


def is_locked(path: Path) -> bool:
    """Whether another process is kept from the file."""
    return subprocess.run([sys.executable, "-c", TRY, str(path)], capture_output=True, check=False).returncode != 0


def test_a_lock_of_this_process_on_a_file_outlives_the_look(tmp_path: Path) -> None:
    path = tmp_path / "database"
    path.write_bytes(b"page")
    with path.open("r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)  # what SQLite holds: closing any other handle of the file would drop it
        assert is_locked(path)
        cut_late()
        assert is_locked(path)
    assert not is_locked(path)
