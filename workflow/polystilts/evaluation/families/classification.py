"""The most probable label of a text or pair."""

from collections.abc import Sequence

import pyarrow as pa
from torch import Tensor

from polystilts.training.families import classification as family
from polystilts.training.inputs import Encoded

encode = family.encode
Head = family.Head


def decode(
    encoded: Encoded, table: pa.Table, logits: Sequence[Tensor], labels: Sequence[str]
) -> dict[str, list[object]]:
    """Return gold and predicted label names and the prediction's probability."""
    probabilities = [row.softmax(-1) for row in logits]
    best = [int(row.argmax()) for row in probabilities]
    return {
        "gold": table["label"].to_pylist(),
        "prediction": [labels[i] for i in best],
        "score": [float(row[i]) for row, i in zip(probabilities, best, strict=True)],
    }
