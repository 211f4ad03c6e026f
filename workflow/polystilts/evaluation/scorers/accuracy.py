"""Accuracy of classification and multiple choice (XNLI, PAWS-X)."""

from collections.abc import Iterator, Mapping

import pyarrow as pa

from polystilts.evaluation.metrics.accuracy import accuracy
from polystilts.evaluation.prediction_rows import gold_column, text_column
from polystilts.evaluation.score_rows import CORRECTED, XTREME, Measurement

_RULE = "accuracy|exact-match"


def measure(_language: str, splits: Mapping[str, pa.Table]) -> Iterator[Measurement]:
    """Yield score and accuracy; XTREME's rule has no known defect here."""
    for split, rows in splits.items():
        gold = gold_column(rows)
        value = 100 * accuracy(gold, text_column(rows, "prediction"))
        for semantics in (XTREME, CORRECTED):
            for metric in ("score", "accuracy"):
                yield Measurement(split, metric, semantics, value, len(gold), _RULE)
