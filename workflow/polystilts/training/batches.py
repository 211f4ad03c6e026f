"""What is computed at once: inputs of like length, as many as fit, with little padding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from polystilts.training.ragged import Integers

# The least share of real tokens in what is computed for a step.
REAL_SHARE = 0.95


@dataclass(frozen=True)
class Batch:
    """One micro-batch: a loss is computed on it at once.

    `parts` are its inputs as (`input_ids`, `attention_mask`), each (inputs, length), inputs of
    unequal length in different parts; `order` finds the inputs in the joined parts again, None
    where they stand in their order. `weight` is the number of losses it sums over.
    """

    parts: tuple[tuple[Tensor, Tensor], ...]
    order: Tensor | None
    targets: Mapping[str, Tensor]
    weight: int
    real_tokens: int

    @property
    def processed_tokens(self) -> int:
        """Tokens and padding."""
        return sum(ids.numel() for ids, _ in self.parts)

    def to(self, device: torch.device) -> "Batch":
        """Return the batch with its tensors on a device."""
        return replace(
            self,
            parts=tuple((ids.to(device), mask.to(device)) for ids, mask in self.parts),
            order=None if self.order is None else self.order.to(device),
            targets={name: tensor.to(device) for name, tensor in self.targets.items()},
        )


def single_part(ids: Tensor, mask: Tensor, targets: Mapping[str, Tensor], weight: int) -> Batch:
    """Return a batch of inputs that are computed together."""
    return Batch(((ids, mask),), None, targets, weight, int(mask.sum()))


def length_groups(
    lengths: Integers, limit: int | None = None, real_share: float = REAL_SHARE
) -> list[Integers]:
    """Cut inputs into groups of like length.

    Few groups that reach the share of real tokens when each is padded to its longest input, each
    of at most `limit` padded tokens (or of one input that is longer by itself). A group's inputs
    keep their order.

    Args:
        lengths: tokens of every input.

    Returns:
        Positions in `lengths`, longest inputs first.
    """
    order = np.argsort(-lengths, kind="stable")
    falling = lengths[order]
    cuts = _cuts(falling, real_share)
    groups: list[Integers] = []
    for start, end in zip([0, *cuts], [*cuts, len(falling)], strict=True):
        longest = int(falling[start])
        rows = end - start if limit is None else max(1, limit // longest)
        groups += [np.sort(order[i : min(end, i + rows)]) for i in range(start, end, rows)]
    return groups


def _cuts(falling: Integers, real_share: float) -> list[int]:
    """Return where to cut falling lengths so that padding to each group's first is little.

    Cut by cut, always the one that saves most padding.
    """
    real = int(falling.sum())
    bounds = [0, len(falling)]
    processed = int(falling[0]) * len(falling)
    while real < real_share * processed:
        best_saving, best_cut = 0, 0
        for start, end in pairwise(bounds):
            saved = (falling[start] - falling[start:end]) * np.arange(end - start, 0, -1)
            place = int(saved.argmax())
            if saved[place] > best_saving:
                best_saving, best_cut = int(saved[place]), start + place
        if not best_saving:
            break
        processed -= best_saving
        bounds = sorted([*bounds, best_cut])
    return bounds[1:-1]


def split_examples(
    lengths: Sequence[int], inputs: Sequence[int], limit: int | None
) -> list[list[int]]:
    """Cut examples whose inputs belong together into parts of at most `limit` padded tokens.

    Parts keep the order and hold at least one example.

    Args:
        lengths: tokens of each example's longest input.
        inputs: how many inputs each example has.

    Returns:
        Positions of examples.
    """
    if limit is None:
        return [list(range(len(lengths)))]
    parts: list[list[int]] = []
    part: list[int] = []
    longest = count = 0
    for position, (length, number) in enumerate(zip(lengths, inputs, strict=True)):
        if part and max(longest, length) * (count + number) > limit:
            parts.append(part)
            part, longest, count = [], 0, 0
        part.append(position)
        longest, count = max(longest, length), count + number
    return [*parts, part]
