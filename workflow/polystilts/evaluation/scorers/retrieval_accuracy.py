"""Accuracy of nearest-neighbour retrieval (Tatoeba): the share of queries that find their pair."""

from collections.abc import Iterator, Mapping

import pyarrow as pa

from polystilts.evaluation.prediction_rows import gold_column, text_column
from polystilts.evaluation.score_rows import Measurement
from polystilts.evaluation.scorers.accuracy import label_measurements

_RULE = "retrieval-accuracy|cosine-1nn-en-queries"


def measure(_language: str, splits: Mapping[str, pa.Table]) -> Iterator[Measurement]:
    """Yield score and accuracy; XTREME's rule has no known defect here."""
    for split, rows in splits.items():
        found = text_column(rows, "prediction")
        yield from label_measurements(split, gold_column(rows), found, _RULE)
