"""Checks that the switching does not tell what the model is to learn.

Each check is counted over parts of a corpus (`add`), summed (`merge`) and read (`sheet`). A sheet's
`passed` is None where there was nothing to measure. A check passes if the association is too weak
to matter, or no stronger than chance makes it: both thresholds stand in the sheet. Chance is
reckoned as though examples, or words, were independent.
"""
