"""How well a task was learned: accuracy on its English dev split, with its own head."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from polystilts.training.inputs import Encoded
from polystilts.training.streams import TaskStream, make_batches

_BATCH = 64
# one-sided 95 % quantile of the normal distribution
_QUANTILE = 1.645


def dev_accuracy(stream: TaskStream, encoded: Encoded, device: torch.device) -> Mapping[str, Any]:
    """Return `accuracy` and `chance` in percent, `n`, and `collapsed`.

    The unit is the family's: an example, a word (tagging), a window (span QA, both ends right).
    `chance` is what the most frequent answer alone gets right. A training has collapsed if it is
    not above chance, by a one-sided test of a share at 5 %.
    """
    trainee = stream.trainee.eval()
    right = total = 0
    order = np.argsort(encoded.lengths(), kind="stable").tolist()
    with torch.inference_mode():
        for start in range(0, len(order), _BATCH):
            examples = order[start : start + _BATCH]
            for batch in make_batches(encoded, examples, stream.family, stream.pad_id, None):
                placed = batch.to(device)
                logits = trainee.logits(stream.name, placed)
                hits, size = stream.family.correct(logits, placed.targets)
                right, total = right + hits, total + size
    guesses = stream.family.guesses(encoded)
    # what is below zero is no answer that the head knows
    _, counts = np.unique(guesses[guesses >= 0], return_counts=True)
    chance = int(counts.max(initial=0)) / len(guesses)
    return {
        "accuracy": 100 * right / total,
        "n": total,
        "chance": 100 * chance,
        "collapsed": at_chance(right / total, chance, total),
    }


def at_chance(share: float, chance: float, n: int) -> bool:
    """Tell whether a share of right answers among `n` is not above chance, at the 5 % level."""
    return share <= chance + _QUANTILE * math.sqrt(chance * (1 - chance) / n)
