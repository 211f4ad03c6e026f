"""Exact match and token F1 of answers, for any normalisation.

The rule is SQuAD's (Rajpurkar et al. 2016): tokens are the normalised text split at white space,
and each of the two numbers is the best one over the gold answers. A question without gold answers
follows SQuAD 2.0 (Rajpurkar et al. 2018): 1 for an empty prediction, else 0.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

Normalise = Callable[[str], str]


class SpanScores(NamedTuple):
    """Exact match and F1 in [0, 1]."""

    exact_match: float
    f1: float


_NOTHING = SpanScores(0.0, 0.0)


def answer_scores(prediction: str, answers: Sequence[str], normalise: Normalise) -> SpanScores:
    """Score one prediction against all gold answers of its question."""
    given = normalise(prediction)
    if not answers:
        return SpanScores(float(not given), float(not given))
    normalised = [normalise(answer) for answer in answers]
    tokens = Counter(given.split())
    return SpanScores(
        float(given in normalised),
        max(_token_f1(tokens, Counter(answer.split())) for answer in normalised),
    )


def _token_f1(given: Counter[str], answer: Counter[str]) -> float:
    common = (given & answer).total()
    return 2 * common / (given.total() + answer.total()) if common else 0.0


def mean_scores(
    predictions: Sequence[str | None], answers: Sequence[Sequence[str]], normalise: Normalise
) -> SpanScores:
    """Return the means over questions; one without a prediction (None) scores nothing.

    Raises:
        ValueError: the lengths differ, or there is nothing to score.
    """
    if not predictions:
        raise ValueError("no questions to score")
    scores = [
        _NOTHING if prediction is None else answer_scores(prediction, golds, normalise)
        for prediction, golds in zip(predictions, answers, strict=True)
    ]
    return SpanScores(
        sum(score.exact_match for score in scores) / len(scores),
        sum(score.f1 for score in scores) / len(scores),
    )
