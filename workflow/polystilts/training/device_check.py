"""Is a device fit to train on? The training loop itself, on a small encoder with random weights.

Every check returns what was compared, how far apart it was, and how far apart it may be.
"""

import json
import math
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from safetensors.torch import load_file
from torch import Tensor

from polystilts.errors import PolystiltsError
from polystilts.training.encoder import precision
from polystilts.training.launch import run_in_several
from polystilts.training.micro_batches import step_tokens
from polystilts.training.trial import Setting, Size, StoppedError, Trial, prepare, run_trial

Outcome = Literal["passed", "failed", "skipped"]

# Relative differences of a step's loss over 20 steps. Measured on a CPU: 1e-7 with sums in another
# order, 7e-4 with factors rounded as TF32 does, 1e-2 with a learning rate that is 1 % larger.
LOSS_TOLERANCE = 1e-3
# Measured: 3e-3.
BF16_TOLERANCE = 2e-2
# Of the step's update, by length. Measured: 1e-6, as micro-batches sum up in another order.
UPDATE_TOLERANCE = 1e-3
# Of a weight, where a GPU sums up in any order. A resumption without Adam's moments: 3e-3.
GPU_WEIGHT_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Check:
    """The outcome of one check, and what was found in words."""

    name: str
    outcome: Outcome
    detail: str


def checked(name: str, check: Callable[[], Check]) -> Check:
    """Run a check; what breaks in it is a failed check, so that the others still run."""
    try:
        return check()
    except (PolystiltsError, RuntimeError, OSError, ValueError) as error:
        return Check(name, "failed", f"{type(error).__name__}: {error}")


def check_losses(device: torch.device, size: Size) -> Check:
    """Compare the losses of a training on the CPU and on `device`, both in fp32."""
    setting = Setting(size)
    expected, found = _losses(torch.device("cpu"), setting), _losses(device, setting)
    difference = _furthest(expected, found)
    compared = f"{len(found)} optimiser steps in fp32: losses on cpu and {device.type}"
    return _compared("losses", difference, LOSS_TOLERANCE, compared)


def check_bf16(device: torch.device, size: Size) -> Check:
    """Compare the losses of a training in bf16 autocast with those in fp32, on `device`."""
    name = "bf16"
    if device.type == "cuda" and precision("auto", device) is None:
        reason = "this GPU does not compute in bf16; trainings take fp32 on it (`precision: auto`)"
        return Check(name, "skipped", reason)
    plain, half = (_losses(device, Setting(size, precision=kind)) for kind in ("fp32", "bf16"))
    compared = f"{len(half)} optimiser steps on {device.type}: losses in bf16 and in fp32"
    return _compared(name, _furthest(plain, half), BF16_TOLERANCE, compared)


def check_memory(device: torch.device, size: Size) -> Check:
    """Let a step run out of memory, which is then repeated in smaller parts; compare the update.

    On a GPU torch is given less memory than the step takes; elsewhere that is simulated.
    """
    name = "memory"
    setting = Setting(replace(size, batch=4 * size.batch), steps=1)
    prepared = prepare(setting)
    first = prepared.plan[0]
    whole, _ = step_tokens(prepared.streams[first.stream], first)
    start = {n: tensor.clone() for n, tensor in prepared.trainee.state_dict().items()}
    del prepared
    expected = _trial(device, setting)
    capacity = None if device.type == "cuda" else whole // 3
    limited = replace(setting, capacity=capacity, micro_batch_tokens=whole)

    def attempt(tokens: int) -> Trial:
        return _trial(device, replace(limited, micro_batch_tokens=tokens))

    with _memory_below(device, attempt, whole):
        found = _trial(device, limited)
    tokens = found.micro_batch_tokens
    if tokens == whole:
        return Check(name, "failed", f"{whole} tokens at once did not run out of memory as planned")
    moved = _length(expected.weights, start)
    difference = _length(found.weights, expected.weights) / moved if moved else math.inf
    ran_out = "memory ran out" if capacity is None else "simulated memory ran out"
    compared = f"{ran_out} on {whole} tokens at once: the update of the step repeated with {tokens}"
    return _compared(name, difference, UPDATE_TOLERANCE, f"{compared} and that of the whole")


