"""The same training by this package's loop and by `transformers.Trainer`.

Both start from the same weights and see the same token ids. `Trainer` is given what its users give
it: a `datasets.Dataset`, `DataCollatorWithPadding` and the library's own model classes.
"""

import contextlib
import copy
import io
import math
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from training_setting import SEED, TASK, Run, Setting
from transformers import (
    DataCollatorWithPadding,
    PreTrainedTokenizerFast,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    XLMRobertaForQuestionAnswering,
    XLMRobertaForSequenceClassification,
)

from polystilts.training.batches import Batch
from polystilts.training.loop import Surroundings, train
from polystilts.training.optimisation import Optimisation
from polystilts.training.plan import Step
from polystilts.training.ragged import Integers
from polystilts.training.streams import TaskStream

_LEARNING_RATE, _WEIGHT_DECAY, _CLIP = 1e-4, 0.01, 1.0


@dataclass(frozen=True)
class _Recorded:
    """A stream that keeps the mean losses of its steps."""

    stream: TaskStream
    losses: list[float] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)

    def micro_batches(self, step: Step, limit: int | None) -> list[Batch]:
        batches = self.stream.micro_batches(step, limit)
        self.losses.append(0.0)
        self.weights.append(sum(batch.weight for batch in batches))
        return batches

    def loss(self, batch: Batch) -> Tensor:
        loss = self.stream.loss(batch)
        self.losses[-1] += float(loss.detach()) / self.weights[-1]
        return loss


def train_ours(setting: Setting, plan: Sequence[Step], recorded: bool = False) -> Run:
    """Take the steps of a plan with this package's loop."""
    trainee = copy.deepcopy(setting.trainee)
    data = setting.data
    stream = TaskStream(trainee, TASK, data.family, data.copies, data.tokens.pad)
    recording = _Recorded(stream)
    optimisation = Optimisation.from_mapping(
        {
            "learning_rate": _LEARNING_RATE,
            "head_factor": 1.0,
            "warmup": 0.0,
            "weight_decay": _WEIGHT_DECAY,
            "clip": _CLIP,
            "betas": [0.9, 0.999],
            "epsilon": 1e-8,
            "precision": "fp32",
            "micro_batch_tokens": None,
            "checkpoint_seconds": math.inf,
        }
    )
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        around = Surroundings(Path(folder), torch.device("cpu"))
        streams = {TASK: recording if recorded else stream}
        start = time.process_time()
        progress = train(trainee, streams, plan, optimisation, SEED, around)
        seconds = time.process_time() - start
    return Run(seconds, progress.real_tokens, recording.losses)


class _Sampled(Trainer):  # type: ignore[misc]
    """A `Trainer` on every `stride`-th batch of its own sampler, or on the inputs of an `order`.

    The sampler's batches are ordered by their longest input before. With an `order` the losses of
    its steps are kept, because its log rounds their mean.
    """

    def __init__(
        self, stride: int, order: Sequence[int] | None, lengths: Integers, **named: Any
    ) -> None:
        self.stride, self.order, self.lengths = stride, order, lengths
        self.taken: list[int] = []
        self.losses: list[Tensor] = []
        super().__init__(**named)

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        if self.order is None:
            indices = list(super()._get_train_sampler(train_dataset))
            size = self.args.train_batch_size
            batches = [indices[i : i + size] for i in range(0, len(indices), size)]
            batches.sort(key=lambda batch: -int(self.lengths[batch].max()))
            self.taken = [i for batch in batches[self.stride // 2 :: self.stride] for i in batch]
        else:
            self.taken = list(self.order)
        return self.taken

    def compute_loss(self, *arguments: Any, **named: Any) -> Any:
        loss = super().compute_loss(*arguments, **named)
        if self.order is not None:
            self.losses.append(loss.detach())
        return loss


class _Clock(TrainerCallback):  # type: ignore[misc]
    """CPU time from a training's first step to its last; a short one has a long start."""

    def on_train_begin(self, *arguments: Any, **named: Any) -> None:
        self.start = time.process_time()

    def on_train_end(self, *arguments: Any, **named: Any) -> None:
        self.end = time.process_time()


def train_theirs(
    setting: Setting,
    strategy: str = "random",
    stride: int = 1,
    order: Sequence[int] | None = None,
    model: nn.Module | None = None,
) -> Run:
    """Train on every `stride`-th batch of an epoch with `Trainer`.

    Args:
        strategy: its `train_sampling_strategy`.
        order: inputs in the order to take them in instead, with the losses of all steps kept.
        model: what to train; by default the library's own class for the task.
    """
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=setting.store.tokenizer, pad_token="<pad>", mask_token="<mask>"
    )
    lengths = setting.data.copies[0].inputs.lengths()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        arguments = TrainingArguments(
            output_dir=folder,
            num_train_epochs=1,
            per_device_train_batch_size=setting.batch_size,
            train_sampling_strategy=strategy,
            learning_rate=_LEARNING_RATE,
            weight_decay=_WEIGHT_DECAY,
            max_grad_norm=_CLIP,
            seed=SEED,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
        )
        trainer = _Sampled(
            stride,
            order,
            lengths,
            model=their_model(setting) if model is None else model,
            args=arguments,
            train_dataset=setting.dataset,
            processing_class=tokenizer,
            data_collator=DataCollatorWithPadding(tokenizer),
        )
        clock = _Clock()
        trainer.add_callback(clock)
        trainer.train()
    real = int(lengths[np.array(trainer.taken)].sum())
    return Run(clock.end - clock.start, real, [float(loss) for loss in trainer.losses])


def their_model(setting: Setting) -> nn.Module:
    """Return the library's own model with the weights of ours."""
    kind = XLMRobertaForSequenceClassification if setting.pairs else XLMRobertaForQuestionAnswering
    model: nn.Module = kind(setting.config)
    names = {"out": "qa_outputs"}
    if setting.pairs:
        names = {"dense": "classifier.dense", "out": "classifier.out_proj"}
    state = {f"roberta.{n}": t for n, t in setting.trainee.encoder.state_dict().items()}
    for ours, theirs in names.items():
        layer = setting.trainee.heads[TASK].get_submodule(ours)
        state |= {f"{theirs}.{name}": tensor for name, tensor in layer.state_dict().items()}
    model.load_state_dict(state)
    return model


class OurModel(nn.Module):
    """Our model of questions as `Trainer` calls it.

    The library's own class lets padding share in the probability of being an answer, so that its
    loss depends on how a batch is padded; ours does not.
    """

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.trainee = copy.deepcopy(setting.trainee)
        self._family = setting.data.family

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        start_positions: Tensor,
        end_positions: Tensor,
    ) -> Mapping[str, Tensor]:
        hidden = self.trainee.hidden(input_ids, attention_mask)
        logits = self.trainee.heads[TASK](hidden, attention_mask)
        targets = {"start": start_positions, "end": end_positions}
        return {"loss": self._family.loss(logits, targets) / len(input_ids), "logits": logits}
