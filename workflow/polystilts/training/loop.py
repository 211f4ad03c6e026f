"""The training loop: one for pretraining, intermediate tasks and targets.

A step's content is a function of its number: the plan names the examples, masks and dropout are
drawn from hashes of the step. Resuming therefore needs weights, moments and the step alone, and a
training that was killed ends with the same bits as one that was not (on the CPU).
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from polystilts.errors import PolystiltsError
from polystilts.provenance.hashing import unit_hash
from polystilts.training.batches import Batch
from polystilts.training.checkpoint import (
    Saved,
    clear_leftovers,
    load_checkpoint,
    save_checkpoint,
    trainable,
)
from polystilts.training.distributed import Processes
from polystilts.training.encoder import precision
from polystilts.training.micro_batches import halving, step_tokens
from polystilts.training.optimisation import Optimisation, linear_schedule, make_optimizer
from polystilts.training.plan import Step
from polystilts.training.progress import Progress, Reporter, note_precision, say
from polystilts.training.selection import Candidates
from polystilts.training.stopping import StoppedBySignal, Stopper

# Padded tokens at once, if nothing is configured: on a CPU what is computed then stays in the
# cache, which made questions on 256 hidden units a tenth to a fifth faster.
_CPU_TOKENS = 2048


class Stream(Protocol):
    """A source of batches and of the loss on them."""

    def micro_batches(self, step: Step, limit: int | None) -> list[Batch]:
        """Return the batches of one step, each of at most `limit` padded tokens."""

    def loss(self, batch: Batch) -> Tensor:
        """Return a batch's summed loss."""


@dataclass(frozen=True)
class Surroundings:
    """Where and with whom a training runs. None of it changes the result but by rounding.

    `candidates` are the weights to leave aside on the way; `stopper` says when to stop.
    """

    partial: Path
    device: torch.device
    processes: Processes = field(default_factory=Processes)
    stopper: Stopper = field(default_factory=Stopper)
    candidates: Candidates | None = None


def train(
    model: nn.Module,
    streams: Mapping[str, Stream],
    plan: Sequence[Step],
    settings: Optimisation,
    seed: int,
    around: Surroundings,
) -> Progress:
    """Take one optimiser step per entry of `plan`, with resumable state in `around.partial`.

    Parameters whose name starts with `heads.` learn `head_factor` times as fast as the encoder.
    Biases and LayerNorm weights are not decayed.

    Raises:
        PolystiltsError: the loss or a gradient is not finite, or memory does not suffice.
        StoppedBySignal: a signal asked for it; the state is written.
    """
    model.to(around.device).train()
    optimizer = make_optimizer(model, settings)
    rate = linear_schedule(len(plan), settings.warmup)
    saved = _resume(model, optimizer, around)
    progress = Progress(**(saved.facts if saved else {}))
    progress.steps, progress.resumed_from = len(plan), saved.step if saved else 0
    autocast = precision(settings.precision, around.device)
    note_precision(progress, around.device, autocast)
    steps = _Steps(model, streams, settings, seed, around, autocast, progress)
    reporter = Reporter(len(plan), progress, talks=around.processes.is_first)
    last_saved = time.monotonic()
    with around.stopper.between_steps():
        for number in range(progress.resumed_from, len(plan)):
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * rate(number)
            loss = steps.backward(number, plan[number])
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            reporter.report(number + 1, plan[number].stream, loss)
            if around.processes.is_first and around.candidates is not None:
                around.candidates.after_step(number + 1, model)
            stops = around.processes.any(around.stopper.asked_by is not None)
            due = time.monotonic() - last_saved >= settings.checkpoint_seconds
            if (stops or due) and around.processes.is_first:
                progress.seconds = reporter.elapsed()
                written = save_checkpoint(
                    around.partial, number + 1, model, optimizer, vars(progress)
                )
                last_saved = time.monotonic()
            if stops:
                if around.processes.is_first:
                    _say_stopped(number + 1, len(plan), written)
                asked_by = around.stopper.asked_by or "a signal to another process"
                raise StoppedBySignal(f"stopped by {asked_by}; run again to go on")
    progress.seconds = reporter.elapsed()
    return progress


