"""Tasks: a declarative registry, readers of the published formats, canonical rows."""
