"""Classification of a text or a pair of texts."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from polystilts.errors import PolystiltsError
from polystilts.training.inputs import Encoded, encode_pairs
from polystilts.training.pooling import pool


def encode(
    table: pa.Table, tokenizer: Tokenizer, settings: Mapping[str, object], labels: Sequence[str]
) -> Encoded:
    """Encode rows of `id, text_a, text_b, label`; labels become indices into `labels`."""
    index = {label: position for position, label in enumerate(labels)}
    names = table["label"].to_pylist()
    unknown = sorted(set(names) - set(index))
    if unknown:
        raise PolystiltsError(f"labels {unknown} are not among {list(labels)}")
    texts_b = table["text_b"].to_pylist()
    pairs = list(zip(table["text_a"].to_pylist(), texts_b, strict=True))
    inputs, truncated = encode_pairs(tokenizer, pairs, int(str(settings["max_length"])))
    return Encoded(
        ids=table["id"].to_pylist(),
        inputs=inputs,
        units=[range(i, i + 1) for i in range(len(inputs))],
        labels=[index[name] for name in names],
        truncated=truncated,
    )


def targets(encoded: Encoded, examples: Sequence[int]) -> dict[str, Tensor]:
    """Return `label`, int64 of shape (examples,)."""
    return {"label": torch.tensor([encoded.labels[i] for i in examples])}


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
