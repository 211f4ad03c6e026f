"""Accuracy agrees with scikit-learn and never aligns sequences of different length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score

from polystilts.evaluation.metrics.accuracy import accuracy

LABELS = st.sampled_from(["entailment", "neutral", "contradiction"])


@given(st.lists(st.tuples(LABELS, LABELS), min_size=1))
def test_equals_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    gold, predicted = zip(*pairs, strict=True)
    assert accuracy(gold, predicted) == pytest.approx(accuracy_score(gold, predicted))


def test_a_missing_prediction_is_wrong() -> None:
    assert accuracy(["0", "1", "1", "0"], ["0", None, "1", None]) == 0.5


def test_shifted_files_are_refused() -> None:
    with pytest.raises(ValueError):
        accuracy(["0", "1"], ["0"])


def test_nothing_to_score_is_not_a_score() -> None:
    with pytest.raises(ValueError):
        accuracy([], [])
