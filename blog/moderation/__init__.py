"""Hiding and restoring in the open, with a reason."""
