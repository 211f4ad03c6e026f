"""One module per task family: how rows become inputs, the head on top, and its loss.

Each module has `encode`, `targets`, `weight`, `loss` and a `Head`, and `OVER_INPUTS`: whether the
loss is a sum over inputs, whose inputs may then be computed in any grouping; `targets` takes inputs
there, and else examples. They are loaded by name, so
that a change to one family leaves the checkpoints of the others untouched.
"""
