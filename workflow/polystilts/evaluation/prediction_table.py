"""The columns that prediction rows of every family share."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from polystilts.errors import PolystiltsError
from polystilts.evaluation.selections import LAST
from polystilts.evaluation.splits import EvaluationSplit


def prediction_table(
    ids: Any,
    groups: Any,
    split: EvaluationSplit,
    columns: Mapping[str, Sequence[object]],
    selection: str = LAST,
) -> pa.Table:
    """Return prediction rows: the common columns and the family's own.

    `selection` names how the model that made them was chosen.
    """
    size = len(ids)
    text = pa.string()
    if not size:
        raise PolystiltsError(f"{split.path}: no examples to predict")
    common = {
        "id": pa.array(ids if isinstance(ids, list) else ids.to_pylist(), text),
        "group": pa.array(groups if isinstance(groups, list) else groups.to_pylist(), text),
        "language": pa.array([split.language] * size, text),
        "split": pa.array([split.split] * size, text),
        "selection": pa.array([selection] * size, text),
    }
    types = {"score": pa.float64(), "start": pa.int32(), "end": pa.int32()}
    own = {name: pa.array(values, types.get(name, text)) for name, values in columns.items()}
    return pa.table({**common, **own})
