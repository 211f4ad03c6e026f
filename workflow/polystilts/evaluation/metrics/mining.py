"""Scores of mined sentence pairs, and the threshold that decides which candidates count.

The rules are those of the BUCC shared task as XTREME's and LASER's scripts apply them: precision
and recall over sets of (source id, target id), and a threshold tuned for F1 on the dev candidates.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

Pair = tuple[str, str]


class PairScores(NamedTuple):
    """Precision, recall and F1 in [0, 1]."""

    precision: float
    recall: float
    f1: float


def pair_scores(predicted: Collection[Pair], gold: Collection[Pair]) -> PairScores:
    """Compare two collections of pairs as sets; a ratio of 0/0 counts as 0."""
    proposed, wanted = set(predicted), set(gold)
    correct = len(proposed & wanted)
    return PairScores(
        correct / len(proposed) if proposed else 0.0,
        correct / len(wanted) if wanted else 0.0,
        2 * correct / (len(proposed) + len(wanted)) if correct else 0.0,
    )


def above(candidates: Mapping[Pair, float], threshold: float) -> set[Pair]:
    """Return the candidates whose score reaches the threshold."""
    return {pair for pair, score in candidates.items() if score >= threshold}


def best_threshold(candidates: Mapping[Pair, float], gold: Collection[Pair]) -> float:
    """Return the threshold with the best F1 on these candidates; the highest of equal ones.

    It lies midway between the last score kept and the next one; below the last candidate there is
    no next, and its own score is the threshold. Candidates of equal score are kept or dropped
    together, so that the order of the candidates does not matter. Where no candidate is right the
    threshold is 0, which keeps them all.
    """
    wanted = set(gold)
    ranked = sorted(candidates.items(), key=lambda item: -item[1])
    threshold = best = 0.0
    correct = 0
    for kept, (pair, score) in enumerate(ranked, start=1):
        correct += pair in wanted
        following = ranked[kept][1] if kept < len(ranked) else score
        if kept < len(ranked) and following == score:
            continue
        f1 = 2 * correct / (kept + len(wanted))
        if f1 > best:
            best = f1
            threshold = (score + following) / 2
    return threshold
