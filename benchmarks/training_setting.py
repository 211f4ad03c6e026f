"""What both contestants of `training.py` are given: a task's data, first weights, and batches."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from datasets import Dataset
from transformers import XLMRobertaConfig

from polystilts.training.data import TaskData
from polystilts.training.encoder import build_encoder
from polystilts.training.plan import Step, plan_epochs
from polystilts.training.streams import Trainee
from polystilts.training.token_store import TokenStore

SEED = 1
TASK = "task"
_SIZE_OF_A_HEAD = 32


@dataclass(frozen=True)
class Size:
    """Of an encoder of XLM-R's architecture."""

    layers: int
    hidden: int

    def __str__(self) -> str:
        return f"{self.layers} layers of {self.hidden}"


@dataclass(frozen=True)
class Setting:
    """A task's tokenised data, the model, and the batch size."""

    data: TaskData
    store: TokenStore
    size: Size
    batch_size: int

    @property
    def pairs(self) -> bool:
        """Whether texts are classified; else questions are answered."""
        return self.data.family.__name__.endswith("classification")

    @cached_property
    def config(self) -> XLMRobertaConfig:
        """The encoder's configuration, without dropout."""
        return XLMRobertaConfig(
            vocab_size=self.data.tokens.vocabulary,
            hidden_size=self.size.hidden,
            num_hidden_layers=self.size.layers,
            num_attention_heads=self.size.hidden // _SIZE_OF_A_HEAD,
            intermediate_size=4 * self.size.hidden,
            max_position_embeddings=514,
            type_vocab_size=1,
            pad_token_id=self.data.tokens.pad,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            num_labels=max(2, len(self.data.labels)),
        )

    @cached_property
    def trainee(self) -> Trainee:
        """The weights that every training starts from a copy of."""
        torch.manual_seed(SEED)
        settings = {"pool": "first", "dropout": 0.0}
        head = self.data.family.Head(self.size.hidden, self.config.num_labels, settings)
        return Trainee(build_encoder(self.config), {TASK: head}, None)

    def every(self, stride: int) -> list[Step]:
        """Return every `stride`-th step of an epoch, the steps ordered by their longest input."""
        lengths = self.data.lengths
        plan = plan_epochs(TASK, lengths, 1, self.batch_size, SEED)
        falling = sorted(plan, key=lambda step: -max(lengths[i] for i in step.examples))
        return falling[stride // 2 :: stride]

    @cached_property
    def dataset(self) -> Dataset:
        """The inputs in their order, as `Trainer` takes them."""
        (encoded,) = self.data.copies
        names = {"labels": "label"}
        if not self.pairs:
            names = {"start_positions": "start", "end_positions": "end"}
        columns = {name: encoded.numbers(ours).tolist() for name, ours in names.items()}
        return Dataset.from_dict({"input_ids": encoded.inputs.tolist(), **columns})


@dataclass(frozen=True)
class Run:
    """What a training took, and the mean loss of every step where it was asked for."""

    cpu_seconds: float
    real_tokens: int
    losses: list[float]

    @property
    def speed(self) -> float:
        """Real tokens per CPU second."""
        return self.real_tokens / self.cpu_seconds


def equal_batches(setting: Setting, steps: int) -> tuple[list[Step], list[int]]:
    """Return full steps of examples that have one input each, and these inputs in that order."""
    (encoded,) = setting.data.copies
    single = np.flatnonzero(np.diff(encoded.first_input) == 1)
    lengths = [setting.data.lengths[i] for i in single]
    plan = plan_epochs(TASK, lengths, 1, setting.batch_size, SEED)
    full = [step for step in plan if len(step.examples) == setting.batch_size][:steps]
    chosen = [Step(TASK, 0, tuple(int(single[i]) for i in step.examples)) for step in full]
    return chosen, [int(i) for step in chosen for i in encoded.inputs_of(step.examples)]
