"""The optimiser of a training and its schedule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Optimisation:
    """What an optimiser needs to know; learning rates in steps of a linear decay to zero."""

    learning_rate: float
    head_factor: float
    warmup: float
    weight_decay: float
    clip: float
    betas: tuple[float, float]
    epsilon: float
    precision: str
    micro_batch_tokens: int | None
    checkpoint_seconds: float

    @classmethod
    def from_mapping(cls, settings: Mapping[str, object]) -> "Optimisation":
        chosen = {name: settings[name] for name in cls.__dataclass_fields__}
        chosen["betas"] = tuple(chosen["betas"])  # type: ignore[arg-type]
        return cls(**chosen)  # type: ignore[arg-type]


def make_optimizer(model: nn.Module, settings: Optimisation) -> torch.optim.Optimizer:
    """Return AdamW over the trainable weights; groups hold their `peak` learning rate."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            kind = (name.startswith("heads."), parameter.ndim > 1)
            groups.setdefault(kind, []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "peak": settings.learning_rate * (settings.head_factor if is_head else 1.0),
                "weight_decay": settings.weight_decay if decays else 0.0,
            }
            for (is_head, decays), parameters in groups.items()
        ],
        lr=settings.learning_rate,
        betas=settings.betas,
        eps=settings.epsilon,
        # one kernel for all weights: of a small model's step, one by one they took a third
        fused=True,
    )


def linear_schedule(steps: int, warmup: float) -> Callable[[int], float]:
    """Return the share of the peak learning rate at a step: it rises linearly, then falls to 0."""
    rising = round(steps * warmup)

    def rate(step: int) -> float:
        if step < rising:
            return (step + 1) / rising
        return (steps - step) / (steps - rising)

    return rate
