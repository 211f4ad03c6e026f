"""The most probable tag of every word."""

from collections.abc import Sequence

import pyarrow as pa
from torch import Tensor

from polystilts.training.families import tagging as family
from polystilts.training.inputs import Encoded

encode = family.encode
Head = family.Head


def decode(
    encoded: Encoded, table: pa.Table, logits: Sequence[Tensor], labels: Sequence[str]
) -> dict[str, list[object]]:
    """Return gold and predicted tags joined by spaces, and the mean probability of the latter.

    A sentence that was split over several inputs is joined again: one tag per word, always.
    """
    predictions: list[object] = []
    scores: list[object] = []
    starts = encoded.rows("starts").tolist()
    for unit in map(encoded.unit, range(encoded.examples)):
        tags: list[str] = []
        chances: list[float] = []
        for i in unit:
            chosen, best = logits[i].softmax(-1)[starts[i]].max(-1)
            tags += [labels[tag] for tag in best.tolist()]
            chances += chosen.tolist()
        predictions.append(" ".join(tags))
        scores.append(sum(chances) / len(chances))
    gold: list[object] = [" ".join(tags) for tags in table["tags"].to_pylist()]
    return {"gold": gold, "prediction": predictions, "score": scores}
