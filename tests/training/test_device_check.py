"""The checks of a device pass on a sound one, and each fails on the fault it looks for."""

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from polystilts.errors import PolystiltsError
from polystilts.training import device_check, loop, streams, trial
from polystilts.training.batches import Batch
from polystilts.training.checkpoint import save_tensors
from polystilts.training.device_check import (
    Check,
    check_bf16,
    check_losses,
    check_memory,
    check_resume,
    checked,
)
from polystilts.training.trial import Setting, Size, prepare, run_trial
from training.tiny import read_json

CPU, GPU = torch.device("cpu"), torch.device("cuda")
SIZE = Size(hidden=16, layers=1, heads=2, vocabulary=40, longest=12, batch=6, steps=8)


def test_the_trial_trains_both_kinds_of_steps_and_learns(tmp_path: Path) -> None:
    size = replace(SIZE, hidden=64, steps=40)
    plan = prepare(Setting(size)).plan
    assert {step.stream for step in plan} == {"task", "mlm"}
    assert len(plan) == 40
    found = run_trial(CPU, Setting(size), tmp_path)
    task = [loss for step, loss in zip(plan, found.losses, strict=True) if step.stream == "task"]
    assert task[-1] < 0.9 * task[0]
    assert list(tmp_path.iterdir()) == []


def test_losses_of_micro_batches_are_those_of_the_steps(tmp_path: Path) -> None:
    whole = run_trial(CPU, Setting(SIZE), tmp_path)
    parts = run_trial(CPU, Setting(SIZE, micro_batch_tokens=1), tmp_path)
    assert len(whole.losses) == SIZE.steps
    assert parts.losses == pytest.approx(whole.losses, rel=1e-4)


@pytest.mark.parametrize("check", [check_losses, check_bf16, check_memory, check_resume])
def test_a_sound_device_passes(check: Callable[[torch.device, Size], Check]) -> None:
    found = check(CPU, SIZE)
    assert found.outcome == "passed", found
    assert "differ by" in found.detail


def alter_second_training(monkeypatch: pytest.MonkeyPatch, **changes: float) -> None:
    calls: list[int] = []

    def train(*arguments: Any) -> Any:
        calls.append(1)
        given = list(arguments)
        if len(calls) == 2:
            given[3] = replace(given[3], **changes)
        return loop.train(*given)

    monkeypatch.setattr(trial, "train", train)


def test_a_device_whose_losses_differ_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    alter_second_training(monkeypatch, learning_rate=1.5 * trial.LEARNING_RATE)
    found = check_losses(CPU, SIZE)
    assert found.outcome == "failed"
    assert "losses on cpu and cpu differ by" in found.detail


def in_bf16(monkeypatch: pytest.MonkeyPatch, change: Callable[[Tensor], Tensor]) -> None:
    """Change the losses that are computed under autocast."""
    plain = streams.TaskStream.loss

    def loss(self: streams.TaskStream, batch: Batch) -> Tensor:
        value = plain(self, batch)
        return change(value) if torch.is_autocast_enabled("cpu") else value

    monkeypatch.setattr(streams.TaskStream, "loss", loss)


def test_losses_that_are_not_finite_in_bf16_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    in_bf16(monkeypatch, lambda loss: loss * math.nan)
    found = checked("bf16", lambda: check_bf16(CPU, SIZE))
    assert found.outcome == "failed"
    assert "the training diverged: at step 1 of 8" in found.detail


def test_losses_that_are_far_off_in_bf16_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    in_bf16(monkeypatch, lambda loss: loss * 1.1)
    assert check_bf16(CPU, SIZE).outcome == "failed"


def test_a_gpu_without_bf16_skips_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_check, "precision", lambda name, device: None)
    found = check_bf16(GPU, SIZE)
    assert (found.outcome, found.detail) == (
        "skipped",
        "this GPU does not compute in bf16; trainings take fp32 on it (`precision: auto`)",
    )


def test_micro_batches_that_lose_examples_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = streams.length_groups
    monkeypatch.setattr(streams, "length_groups", lambda *a: whole(*a)[:3])
    assert check_memory(CPU, SIZE).outcome == "failed"


def test_a_step_that_does_not_run_out_of_memory_checks_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(device_check, "step_tokens", lambda stream, step: (10**6, 12))
    found = check_memory(CPU, SIZE)
    assert found.outcome == "failed"
    assert "did not run out of memory" in found.detail


def test_memory_too_small_for_one_example_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_check, "step_tokens", lambda stream, step: (6, 3))
    found = checked("memory", lambda: check_memory(CPU, SIZE))
    assert found.outcome == "failed"
    assert "which is a single example" in found.detail


