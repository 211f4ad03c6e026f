"""Where the loop's batches come from: tasks, masked text, and the masked text of tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from polystilts.training.batches import Batch, length_groups, single_part, split_examples
from polystilts.training.encoder import mlm_head
from polystilts.training.first_token import only_what_is_pooled
from polystilts.training.inputs import Encoded, pad
from polystilts.training.masking import UNMASKED, MaskedText
from polystilts.training.plan import Step
from polystilts.training.ragged import Integers


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

    def hidden(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the last layer's vectors, (inputs, length, hidden)."""
        last: Tensor = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return last

    def logits(self, name: str, batch: Batch) -> Tensor:
        """Return what a task's head makes of a batch, one row per input, in float32.

        Several parts have one row of logits per input, whatever their length, and are joined.
        """
        head = self.heads[name]
        with only_what_is_pooled(self.encoder, head):
            found = [head(self.hidden(ids, mask), mask) for ids, mask in batch.parts]
        joined = found[0] if len(found) == 1 else torch.cat(found)
        return joined.float() if batch.order is None else joined[batch.order].float()


@dataclass(frozen=True)
class TaskStream:
    """Batches of one task. Epoch e of the plan reads copy e mod the number of copies."""

    trainee: Trainee
    name: str
    family: ModuleType
    copies: Sequence[Encoded]
    pad_id: int

    def micro_batches(self, step: Step, limit: int | None) -> list[Batch]:
        encoded = self.copies[step.epoch % len(self.copies)]
        return make_batches(encoded, step.examples, self.family, self.pad_id, limit)

    def loss(self, batch: Batch) -> Tensor:
        loss: Tensor = self.family.loss(self.trainee.logits(self.name, batch), batch.targets)
        return loss


@dataclass(frozen=True)
class MaskedTextStream:
    """Batches of masked text; the vocabulary is scored only where a token is hidden."""

    trainee: Trainee
    text: MaskedText

    def micro_batches(self, step: Step, limit: int | None) -> list[Batch]:
        batch = self.text.masked_batch(step.examples, step.epoch)
        lines, longest = batch["input_ids"].shape
        rows = lines if limit is None else max(1, limit // longest)
        return [
            _masked(*(tensor[start : start + rows] for tensor in batch.values()))
            for start in range(0, lines, rows)
        ]

    def loss(self, batch: Batch) -> Tensor:
        return _masked_loss(self.trainee, batch)


@dataclass(frozen=True)
class MaskedTaskStream:
    """The text of a task's examples without their labels, masked.

    The examples of a step are those of `TaskStream`; `copies` hold their inputs as lines of text.
    """

    trainee: Trainee
    encoded: Sequence[Encoded]
    copies: Sequence[MaskedText]

    def micro_batches(self, step: Step, limit: int | None) -> list[Batch]:
        copy = step.epoch % len(self.copies)
        inputs = self.encoded[copy].inputs_of(step.examples)
        batch = self.copies[copy].masked_batch(inputs.tolist(), step.epoch)
        lengths = batch["attention_mask"].sum(1).numpy()
        return [
            _masked(*(tensor[group, : lengths[group].max()] for tensor in batch.values()))
            for group in length_groups(lengths, limit)
        ]

    def loss(self, batch: Batch) -> Tensor:
        return _masked_loss(self.trainee, batch)


def _masked(ids: Tensor, mask: Tensor, target: Tensor) -> Batch:
    return single_part(ids, mask, {"target": target}, int((target != UNMASKED).sum()))


def _masked_loss(trainee: Trainee, batch: Batch) -> Tensor:
    if trainee.language_head is None:
        raise TypeError("masked text needs a masked-LM head")
    ((ids, mask),) = batch.parts
    target = batch.targets["target"]
    places = target != UNMASKED
    scores = trainee.language_head(trainee.hidden(ids, mask)[places])
    return functional.cross_entropy(scores.float(), target[places], reduction="sum")


def make_batches(
    encoded: Encoded, examples: Sequence[int], family: ModuleType, pad_id: int, limit: int | None
) -> list[Batch]:
    """Return some examples as micro-batches of at most `limit` padded tokens.

    Where a family's loss is a sum over inputs, these are grouped by length; a question's windows
    may then lie in different groups. Where it is not, an example's inputs stay in one batch, whose
    parts are of like length.
    """
    if family.OVER_INPUTS:
        inputs = encoded.inputs_of(examples)
        lengths = _lengths(encoded, inputs)
        return [
            _batch(encoded, inputs[group], inputs[group], family, pad_id)
            for group in length_groups(lengths, limit)
        ]
    units = [encoded.unit(example) for example in examples]
    longest = [max(len(encoded.inputs[i]) for i in unit) for unit in units]
    chosen = np.asarray(examples, np.int64)
    return [
        _batch(
            encoded,
            np.concatenate([np.arange(units[i].start, units[i].stop) for i in part]),
            chosen[part],
            family,
            pad_id,
        )
        for part in split_examples(longest, [len(unit) for unit in units], limit)
    ]


def _lengths(encoded: Encoded, inputs: Integers) -> Integers:
    lengths: Integers = encoded.inputs.first[inputs + 1] - encoded.inputs.first[inputs]
    return lengths


def _batch(
    encoded: Encoded, inputs: Integers, owners: Integers, family: ModuleType, pad_id: int
) -> Batch:
    """Return inputs as one batch with the targets of `owners`, which are inputs or examples."""
    targets: dict[str, Tensor] = family.targets(encoded, owners)
    weight = int(family.weight(targets))
    groups: list[Integers] = [np.arange(len(inputs))]
    if not family.OVER_INPUTS:
        groups = length_groups(_lengths(encoded, inputs))
    parts = tuple(pad(encoded.inputs, inputs[group], pad_id) for group in groups)
    order = None
    if len(groups) > 1:
        order = torch.from_numpy(np.argsort(np.concatenate(groups)))
    real = int(_lengths(encoded, inputs).sum())
    return Batch(parts, order, targets, weight, real)


def freeze_word_embeddings(encoder: nn.Module) -> None:
    """Keep the input embeddings as they are; they are most of a multilingual encoder's weights."""
    embeddings = encoder.get_input_embeddings()  # type: ignore[operator]
    embeddings.weight.requires_grad_(False)


def seed_fresh_weights(seed: int) -> None:
    """Seed the draw of weights that no checkpoint holds."""
    torch.manual_seed(seed)
