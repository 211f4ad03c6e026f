"""SQuAD v1.1's exact match and F1 (XQuAD, TyDiQA-GoldP): one normalisation for every language."""

from collections.abc import Iterator, Mapping

import pyarrow as pa

from polystilts.evaluation.metrics.squad_text import normalise
from polystilts.evaluation.score_rows import Measurement
from polystilts.evaluation.span_measurements import span_measurements


def measure(_language: str, splits: Mapping[str, pa.Table]) -> Iterator[Measurement]:
    """Yield exact_match, f1 and score for both semantics."""
    return span_measurements(splits, normalise, "squad-1.1")
