"""Content keys, manifests, atomic writes and locks."""
