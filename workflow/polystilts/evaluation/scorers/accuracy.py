"""Accuracy of classification."""

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from polystilts.evaluation.metrics.accuracy import accuracy
from polystilts.evaluation.prediction_rows import gold_column, text_column
from polystilts.evaluation.score_rows import CORRECTED, XTREME, Measurement

_RULE = "accuracy|exact-match"


def measure(_language: str, splits: Mapping[str, pa.Table]) -> Iterator[Measurement]:
    """Yield score and accuracy; XTREME's rule has no known defect here."""
    for split, rows in splits.items():
        yield from label_measurements(split, gold_column(rows), text_column(rows, "prediction"))


def label_measurements(
    split: str, gold: Sequence[str], predicted: Sequence[str], rule: str = _RULE
) -> Iterator[Measurement]:
    """Yield score and accuracy of predicted labels."""
    value = 100 * accuracy(gold, predicted)
    for semantics in (XTREME, CORRECTED):
        for metric in ("score", "accuracy"):
            yield Measurement(split, metric, semantics, value, len(gold), rule)
