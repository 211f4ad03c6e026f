"""Studies: configuration, matrix, paths, records and content keys."""
