"""The rows of score files and of the matrix."""

from dataclasses import dataclass

import pyarrow as pa

XTREME = "xtreme"
CORRECTED = "corrected"

SCORE_SCHEMA = pa.schema(
    [
        ("encoder", pa.string()),
        ("arm", pa.string()),
        ("intermediate", pa.string()),
        ("target", pa.string()),
        ("language", pa.string()),
        ("seed", pa.int64()),
        ("split", pa.string()),
        ("selection", pa.string()),
        ("metric", pa.string()),
        ("semantics", pa.string()),
        ("value", pa.float64()),
        ("n", pa.int64()),
        ("signature", pa.string()),
        ("key", pa.string()),
    ]
)
CELL_COLUMNS = ("encoder", "arm", "intermediate", "target", "seed")
ROW_COLUMNS = (*CELL_COLUMNS, "language", "split", "selection", "metric", "semantics")


@dataclass(frozen=True)
class Measurement:
    """One number of one language.

    Attributes:
        split: dev or test.
        metric: score, accuracy, f1, exact_match, precision or recall.
        semantics: `xtreme` as XTREME's scripts compute it; `corrected` where a known defect of
            those is mended, and equal to `xtreme` where none is known.
        value: percent.
        n: what the value is a mean over: examples, tokens, or gold pairs.
        rule: how it was computed, as it stands in the signature, e.g. `chunk-f1|seqeval-0.0.12`.
    """

    split: str
    metric: str
    semantics: str
    value: float
    n: int
    rule: str
