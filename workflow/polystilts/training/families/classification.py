"""Classification of a text or a pair of texts."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from polystilts.errors import PolystiltsError
from polystilts.training.inputs import Encoded, encode_pairs, one_input_each
from polystilts.training.pooling import pool
from polystilts.training.ragged import Integers

OVER_INPUTS = True


def encode(
    table: pa.Table, tokenizer: Tokenizer, settings: Mapping[str, object], labels: Sequence[str]
) -> Encoded:
    """Encode rows of `id, text_a, text_b, label`; `label` holds indices into `labels`."""
    index = {label: position for position, label in enumerate(labels)}
    names = table["label"].to_pylist()
    unknown = sorted(set(names) - set(index))
    if unknown:
        raise PolystiltsError(f"labels {unknown} are not among {list(labels)}")
    texts_b = table["text_b"].to_pylist()
    pairs = list(zip(table["text_a"].to_pylist(), texts_b, strict=True))
    inputs, truncated = encode_pairs(tokenizer, pairs, int(str(settings["max_length"])))
    label = np.array([index[name] for name in names], np.int32)
    return Encoded(inputs, one_input_each(inputs), {"label": label}, truncated)


def targets(encoded: Encoded, inputs: Integers) -> dict[str, Tensor]:
    """Return `label`, int64 of shape (inputs,)."""
    return {"label": torch.from_numpy(encoded.numbers("label")[inputs].astype(np.int64))}


def guesses(encoded: Encoded) -> Integers:
    """Return what the same guess every time could get right: the label of every example."""
    return encoded.numbers("label")


def weight(batch: Mapping[str, Tensor]) -> int:
    """Return what a batch's summed loss is divided by: its examples."""
    return len(batch["label"])


def loss(logits: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
    """Return the summed cross-entropy."""
    return functional.cross_entropy(logits, batch["label"], reduction="sum")


def correct(logits: Tensor, batch: Mapping[str, Tensor]) -> tuple[int, int]:
    """Return how many labels are right, and of how many."""
    return int((logits.argmax(-1) == batch["label"]).sum()), len(batch["label"])


class Head(nn.Module):
    """Pooled vector → dropout, dense, tanh, dropout, linear: the RoBERTa classification head."""

    def __init__(self, hidden_size: int, labels: int, settings: Mapping[str, object]) -> None:
        super().__init__()
        self.pooling = str(settings["pool"])
        self.dropout = nn.Dropout(float(str(settings["dropout"])))
        self.dense = nn.Linear(hidden_size, hidden_size)
        self.out = nn.Linear(hidden_size, labels)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """(inputs, length, hidden) and (inputs, length) → logits (inputs, labels)."""
        vector = self.dropout(pool(hidden, mask, self.pooling))
        logits: Tensor = self.out(self.dropout(torch.tanh(self.dense(vector))))
        return logits
