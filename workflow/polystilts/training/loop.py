"""The training loop: one for pretraining, intermediate tasks and targets.

A step's content is a function of its number: the plan names the examples, masks and dropout are
drawn from hashes of the step. Resuming therefore needs weights, moments and the step alone, and a
training that was killed ends with the same bits as one that was not (on the CPU).
"""

import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from polystilts.errors import PolystiltsError
from polystilts.provenance.hashing import unit_hash
from polystilts.training.checkpoint import checkpoint_facts, load_checkpoint, save_checkpoint
from polystilts.training.encoder import precision
from polystilts.training.plan import Step

_LOG_EVERY_SECONDS = 5.0


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


class Stream(Protocol):
    """A source of batches and of the loss on them."""

    def micro_batches(self, step: Step, limit: int | None) -> list[dict[str, Tensor]]:
        """Return the batches of one step, each of at most `limit` padded tokens."""

    def weight(self, batch: Mapping[str, Tensor]) -> int:
        """Return how many losses a batch sums over."""

    def loss(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return a batch's summed loss."""


@dataclass
class Progress:
    """What a training did, for `training.json`: also before it was killed and resumed."""

    steps: int = 0
    resumed_from: int = 0
    real_tokens: int = 0
    processed_tokens: int = 0
    seconds: float = 0.0
    computed_in: str = ""
    losses: list[dict[str, float | str]] = field(default_factory=list)


def train(
    model: nn.Module,
    streams: Mapping[str, Stream],
    plan: Sequence[Step],
    settings: Optimisation,
    seed: int,
    partial: Path,
    device: torch.device,
) -> Progress:
    """Take one optimiser step per entry of `plan`; `partial` holds resumable state meanwhile.

    Parameters whose name starts with `heads.` learn `head_factor` times as fast as the encoder.
    Biases and LayerNorm weights are not decayed.

    Raises:
        PolystiltsError: the loss or a gradient is not finite.
    """
    model.to(device).train()
    optimizer = _optimizer(model, settings)
    rate = _linear_schedule(len(plan), settings.warmup)
    first = load_checkpoint(partial, model, optimizer)
    progress = Progress(**(checkpoint_facts(partial, first) if first else {}))
    progress.steps, progress.resumed_from = len(plan), first
    autocast = precision(settings.precision, device)
    note_precision(progress, device, autocast)
    reporter = _Reporter(len(plan), first, progress)
    saved = time.monotonic()
    trainable = [p for p in model.parameters() if p.requires_grad]
    for number in range(first, len(plan)):
        torch.manual_seed(unit_hash("dropout", seed, number) % (1 << 63))
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * rate(number)
        step = plan[number]
        loss = _backward(streams[step.stream], step, settings, device, autocast, progress)
        norm = float(nn.utils.clip_grad_norm_(trainable, settings.clip))
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise PolystiltsError(
                f"the training diverged: at step {number + 1} of {len(plan)}, on {step.stream}, "
                f"the loss is {loss} and the gradient's norm {norm}. Lower its learning rate, or "
                "train it with `precision: fp32`."
            )
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        reporter.report(number + 1, step.stream, loss)
        if time.monotonic() - saved >= settings.checkpoint_seconds:
            progress.seconds = reporter.elapsed()
            save_checkpoint(partial, number + 1, model, optimizer, vars(progress))
            saved = time.monotonic()
    progress.seconds = reporter.elapsed()
    return progress


def note_precision(progress: Progress, device: torch.device, autocast: torch.dtype | None) -> None:
    """Record what is computed in, for `training.json`: `auto` depends on the machine."""
    computed_in = f"{'bf16' if autocast else 'fp32'} on {device.type}"
    if progress.computed_in not in ("", computed_in):
        message = f"was computed in {progress.computed_in} so far, goes on in {computed_in}"
        print(f"WARNING: this training {message}", file=sys.stderr, flush=True)
        computed_in = f"{progress.computed_in}, then {computed_in}"
    progress.computed_in = computed_in


def _backward(
    stream: Stream,
    step: Step,
    settings: Optimisation,
    device: torch.device,
    autocast: torch.dtype | None,
    progress: Progress,
) -> float:
    """Accumulate a step's gradients over its micro-batches and return its mean loss."""
    batches = stream.micro_batches(step, settings.micro_batch_tokens)
    weight = max(1, sum(stream.weight(batch) for batch in batches))
    total = 0.0
    for batch in batches:
        progress.real_tokens += int(batch["attention_mask"].sum())
        progress.processed_tokens += batch["attention_mask"].numel()
        placed = {name: tensor.to(device) for name, tensor in batch.items()}
        with torch.autocast(device.type, dtype=autocast, enabled=autocast is not None):
            loss = stream.loss(placed) / weight
        torch.autograd.backward(loss)
        total += float(loss.detach())
    return total


def _optimizer(model: nn.Module, settings: Optimisation) -> torch.optim.Optimizer:
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
    )


def _linear_schedule(steps: int, warmup: float) -> Callable[[int], float]:
    rising = round(steps * warmup)

    def rate(step: int) -> float:
        if step < rising:
            return (step + 1) / rising
        return (steps - step) / (steps - rising)

    return rate


class _Reporter:
    """Logs step, loss, tokens per second and the time left, every five seconds."""

    def __init__(self, steps: int, first: int, progress: Progress) -> None:
        self._steps = steps
        self._first = first
        self._progress = progress
        self._earlier_tokens = progress.real_tokens
        self._earlier_seconds = progress.seconds
        self._start = self._last = time.monotonic()
        self._sums: dict[str, list[float]] = {}
        if first:
            print(f"resumed after step {first} of {steps}", file=sys.stderr, flush=True)

    def elapsed(self) -> float:
        """Return the seconds trained so far, those before a resumption included."""
        return self._earlier_seconds + self._own_seconds()

    def _own_seconds(self) -> float:
        return time.monotonic() - self._start

    def report(self, step: int, stream: str, loss: float) -> None:
        self._sums.setdefault(stream, []).append(loss)
        now = time.monotonic()
        if now - self._last < _LOG_EVERY_SECONDS and step != self._steps:
            return
        self._last = now
        seconds = max(self._own_seconds(), 1e-9)
        speed = (self._progress.real_tokens - self._earlier_tokens) / seconds
        left = seconds / (step - self._first) * (self._steps - step)
        means = {name: sum(values) / len(values) for name, values in self._sums.items()}
        shown = " ".join(f"{name} {mean:.3f}" for name, mean in sorted(means.items()))
        print(
            f"step {step}/{self._steps} loss {shown} {speed:,.0f} tokens/s {left:.0f} s left",
            file=sys.stderr,
            flush=True,
        )
        self._progress.losses += [
            {"step": step, "stream": name, "loss": round(mean, 4)} for name, mean in means.items()
        ]
        self._sums = {}
