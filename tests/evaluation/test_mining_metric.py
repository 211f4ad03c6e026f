"""The threshold is the best one there is, and pairs are scored as sets."""

import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score

from polystilts.errors import PolystiltsError
from polystilts.evaluation.metrics.mining import above, best_threshold, pair_scores
from polystilts.evaluation.scorers import mining_f1

Pair = tuple[str, str]
SCIKIT = (precision_score, recall_score, f1_score)
CANDIDATES = st.dictionaries(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from("uvwxyz")),
    st.sampled_from([0.5, 0.9, 1.0, 1.1, 1.25, 1.5]),
    max_size=12,
)
GOLD = st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from("uvwxyz")), min_size=1)


def test_threshold_lies_midway_below_the_best_cut() -> None:
    candidates = {("a", "u"): 1.4, ("b", "v"): 1.2, ("c", "x"): 1.0, ("d", "w"): 0.8}
    gold = {("a", "u"), ("b", "v"), ("c", "w")}
    assert best_threshold(candidates, gold) == pytest.approx(1.1)


def test_threshold_when_all_candidates_are_right() -> None:
    candidates = {("a", "u"): 1.4, ("b", "v"): 1.2}
    assert best_threshold(candidates, set(candidates)) == 1.2


def test_no_right_candidate_keeps_all() -> None:
    assert best_threshold({("a", "u"): 1.4}, {("b", "v")}) == 0.0


@given(CANDIDATES, GOLD)
def test_no_other_threshold_is_better(candidates: dict[Pair, float], gold: set[Pair]) -> None:
    chosen = pair_scores(above(candidates, best_threshold(candidates, gold)), gold).f1
    every = [pair_scores(above(candidates, cut), gold).f1 for cut in candidates.values()]
    assert chosen == pytest.approx(max(every, default=0.0))


@given(CANDIDATES, GOLD, st.randoms(use_true_random=False))
def test_order_of_candidates_is_irrelevant(
    candidates: dict[Pair, float], gold: set[Pair], shuffler: random.Random
) -> None:
    shuffled = list(candidates.items())
    shuffler.shuffle(shuffled)
    assert best_threshold(dict(shuffled), gold) == best_threshold(candidates, gold)


def test_pair_scores_by_hand() -> None:
    scores = pair_scores([("a", "u"), ("b", "v"), ("c", "w")], [("a", "u"), ("b", "x")])
    assert scores == pytest.approx((1 / 3, 1 / 2, 0.4))


@given(st.sets(st.tuples(st.sampled_from("abc"), st.sampled_from("uvw"))), GOLD)
def test_pair_scores_equal_scikit_learn(mined: set[Pair], gold: set[Pair]) -> None:
    every = sorted(mined | gold)
    truth, guess = [pair in gold for pair in every], [pair in mined for pair in every]
    scores = [score(truth, guess, zero_division=0) for score in SCIKIT]
    assert pair_scores(mined, gold) == pytest.approx(scores)


def test_nothing_mined_scores_zero() -> None:
    assert pair_scores([], [("a", "u")]) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("margin", [float("nan"), float("inf")])
@pytest.mark.parametrize("place", [0, 2])
def test_margins_that_are_no_numbers_are_not_scored(margin: float, place: int) -> None:
    rows = [
        {"id": name, "gold": f"en-{name}", "prediction": f"en-{name}", "score": 2.0}
        for name in "abc"
    ]
    rows[place]["score"] = margin
    with pytest.raises(PolystiltsError, match=r"candidate '[ac]' – 'en-[ac]' has the margin"):
        list(mining_f1.measure("de", {"dev": pa.Table.from_pylist(rows)}))
