"""Finding write-ups and comments: engine, query language, pages."""
