"""Where the loop's batches come from: tasks and masked text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

import torch
from torch import Tensor, nn
from torch.nn import functional

from polystilts.training.encoder import mlm_head
from polystilts.training.inputs import Encoded, pad
from polystilts.training.masking import MaskedText
from polystilts.training.plan import Step


class Trainee(nn.Module):
    """An encoder under the heads of the tasks it is trained on.

    With a masked-LM model the encoder is that model's own, so that both share their weights.
    """

    def __init__(
        self, encoder: nn.Module, heads: Mapping[str, nn.Module], language_model: nn.Module | None
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.heads = nn.ModuleDict(heads)
        self.language_head = None if language_model is None else mlm_head(language_model)

    def hidden(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the last layer's vectors, (inputs, length, hidden)."""
        output = self.encoder(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
        last: Tensor = output.last_hidden_state
        return last


@dataclass(frozen=True)
class TaskStream:
    """Batches of one task. Epoch e of the plan reads copy e mod the number of copies."""

    trainee: Trainee
    name: str
    family: ModuleType
    copies: Sequence[Encoded]
    pad_id: int

    def micro_batches(self, step: Step, limit: int | None) -> list[dict[str, Tensor]]:
        encoded = self.copies[step.epoch % len(self.copies)]
        return [
            make_batch(encoded, part, self.family, self.pad_id)
            for part in split_examples(encoded, step.examples, limit)
        ]

    def weight(self, batch: Mapping[str, Tensor]) -> int:
        return int(self.family.weight(batch))

    def loss(self, batch: Mapping[str, Tensor]) -> Tensor:
        hidden = self.trainee.hidden(batch)
        logits = self.trainee.heads[self.name](hidden, batch["attention_mask"])
        loss: Tensor = self.family.loss(logits.float(), batch)
        return loss


@dataclass(frozen=True)
class MaskedTextStream:
    """Batches of masked text; the vocabulary is scored only where a token is hidden."""

    trainee: Trainee
    text: MaskedText

    def micro_batches(self, step: Step, limit: int | None) -> list[dict[str, Tensor]]:
        batch = self.text.masked_batch(step.examples, step.epoch)
        lines, longest = batch["input_ids"].shape
        rows = lines if limit is None else max(1, limit // longest)
        return [
            {name: tensor[start : start + rows] for name, tensor in batch.items()}
            for start in range(0, lines, rows)
        ]

    def weight(self, batch: Mapping[str, Tensor]) -> int:
        return int((batch["target"] != -100).sum())

    def loss(self, batch: Mapping[str, Tensor]) -> Tensor:
        if self.trainee.language_head is None:
            raise TypeError("masked text needs a masked-LM head")
        hidden = self.trainee.hidden(batch)
        places = batch["target"] != -100
        scores = self.trainee.language_head(hidden[places])
        return functional.cross_entropy(scores.float(), batch["target"][places], reduction="sum")


def make_batch(
    encoded: Encoded, examples: Sequence[int], family: ModuleType, pad_id: int
) -> dict[str, Tensor]:
    """Return `input_ids`, `attention_mask` and the family's targets of some examples."""
    inputs = [encoded.inputs[i] for example in examples for i in encoded.units[example]]
    ids, mask = pad(inputs, pad_id)
    targets: dict[str, Tensor] = family.targets(encoded, examples)
    return {"input_ids": ids, "attention_mask": mask, **targets}


def split_examples(
    encoded: Encoded, examples: Sequence[int], limit: int | None
) -> list[tuple[int, ...]]:
    """Cut a step's examples into parts of at most `limit` padded tokens (at least one example).

    Parts keep the plan's order; an example's inputs are never torn apart.
    """
    if limit is None:
        return [tuple(examples)]
    parts: list[tuple[int, ...]] = []
    part: list[int] = []
    longest = inputs = 0
    for example in examples:
        unit = encoded.units[example]
        length = max(len(encoded.inputs[i]) for i in unit)
        if part and max(longest, length) * (inputs + len(unit)) > limit:
            parts.append(tuple(part))
            part, longest, inputs = [], 0, 0
        part.append(example)
        longest, inputs = max(longest, length), inputs + len(unit)
    return [*parts, tuple(part)]


def freeze_word_embeddings(encoder: nn.Module) -> None:
    """Keep the input embeddings as they are; they are most of a multilingual encoder's weights."""
    embeddings = encoder.get_input_embeddings()  # type: ignore[operator]
    embeddings.weight.requires_grad_(False)


def seed_fresh_weights(seed: int) -> None:
    """Seed the draw of weights that no checkpoint holds."""
    torch.manual_seed(seed)
