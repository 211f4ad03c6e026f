"""Real over processed tokens of a task's plan, next to two usual ways of padding."""

from dataclasses import dataclass

import numpy as np

from polystilts.training.data import TaskData
from polystilts.training.plan import plan_epochs
from polystilts.training.ragged import Integers
from polystilts.training.streams import TaskStream


@dataclass(frozen=True)
class Efficiency:
    """Inputs and real tokens of an epoch, and real over processed tokens of three ways."""

    examples: int
    inputs: int
    tokens: int
    planned: float
    random_order: float
    longest_possible: float


def efficiency(
    name: str,
    data: TaskData,
    batch_size: int,
    max_length: int,
    limit: int | None = None,
    seed: int = 1,
) -> Efficiency:
    """Count the tokens of an epoch as planned, in random order, and padded to `max_length`.

    The comparison in random order pads a batch of `batch_size` to its longest input; its unit is
    the input (`transformers`' scripts shuffle windows), but the example where its inputs must
    stand together (multiple choice). `limit` is the most padded tokens of a micro-batch.
    """
    stream = TaskStream(None, name, data.family, data.copies, data.tokens.pad)  # type: ignore[arg-type]
    real = processed = 0
    for step in plan_epochs(name, data.lengths, 1, batch_size, seed):
        for batch in stream.micro_batches(step, limit):
            real += batch.real_tokens
            processed += batch.processed_tokens
    (encoded,) = data.copies
    inputs = encoded.inputs.lengths()
    ends = encoded.first_input if data.family.__name__.endswith("multiple_choice") else None
    return Efficiency(
        examples=encoded.examples,
        inputs=len(inputs),
        tokens=encoded.tokens(),
        planned=real / processed,
        random_order=encoded.tokens() / _random_order(inputs, ends, batch_size, seed),
        longest_possible=encoded.tokens() / (len(inputs) * max_length),
    )


def _random_order(inputs: Integers, ends: Integers | None, batch_size: int, seed: int) -> int:
    """Return the processed tokens; `ends` are the borders of examples that stand together."""
    borders = np.arange(len(inputs) + 1) if ends is None else ends
    order = np.random.default_rng(seed).permutation(len(borders) - 1)
    processed = 0
    for start in range(0, len(order), batch_size):
        units = [inputs[borders[i] : borders[i + 1]] for i in order[start : start + batch_size]]
        lengths = np.concatenate(units)
        processed += int(lengths.max()) * len(lengths)
    return processed
