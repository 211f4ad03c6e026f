"""MLQA's exact match and F1, normalised by the rules of each language."""

from collections.abc import Iterator, Mapping
from functools import partial

import pyarrow as pa

from polystilts.evaluation.metrics.mlqa_text import normalise
from polystilts.evaluation.score_rows import Measurement
from polystilts.evaluation.span_measurements import span_measurements


def measure(language: str, splits: Mapping[str, pa.Table]) -> Iterator[Measurement]:
    """Yield exact_match, f1 and score for both semantics."""
    return span_measurements(splits, partial(normalise, language=language), "mlqa-1")
