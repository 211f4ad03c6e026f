"""Multiple choice: one input per choice, a softmax over the choices of an example."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from polystilts.training.inputs import Encoded, special_ids
from polystilts.training.pooling import pool
from polystilts.training.ragged import Integers, Ragged

OVER_INPUTS = False


def encode(
    table: pa.Table, tokenizer: Tokenizer, settings: Mapping[str, object], labels: Sequence[str]
) -> Encoded:
    """Encode rows of `id, context, question, choices, label`.

    The first segment is the context, followed by the question where there is one. What is too
    long loses the start of its first segment, so that the question and the choice stay whole.
    """
    inputs: list[list[int]] = []
    first_input = [0]
    truncated = 0
    before, between, after = special_ids(tokenizer)
    room = int(str(settings["max_length"])) - len(before) - len(between) - len(after)
    contexts = [
        f"{context} {question}".strip() if question else context
        for context, question in zip(
            table["context"].to_pylist(), table["question"].to_pylist(), strict=True
        )
    ]
    choices = table["choices"].to_pylist()
    first = [e.ids for e in tokenizer.encode_batch(contexts, add_special_tokens=False)]
    flat = [choice for example in choices for choice in example]
    second = [e.ids for e in tokenizer.encode_batch(flat, add_special_tokens=False)]
    position = 0
    for context, example in zip(first, choices, strict=True):
        for tokens in second[position : position + len(example)]:
            kept = tokens[:room]
            left = max(0, room - len(kept))
            truncated += len(context) > left or len(tokens) > room
            inputs.append(before + context[max(0, len(context) - left) :] + between + kept + after)
        position += len(example)
        first_input.append(position)
    label = np.array(table["label"].to_pylist(), np.int32)
    return Encoded(Ragged.of(inputs), np.array(first_input, np.int64), {"label": label}, truncated)


def targets(encoded: Encoded, examples: Integers) -> dict[str, Tensor]:
    """Return `label` and `choices` (how many each example has), int64 of shape (examples,)."""
    choices = encoded.first_input[examples + 1] - encoded.first_input[examples]
    return {
        "label": torch.from_numpy(encoded.numbers("label")[examples].astype(np.int64)),
        "choices": torch.from_numpy(choices),
    }


def guesses(encoded: Encoded) -> Integers:
    """Return what the same guess every time could get right: each example's right place."""
    return encoded.numbers("label")


def weight(batch: Mapping[str, Tensor]) -> int:
    """Return what a batch's summed loss is divided by: its examples."""
    return len(batch["label"])


def loss(logits: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
    """Return the summed cross-entropy over each example's choices."""
    return functional.cross_entropy(
        by_example(logits, batch["choices"]), batch["label"], reduction="sum"
    )


def by_example(logits: Tensor, choices: Tensor) -> Tensor:
    """(inputs, 1) → (examples, most choices); an absent choice scores minus infinity."""
    rows = list(torch.split(logits.squeeze(-1), choices.tolist()))
    return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=float("-inf"))


def correct(logits: Tensor, batch: Mapping[str, Tensor]) -> tuple[int, int]:
    """Return how many choices are right, and of how many."""
    chosen = by_example(logits, batch["choices"]).argmax(-1)
    return int((chosen == batch["label"]).sum()), len(batch["label"])


class Head(nn.Module):
    """The classification head with a single output per choice."""

    def __init__(self, hidden_size: int, labels: int, settings: Mapping[str, object]) -> None:
        super().__init__()
        self.pooling = str(settings["pool"])
        self.dropout = nn.Dropout(float(str(settings["dropout"])))
        self.dense = nn.Linear(hidden_size, hidden_size)
        self.out = nn.Linear(hidden_size, 1)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """(inputs, length, hidden) and (inputs, length) → logits (inputs, 1)."""
        vector = self.dropout(pool(hidden, mask, self.pooling))
        logits: Tensor = self.out(self.dropout(torch.tanh(self.dense(vector))))
        return logits