def _resume(
    model: nn.Module, optimizer: torch.optim.Optimizer, around: Surroundings
) -> Saved | None:
    if around.processes.is_first:
        clear_leftovers(around.partial)
    around.processes.wait()
    if around.candidates is None:
        return load_checkpoint(around.partial, model, optimizer)
    return load_checkpoint(around.partial, model, optimizer, around.candidates.complete_until)


def _say_stopped(step: int, steps: int, written: bool) -> None:
    what = "its state is written" if written else "it goes on from its last checkpoint"
    say(f"stopped after step {step} of {steps}: {what}")


@dataclass
class _Steps:
    """Gradients of one step after the other."""

    model: nn.Module
    streams: Mapping[str, Stream]
    settings: Optimisation
    seed: int
    around: Surroundings
    autocast: torch.dtype | None
    progress: Progress

    def __post_init__(self) -> None:
        self._parameters = [parameter for _, parameter in trainable(self.model)]
        if self.progress.micro_batch_tokens is None:
            usual = _CPU_TOKENS if self.around.device.type == "cpu" else None
            self.progress.micro_batch_tokens = self.settings.micro_batch_tokens or usual

    def backward(self, number: int, step: Step) -> float:
        """Leave a step's clipped gradients in the model and return its mean loss."""
        stream = self.streams[step.stream]

        def attempt(limit: int | None) -> tuple[Tensor, int, int]:
            for parameter in self._parameters:
                parameter.grad = None
            return self._accumulate(number, stream, step, limit)

        (share, real, processed), self.progress.micro_batch_tokens = halving(
            attempt,
            self.progress.micro_batch_tokens,
            lambda: step_tokens(stream, step),
            self.around.processes,
        )
        self.progress.real_tokens += real
        self.progress.processed_tokens += processed
        loss = float(self.around.processes.sum(share))
        self.around.processes.sum_gradients(self._parameters)
        norm = float(nn.utils.clip_grad_norm_(self._parameters, self.settings.clip))
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise PolystiltsError(
                f"the training diverged: at step {number + 1} of {self.progress.steps}, on "
                f"{step.stream}, the loss is {loss} and the gradient's norm {norm}. Lower its "
                "learning rate, or train it with `precision: fp32`."
            )
        return loss

    def _accumulate(
        self, number: int, stream: Stream, step: Step, limit: int | None
    ) -> tuple[Tensor, int, int]:
        """Add up the gradients of this process's micro-batches.

        Dropout is drawn per micro-batch, so that it does not matter which process computes it.

        Returns:
            This process's part of the step's mean loss; the whole step's real and processed
            tokens.
        """
        others = self.around.processes
        batches = share_out(stream, step, limit, others.count)
        weight = max(1, sum(batch.weight for batch in batches))
        device = self.around.device
        total = torch.zeros((), device=device)
        for position in range(others.rank, len(batches), others.count):
            _seed_dropout(unit_hash("dropout", self.seed, number, position) % (1 << 63), device)
            batch = batches[position].to(device)
            with torch.autocast(
                device.type, dtype=self.autocast, enabled=self.autocast is not None
            ):
                loss = stream.loss(batch) / weight
            torch.autograd.backward(loss)
            total += loss.detach()
        real = sum(batch.real_tokens for batch in batches)
        return total, real, sum(batch.processed_tokens for batch in batches)


def _seed_dropout(seed: int, device: torch.device) -> None:
    """Seed a device's generator; `torch.manual_seed` slowly notes where it is called from."""
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    else:
        torch.default_generator.manual_seed(seed)


def share_out(stream: Stream, step: Step, limit: int | None, processes: int) -> list[Batch]:
    """Return a step's micro-batches, enough of them that every process has its share of tokens."""
    batches = stream.micro_batches(step, limit)
    if processes == 1:
        return batches
    tokens = sum(batch.processed_tokens for batch in batches)
    share = max(1, -(-tokens // processes))
    return stream.micro_batches(step, share if limit is None else min(limit, share))
