"""Import and export: one reader per format, one writer."""
