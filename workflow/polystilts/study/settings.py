"""The effective settings of a training.

Weakest first: the neutral ones (`defaults.training`, then `defaults.tasks`), the encoder's own, the
study's `training`, the study's `tasks`.
"""

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal, TypeVar

from polystilts.errors import ConfigError
from polystilts.study.config import Phases, StudyConfig, TaskSettings, Training
from polystilts.study.fields import Model

Phase = Literal["intermediate", "fine_tune"]
# How a training goes on, whatever is learned in it; the rest is each task's own, also in `all`.
OPTIMISATION = (
    "learning_rate",
    "head_factor",
    "warmup",
    "weight_decay",
    "clip",
    "betas",
    "epsilon",
    "precision",
    "micro_batch_tokens",
    "checkpoint_seconds",
)
MIXTURE_SETTINGS = (*OPTIMISATION, "evaluations", "selection", "english_dev_level")


@dataclass(frozen=True)
class EffectiveTraining:
    """The hyper-parameters of one training; see `polystilts.study.config.Training`."""

    epochs: int
    batch_size: int
    learning_rate: float
    head_factor: float
    warmup: float
    weight_decay: float
    clip: float
    betas: tuple[float, float]
    epsilon: float
    dropout: float
    max_length: int
    max_question_length: int
    doc_stride: int
    precision: str
    checkpoint_seconds: float
    evaluations: int
    selection: str = "last"
    english_dev_level: float | None = None
    examples: int | None = None
    micro_batch_tokens: int | None = None


@dataclass(frozen=True)
class EffectiveMasking:
    """How text is masked; see `polystilts.study.config.MaskedLanguageModelling`."""

    probability: float
    max_length: int
    batch_tokens: int
    exponent: float


@dataclass(frozen=True)
class EffectiveMixture:
    """How tasks are mixed; see `polystilts.study.config.MultiTask`."""

    size_cap: int


_Settings = TypeVar("_Settings", EffectiveTraining, EffectiveMasking, EffectiveMixture)


def training(config: StudyConfig, task: str | None, phase: Phase) -> EffectiveTraining:
    """Return the settings of a task's training in a phase; of a task that sets nothing if None.

    Raises:
        ConfigError: a setting that every training needs is set nowhere.
    """
    levels = [level for _, level in _levels(config, task, phase)]
    return _merged(EffectiveTraining, f"training.{phase}", *levels)


def pretraining(config: StudyConfig, own: Training) -> EffectiveTraining:
    """Return the settings of an encoder's pretraining: neutral ones, and its own.

    Those of the study's trainings have no part in it. Raises as `training`.
    """
    neutral = config.defaults.training.intermediate
    return _merged(EffectiveTraining, "training.intermediate", neutral, own)


def key_of(config: StudyConfig, task: str, phase: Phase, setting: str) -> str:
    """Return the key of the configuration that decides a setting of a task's training."""
    places = [
        key for key, level in _levels(config, task, phase) if getattr(level, setting) is not None
    ]
    return f"{places[-1]}.{setting}" if places else f"training.{phase}.{setting}"


def masking(config: StudyConfig) -> EffectiveMasking:
    """Return how text is masked; raises as `training`."""
    return _merged(
        EffectiveMasking, "training.mlm", config.defaults.training.mlm, config.training.mlm
    )


def multi_task(config: StudyConfig) -> EffectiveMixture:
    """Return how tasks are mixed; raises as `training`."""
    levels = (config.defaults.training.multi_task, config.training.multi_task)
    return _merged(EffectiveMixture, "training.multi_task", *levels)


def _levels(config: StudyConfig, task: str | None, phase: Phase) -> Iterator[tuple[str, Model]]:
    """Yield every level that may say something of a training, with its key, weakest first."""
    name, own = config.study.encoder, config.encoders[config.study.encoder].training
    yield f"defaults.training.{phase}", getattr(config.defaults.training, phase)
    if task is not None:
        neutral = config.defaults.tasks.get(task, Phases())
        yield f"defaults.tasks.{task}.{phase}", getattr(neutral, phase)
    yield f"encoders.{name}.training.{phase}", getattr(own, phase)
    yield f"training.{phase}", getattr(config.training, phase)
    if task is not None:
        yield f"tasks.{task}.{phase}", getattr(config.tasks.get(task, TaskSettings()), phase)


def _merged(kind: type[_Settings], place: str, *levels: Model) -> _Settings:
    """Lay settings over each other; later ones win where they are set."""
    merged: dict[str, Any] = {}
    for level in levels:
        merged |= {name: value for name, value in level if value is not None}
    for field in fields(kind):
        if field.name not in merged and field.default is MISSING:
            raise ConfigError(f"config: `defaults.{place}.{field.name}`: missing")
    return kind(**merged)
