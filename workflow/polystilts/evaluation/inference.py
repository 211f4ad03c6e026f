"""Running a trained model over encoded inputs without gradients."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from polystilts.training.inputs import pad

_TOKENS_PER_BATCH = 16384

Forward = Callable[[Tensor, Tensor], Tensor]


def run(
    forward: Forward,
    inputs: Sequence[Sequence[int]],
    pad_id: int,
    device: torch.device,
    autocast: torch.dtype | None,
) -> list[Tensor]:
    """Return `forward(input_ids, attention_mask)` per input, on the CPU in float32.

    Inputs of like length run together, at most 16,384 padded tokens at a time. Outputs with a
    token dimension are cut to the input's own length.
    """
    order = sorted(range(len(inputs)), key=lambda i: len(inputs[i]))
    results: dict[int, Tensor] = {}
    with torch.inference_mode():
        for part in _batches(order, inputs):
            ids, mask = pad([inputs[i] for i in part], pad_id)
            with torch.autocast(device.type, dtype=autocast, enabled=autocast is not None):
                output = forward(ids.to(device), mask.to(device)).float().cpu()
            for row, i in enumerate(part):
                tokens = len(inputs[i])
                own = output[row, :tokens] if output.dim() > 2 else output[row]
                results[i] = own.clone()
    return [results[i] for i in range(len(inputs))]


def _batches(order: Sequence[int], inputs: Sequence[Sequence[int]]) -> list[list[int]]:
    batches: list[list[int]] = []
    batch: list[int] = []
    for i in order:
        if batch and len(inputs[i]) * (len(batch) + 1) > _TOKENS_PER_BATCH:
            batches.append(batch)
            batch = []
        batch.append(i)
    return [*batches, batch] if batch else batches
