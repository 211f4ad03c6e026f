"""Exact-match accuracy."""

from collections.abc import Sequence


def accuracy(gold: Sequence[str], predicted: Sequence[str | None]) -> float:
    """Return the share of positions, in [0, 1], where the two sequences are equal.

    A prediction of None is wrong.

    Raises:
        ValueError: the lengths differ, or there is nothing to score.
    """
    if not gold:
        raise ValueError("no examples to score")
    return sum(a == b for a, b in zip(gold, predicted, strict=True)) / len(gold)