def check_processes(device: torch.device, size: Size) -> Check:
    """Train in two processes that share every step, and compare the weights with those of one.

    On two GPUs over NCCL; on a CPU over Gloo.
    """
    name = "two"
    if device.type == "cuda" and torch.cuda.device_count() < 2:
        return Check(name, "skipped", "there is one GPU; with several, each trains a share")
    expected = _trial(device, Setting(size))
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "weights.safetensors"
        arguments = [str(output), json.dumps(asdict(size)), device.type]
        status = run_in_several(2, "polystilts.training.trial", arguments)
        if status:
            return Check(name, "failed", f"the two processes ended with status {status}")
        found = load_file(output)
    start = prepare(Setting(size)).trainee.state_dict()
    moved = _length(expected.weights, {n: tensor.cpu() for n, tensor in start.items()})
    difference = _length(found, expected.weights) / moved if moved else math.inf
    compared = f"{size.steps} optimiser steps in two processes and in one: the whole update"
    return _compared(name, difference, UPDATE_TOLERANCE, compared)


def check_resume(device: torch.device, size: Size) -> Check:
    """Stop a training in its middle, go on from its checkpoint, and compare the weights.

    With dropout. On the CPU they must be the same bits; a GPU adds up in any order.
    """
    name = "resume"
    setting = Setting(size, dropout=0.1)
    stop = size.steps // 2
    expected, again = _trial(device, setting), _trial(device, setting)
    with tempfile.TemporaryDirectory() as folder:
        with suppress(StoppedError):
            run_trial(device, replace(setting, stop_before=stop), Path(folder))
        found = run_trial(device, setting, Path(folder))
    if found.resumed_from != stop:
        reason = f"stopped after step {stop}, but went on from step {found.resumed_from}"
        return Check(name, "failed", reason)
    difference = _largest(expected.weights, found.weights)
    tolerance = 0.0 if device.type == "cpu" else GPU_WEIGHT_TOLERANCE
    compared = f"stopped after step {stop} of {size.steps} and continued: weights with and without"
    check = _compared(name, difference, tolerance, compared)
    noise = _largest(expected.weights, again.weights)
    return replace(check, detail=f"{check.detail}; the same training twice: {noise:.1e}")


def _trial(device: torch.device, setting: Setting) -> Trial:
    with tempfile.TemporaryDirectory() as folder:
        return run_trial(device, setting, Path(folder))


def _losses(device: torch.device, setting: Setting) -> list[float]:
    return _trial(device, setting).losses


def _compared(name: str, difference: float, tolerance: float, compared: str) -> Check:
    # written so that a difference that is no number fails
    outcome: Outcome = "passed" if difference <= tolerance else "failed"
    detail = f"{compared} differ by {difference:.1e} (at most {tolerance:.0e})"
    return Check(name, outcome, detail)


def _furthest(expected: list[float], found: list[float]) -> float:
    """Return the largest relative difference of losses; infinite where one is not finite."""
    if len(expected) != len(found) or not all(map(math.isfinite, expected + found)):
        return math.inf
    return max(abs(a - b) / max(abs(a), 1e-12) for a, b in zip(expected, found, strict=True))


def _largest(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> float:
    differences = [(ours[name] - theirs[name]).abs().max() for name in ours]
    return float(torch.stack(differences).max())


def _length(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> float:
    squares = [(ours[name].double() - theirs[name].double()).square().sum() for name in ours]
    return math.sqrt(float(torch.stack(squares).sum()))


@contextmanager
def _memory_below(
    device: torch.device, attempt: Callable[[int], Trial], tokens: int
) -> Iterator[None]:
    """Give torch too little of a GPU's memory for `tokens` at once, but enough for a quarter."""
    if device.type != "cuda":
        yield
        return
    whole, _ = _peak(attempt, tokens)
    _, quarter = _peak(attempt, tokens // 4)
    if quarter >= whole:
        raise RuntimeError(f"{tokens} tokens take {whole} bytes, a quarter of them {quarter}")
    total = torch.cuda.get_device_properties(torch.cuda.current_device()).total_memory
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction((whole + quarter) / 2 / total)
    try:
        yield
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def _peak(attempt: Callable[[int], Trial], tokens: int) -> tuple[int, int]:
    """Return the bytes that tensors took at most, and what torch took from the GPU for them."""
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    attempt(tokens)
    return torch.cuda.max_memory_allocated(), torch.cuda.max_memory_reserved()
