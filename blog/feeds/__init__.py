"""One neutral list of entries, written as Atom and JSON Feed."""
