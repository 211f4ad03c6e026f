"""How well a task was learned: accuracy on its English dev split, with its own head."""

from collections.abc import Mapping
from typing import Any

import torch

from polystilts.training.inputs import Encoded
from polystilts.training.streams import TaskStream, make_batch

_BATCH = 64


def dev_accuracy(stream: TaskStream, encoded: Encoded, device: torch.device) -> Mapping[str, Any]:
    """Return `accuracy` in percent and `n`.

    The unit is the family's: an example, a word (tagging), a window (span QA, both ends right).
    """
    trainee = stream.trainee.eval()
    right = total = 0
    order = sorted(range(len(encoded.units)), key=encoded.lengths().__getitem__)
    with torch.inference_mode():
        for start in range(0, len(order), _BATCH):
            examples = order[start : start + _BATCH]
            batch = make_batch(encoded, examples, stream.family, stream.pad_id)
            placed = {name: tensor.to(device) for name, tensor in batch.items()}
            hidden = trainee.hidden(placed)
            logits = trainee.heads[stream.name](hidden, placed["attention_mask"])
            hits, size = stream.family.correct(logits.float(), placed)
            right, total = right + hits, total + size
    return {"accuracy": 100 * right / total, "n": total}
