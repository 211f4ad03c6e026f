"""What a training did so far: counted for its manifest, and told while it runs."""

import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field

import torch

_LOG_EVERY_SECONDS = 5.0


def say(message: str) -> None:
    """Tell what happens. A log on a full disk takes nothing in, which must end no training."""
    with suppress(OSError):
        print(message, file=sys.stderr, flush=True)


@dataclass
class Progress:
    """What a training did, for `training.json`: also before it was killed and resumed.

    `micro_batch_tokens` is the limit it goes on with, after memory ran out or as configured.
    """

    steps: int = 0
    resumed_from: int = 0
    real_tokens: int = 0
    processed_tokens: int = 0
    seconds: float = 0.0
    computed_in: str = ""
    micro_batch_tokens: int | None = None
    losses: list[dict[str, float | str]] = field(default_factory=list)


def note_precision(progress: Progress, device: torch.device, autocast: torch.dtype | None) -> None:
    """Record what is computed in, for `training.json`: `auto` depends on the machine."""
    computed_in = f"{'bf16' if autocast else 'fp32'} on {device.type}"
    if progress.computed_in not in ("", computed_in):
        message = f"was computed in {progress.computed_in} so far, goes on in {computed_in}"
        say(f"WARNING: this training {message}")
        computed_in = f"{progress.computed_in}, then {computed_in}"
    progress.computed_in = computed_in


class Reporter:
    """Logs step, loss, tokens per second and the time left, every five seconds."""

    def __init__(self, steps: int, progress: Progress, talks: bool = True) -> None:
        self._steps = steps
        self._first = progress.resumed_from
        self._progress = progress
        self._talks = talks
        self._earlier_tokens = progress.real_tokens
        self._earlier_seconds = progress.seconds
        self._start = self._last = time.monotonic()
        self._sums: dict[str, list[float]] = {}
        if self._first:
            self._say(f"resumed after step {self._first} of {steps}")

    def elapsed(self) -> float:
        """Return the seconds trained so far, those before a resumption included."""
        return self._earlier_seconds + self._own_seconds()

    def _own_seconds(self) -> float:
        return time.monotonic() - self._start

    def report(self, step: int, stream: str, loss: float) -> None:
        """Take a step's loss in, and say how things stand if that was long ago."""
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
        self._say(f"step {step}/{self._steps} loss {shown} {speed:,.0f} tokens/s {left:.0f} s left")
        self._progress.losses += [
            {"step": step, "stream": name, "loss": round(mean, 4)} for name, mean in means.items()
        ]
        self._sums = {}

    def _say(self, message: str) -> None:
        if self._talks:
            say(message)
