"""Names of the ways to choose the model that a cell is predicted with."""

# the model after the last step
LAST = "last"
# The best of all candidates by the dev set of each target language: an upper bound of what a choice
# could bring. It has seen target languages' labels, so it is no zero-shot result.
ORACLE = "oracle"
