"""The server of `make run`: `python serve.py`, then what `granian` takes, with the program last.

It reads the program before its processes are forked: that is done once, and they share the memory of it.
"""

import gc
import importlib
import sys

from granian.cli import entrypoint

if __name__ == "__main__":
    module, _, factory = sys.argv[-1].partition(":")
    if factory:
        importlib.import_module(module)
        gc.freeze()  # nobody looks through it again, which would give each process a copy
    entrypoint()  # type: ignore[no-untyped-call]
