"""The upper bound of choosing a checkpoint: per language the best by its own dev set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from polystilts.evaluation.oracle import tables
from polystilts.evaluation.prediction_table import prediction_table
from polystilts.evaluation.splits import EvaluationSplit

CANDIDATES = [
    {"step": 10, "weights": "step-10"},
    {"step": 20, "weights": "step-20"},
    {"step": 30, "weights": ""},
]
EXAMPLES = 10


@dataclass
class Hits:
    """Stands for a `Predictor`: how many of ten rows a set of weights gets right, by split.

    Every prediction's score says which weights made it.
    """

    right: Mapping[tuple[str, str], Mapping[str, int]]
    record: Mapping[str, Any] = field(
        default_factory=lambda: {"target": "xnli", "metric": "accuracy"}
    )

    def table(self, split: EvaluationSplit, weights: str, selection: str) -> pa.Table:
        hits = self.right[split.split, split.language].get(weights, 0)
        columns: dict[str, Sequence[object]] = {
            "gold": ["a"] * EXAMPLES,
            "prediction": ["a"] * hits + ["b"] * (EXAMPLES - hits),
            "score": [float(weights.removeprefix("step-") or 30)] * EXAMPLES,
        }
        names = [f"{split.language}-{i}" for i in range(EXAMPLES)]
        return prediction_table(names, names, split, columns, selection)


def chosen(right: Mapping[tuple[str, str], Mapping[str, int]]) -> dict[tuple[str, str], int]:
    """Return by split and language the step whose predictions were taken."""
    splits = [EvaluationSplit(*place, Path("rows")) for place in right]
    predictor: Any = Hits(right)
    found = pa.concat_tables(tables(predictor, splits, CANDIDATES))
    assert set(found["selection"].to_pylist()) == {"oracle"}
    steps: dict[tuple[str, str], set[float]] = {}
    for row in found.to_pylist():
        steps.setdefault((row["split"], row["language"]), set()).add(row["score"])
    assert all(len(one) == 1 for one in steps.values())
    assert len(found) == EXAMPLES * len(steps)
    return {place: int(step) for place, (step,) in steps.items()}


def test_every_language_has_the_candidate_that_its_own_dev_set_likes_best() -> None:
    right = {
        ("dev", "en"): {"step-10": 3, "step-20": 9, "": 5},
        ("dev", "ru"): {"step-10": 8, "step-20": 7, "": 6},
        ("dev", "de"): {"step-10": 1, "step-20": 2, "": 4},
        ("test", "en"): {},
        ("test", "ru"): {},
        ("test", "de"): {},
    }
    assert chosen(right) == {
        ("dev", "en"): 20,
        ("dev", "ru"): 10,
        ("dev", "de"): 30,
        ("test", "en"): 20,
        ("test", "ru"): 10,
        ("test", "de"): 30,
    }


@pytest.mark.parametrize(
    ("hits", "step"), [((7, 7, 7), 30), ((7, 7, 2), 20), ((7, 3, 7), 30), ((0, 0, 0), 30)]
)
def test_of_equals_the_later_one_is_taken(hits: tuple[int, int, int], step: int) -> None:
    scores = dict(zip(("step-10", "step-20", ""), hits, strict=True))
    assert chosen({("dev", "en"): scores, ("test", "en"): {}})["test", "en"] == step


def test_a_language_without_a_dev_set_has_no_rows() -> None:
    found = chosen(
        {
            ("dev", "en"): {"step-10": 5},
            ("test", "en"): {},
            ("test", "sw"): {"step-10": 10, "step-20": 10, "": 10},
        }
    )
    assert found == {("dev", "en"): 10, ("test", "en"): 10}


def test_the_labels_of_test_play_no_role() -> None:
    dev = {"step-10": 2, "step-20": 6, "": 4}
    for test in ({"step-10": 10}, {"": 10}, {"step-20": 10}, {}):
        assert chosen({("dev", "ru"): dev, ("test", "ru"): test})["test", "ru"] == 20
