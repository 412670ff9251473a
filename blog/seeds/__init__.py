"""The demo world, written by us."""
