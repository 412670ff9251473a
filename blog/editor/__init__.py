"""The editors' desk: writing, reviewing and publishing write-ups."""
