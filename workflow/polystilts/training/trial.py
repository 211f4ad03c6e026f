"""A small training of everything the loop has, to see whether a device computes it right.

An encoder of XLM-R's architecture with random weights, its masked-LM head and a classification
head, on drawn token ids: a classification task, with a masked-LM step after every third of its own.
The same on every device, as all of it is drawn on the CPU.

`python -m polystilts.training.trial FILE`, started by torchrun, trains in several processes and
writes the weights to FILE.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import XLMRobertaConfig, XLMRobertaForMaskedLM

from polystilts.training.batches import Batch
from polystilts.training.distributed import Processes, processes
from polystilts.training.encoder import pick_device
from polystilts.training.families import classification
from polystilts.training.inputs import Encoded, one_input_each
from polystilts.training.loop import Stream, Surroundings, train
from polystilts.training.masking import MaskedText
from polystilts.training.optimisation import Optimisation
from polystilts.training.plan import MLM, Step, interleave_mlm, plan_epochs
from polystilts.training.ragged import Ragged
from polystilts.training.streams import MaskedTextStream, TaskStream, Trainee, seed_fresh_weights

LEARNING_RATE = 1e-3

_SEED = 1
_TASK = "task"
_LABELS = 3
_MLM_SHARE = 0.25
_PAD, _MASK = 1, 4
_SPECIAL = frozenset(range(5))  # <s> <pad> </s> <unk> <mask>
_FIRST_WORD = len(_SPECIAL)


@dataclass(frozen=True)
class Size:
    """How large a trial is; lengths and batches in tokens and examples."""

    hidden: int = 256
    layers: int = 4
    heads: int = 4
    vocabulary: int = 4000
    longest: int = 128
    batch: int = 32
    steps: int = 20


class StoppedError(Exception):
    """A trial was stopped before a step, as a signal would."""


class Trial(NamedTuple):
    """What a trial left: the mean loss of every step, the weights, where it went on from.

    `micro_batch_tokens` is the limit that it ended with.
    """

    losses: list[float]
    weights: dict[str, Tensor]
    resumed_from: int
    micro_batch_tokens: int | None


@dataclass(frozen=True)
class Setting:
    """What differs between trials.

    Dropout is drawn by the device, so trials that are compared across devices have none.
    `stop_before` is the step (from 0) before which a trial ends; checkpoints are then written
    after every step. `capacity` is the largest micro-batch, in padded tokens, that a simulated
    memory holds.
    """

    size: Size
    precision: str = "fp32"
    dropout: float = 0.0
    steps: int | None = None
    micro_batch_tokens: int | None = None
    stop_before: int | None = None
    capacity: int | None = None


class Prepared(NamedTuple):
    """A trial's model, its streams and its plan."""

    trainee: Trainee
    streams: dict[str, Stream]
    plan: list[Step]


def prepare(setting: Setting) -> Prepared:
    """Draw weights, data and plan; the same for every setting of a size."""
    size = setting.size
    seed_fresh_weights(_SEED)
    config = XLMRobertaConfig(
        vocab_size=size.vocabulary,
        hidden_size=size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        intermediate_size=4 * size.hidden,
        max_position_embeddings=size.longest + 2,
        type_vocab_size=1,
        hidden_dropout_prob=setting.dropout,
        attention_probs_dropout_prob=setting.dropout,
    )
    model = XLMRobertaForMaskedLM(config)
    settings = {"pool": "first", "dropout": setting.dropout}
    head = classification.Head(size.hidden, _LABELS, settings)
    trainee = Trainee(model.base_model, {_TASK: head}, model)
    inputs = Ragged.of(_inputs(size))
    label = inputs.values[inputs.first[:-1] + 1] - _FIRST_WORD
    encoded = Encoded(inputs, one_input_each(inputs), {"label": label})
    sizes = {"en": len(inputs)}
    text = MaskedText(inputs, sizes, 0.15, _SEED, _PAD, _MASK, size.vocabulary, _SPECIAL)
    streams: dict[str, Stream] = {
        _TASK: TaskStream(trainee, _TASK, classification, [encoded], _PAD),
        MLM: MaskedTextStream(trainee, text),
    }
    plan = plan_epochs(_TASK, encoded.lengths(), size.steps, size.batch, _SEED)
    mixed = interleave_mlm(plan, _MLM_SHARE, [step.examples for step in plan[:3]])
    return Prepared(trainee, streams, mixed[: setting.steps or size.steps])


