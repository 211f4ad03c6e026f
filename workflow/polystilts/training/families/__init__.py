"""One module per task family: how rows become inputs, the head on top, and its loss.

Each module has `encode`, `targets`, `weight`, `loss` and a `Head`. They are loaded by name, so
that a change to one family leaves the checkpoints of the others untouched.
"""
