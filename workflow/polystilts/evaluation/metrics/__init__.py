"""Metrics as pure functions over plain sequences; each published rule has a module of its own."""
