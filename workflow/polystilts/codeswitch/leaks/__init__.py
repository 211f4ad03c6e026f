"""Checks that the switching does not tell what the model is to learn.

Each check is counted over parts of one copy of a corpus (`add`), summed (`merge`) and read, with
the other copies, in one sheet (`sheet`). A sheet's `passed` is None where there was nothing to
measure. A check passes if the association is too weak to matter, or no stronger than chance makes
it: both thresholds stand in the sheet. Chance is reckoned as though examples, or words, were
independent.

Copies of an example are not: it has the same label in all of them, and much the same words to
switch. So every copy is measured on its own, and the sheet has the means over the copies (χ² and
its degrees of freedom, AUC, correlation, information) with the errors of one: `copies` says of how
many, `examples` (or `items`, `pairs`, `texts`, `tokens`) how many each of them has. If all copies
are the same, these are the results of one. Plain counts of words are sums over the copies.
"""