def damaged(change: Callable[[Path], None]) -> Callable[..., None]:
    """Return a `save_checkpoint` after which something happens to the file."""

    def save(folder: Path, *arguments: Any) -> bool:
        written = loop_save(folder, *arguments)
        change(max(folder.glob("step-*.safetensors")))
        return written

    return save


loop_save = loop.save_checkpoint


def rewrite(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write other tensors under a manifest that fits them."""
    manifest = read_json(path.with_suffix(".json"))
    save_tensors(path, tensors, step=manifest["step"], facts=manifest["facts"])


def flip(path: Path) -> None:
    tensors = load_file(path)
    name = "model.encoder.encoder.layer.0.output.dense.weight"
    tensors[name][0, 0] += 0.01
    rewrite(path, tensors)


def forget_moments(path: Path) -> None:
    tensors = load_file(path)
    moments = [name for name in tensors if name.endswith((".exp_avg", ".exp_avg_sq"))]
    assert moments
    tensors |= {name: torch.zeros_like(tensors[name]) for name in moments}
    rewrite(path, tensors)


@pytest.mark.parametrize("change", [flip, forget_moments])
def test_a_checkpoint_that_holds_something_else_fails(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    monkeypatch.setattr(loop, "save_checkpoint", damaged(change))
    found = check_resume(CPU, SIZE)
    assert found.outcome == "failed"
    assert "stopped after step 4 of 8 and continued: weights" in found.detail
    difference = re.search(r"differ by (\S+) ", found.detail)
    # a GPU that sums up in any order would not be taken for it
    assert difference and float(difference[1]) > device_check.GPU_WEIGHT_TOLERANCE


def test_a_checkpoint_that_cannot_be_read_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "save_checkpoint", damaged(lambda path: path.write_bytes(b"")))
    found = check_resume(CPU, SIZE)
    assert found.outcome == "failed"
    assert found.detail == "stopped after step 4, but went on from step 0"


@pytest.mark.parametrize(
    "error", [PolystiltsError("diverged"), RuntimeError("CUDA error"), OSError("disk full")]
)
def test_a_check_that_breaks_is_a_failed_check(error: Exception) -> None:
    def broken() -> Check:
        raise error

    found = checked("losses", broken)
    assert (found.name, found.outcome) == ("losses", "failed")
    assert str(error) in found.detail


@pytest.mark.parametrize("lost", [math.nan, math.inf])
def test_no_number_is_no_agreement(lost: float) -> None:
    for a, b in (([1.0, 2.0], [1.0, lost]), ([1.0, lost], [1.0, lost]), ([1.0], [1.0, 2.0])):
        assert device_check._furthest(a, b) == math.inf
    assert device_check._compared("losses", lost, 1e-3, "losses").outcome == "failed"


class Card:
    """What `torch.cuda` says of a GPU on which a token takes 10 bytes and a model 100."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.peak = 0
        self.fractions: list[float] = []
        stands_in: dict[str, Callable[..., Any]] = {
            "empty_cache": lambda: None,
            "reset_peak_memory_stats": lambda: setattr(self, "peak", 0),
            "max_memory_allocated": lambda: self.peak,
            "max_memory_reserved": lambda: self.peak + 50,
            "current_device": lambda: 0,
            "get_device_properties": lambda device: type("Card", (), {"total_memory": 10_000}),
            "set_per_process_memory_fraction": self.fractions.append,
        }
        for name, function in stands_in.items():
            monkeypatch.setattr(torch.cuda, name, function)

    def attempt(self, tokens: int) -> Any:
        self.peak = 100 + 10 * tokens


def test_a_gpu_is_left_less_memory_than_the_step_takes_and_gets_it_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    card = Card(monkeypatch)
    whole, quarter = 100 + 10 * 400, 100 + 10 * 100 + 50
    with device_check._memory_below(GPU, card.attempt, 400):
        (fraction,) = card.fractions
        assert quarter < fraction * 10_000 < whole
    assert card.fractions[1:] == [1.0]
    with pytest.raises(KeyError), device_check._memory_below(GPU, card.attempt, 400):
        raise KeyError
    assert card.fractions[3:] == [1.0]


def test_a_gpu_on_which_tokens_hardly_count_cannot_be_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    card = Card(monkeypatch)
    with (
        pytest.raises(RuntimeError, match="4 tokens take 140 bytes, a quarter of them 160"),
        device_check._memory_below(GPU, card.attempt, 4),
    ):
        pass
    assert card.fractions == []
