"""Giving memory back to the system."""

import sys

from blog.lib.processes import give_back_memory


def test_free_memory_goes_back_where_the_c_library_can_do_it() -> None:
    assert give_back_memory() or not sys.platform.startswith("linux")