def run_trial(
    device: torch.device, setting: Setting, partial: Path, group: Processes | None = None
) -> Trial:
    """Train on a device; go on from what is in `partial`, where something is.

    Raises:
        StoppedError: `stop_before` was reached.
        PolystiltsError: a loss or a gradient is not finite.
    """
    trainee, streams, plan = prepare(setting)
    watched = _Watch(setting)
    progress = train(
        trainee,
        {name: _Watched(stream, watched) for name, stream in streams.items()},
        plan,
        _optimisation(setting),
        _SEED,
        Surroundings(partial, device, group or Processes()),
    )
    weights = {name: tensor.detach().cpu() for name, tensor in trainee.state_dict().items()}
    losses = list(watched.losses.values())
    return Trial(losses, weights, progress.resumed_from, progress.micro_batch_tokens)


def _inputs(size: Size) -> list[list[int]]:
    """Draw twice as many inputs as a batch holds, of half to full length.

    An input's first word stands in it four times, and its label can be read off it.
    """
    draw = np.random.default_rng(_SEED)
    lengths = draw.integers(size.longest // 2, size.longest - 1, 2 * size.batch)
    words = [draw.integers(_FIRST_WORD, size.vocabulary, length - 2) for length in lengths]
    for label, line in enumerate(words):
        line[:4] = _FIRST_WORD + label % _LABELS
    return [[0, *line.tolist(), 2] for line in words]


def _optimisation(setting: Setting) -> Optimisation:
    return Optimisation(
        learning_rate=LEARNING_RATE,
        head_factor=1.0,
        warmup=0.1,
        weight_decay=0.01,
        clip=1.0,
        betas=(0.9, 0.999),
        # larger than usual: gradients that are zero but for rounding would else move weights
        epsilon=1e-6,
        precision=setting.precision,
        micro_batch_tokens=setting.micro_batch_tokens,
        checkpoint_seconds=float("inf") if setting.stop_before is None else 0.0,
    )


@dataclass
class _Watch:
    """The losses of the steps so far, by step; a step that is repeated has its last one."""

    setting: Setting
    losses: dict[int, float] = field(default_factory=dict)
    weights: dict[int, int] = field(default_factory=dict)
    step: Step | None = None


@dataclass(frozen=True)
class _Watched:
    """A stream that keeps its losses, stops where it shall, and runs out of simulated memory."""

    stream: Stream
    watch: _Watch

    def micro_batches(self, step: Step, limit: int | None) -> list[Batch]:
        watch = self.watch
        if step is not watch.step and len(watch.losses) == watch.setting.stop_before:
            raise StoppedError
        batches = self.stream.micro_batches(step, limit)
        number = len(watch.losses) - (step is watch.step)
        watch.step = step
        watch.losses[number] = 0.0
        watch.weights[number] = max(1, sum(batch.weight for batch in batches))
        return batches

    def loss(self, batch: Batch) -> Tensor:
        watch = self.watch
        capacity = watch.setting.capacity
        if capacity is not None and batch.processed_tokens > capacity:
            raise torch.OutOfMemoryError(f"simulated memory holds {capacity} tokens")
        loss = self.stream.loss(batch)
        number = len(watch.losses) - 1
        watch.losses[number] += float(loss.detach()) / watch.weights[number]
        return loss


def main(arguments: Sequence[str]) -> None:
    """Train as one of several processes; the first one writes the weights."""
    output, size, device = Path(arguments[0]), Size(**json.loads(arguments[1])), arguments[2]
    with processes() as group:
        chosen = pick_device() if device == "cuda" else torch.device(device)
        found = run_trial(chosen, Setting(size), output.with_suffix(".partial"), group)
        if group.is_first:
            # tied weights are one tensor under two names, which a file cannot hold
            save_file({name: tensor.clone() for name, tensor in found.weights.items()}, output)


if __name__ == "__main__":
    main(sys.argv[1:])
