"""Characters: case, scripts, and offsets through a rewritten text."""
