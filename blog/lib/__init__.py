"""Code that knows no feature: one noun a file."""
