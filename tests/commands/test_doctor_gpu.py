"""`polystilts doctor --gpu`: a line per check, and a status that scripts can go by."""

import subprocess
import sys

import pytest
import torch

from polystilts.commands.doctor_gpu import check_gpu
from polystilts.training import device_check, trial
from polystilts.training.device_check import Check
from repository import REPOSITORY

SMALL = trial.Size(hidden=16, layers=1, heads=2, vocabulary=40, longest=12, batch=6, steps=4)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "Size", lambda: SMALL)


@pytest.mark.parametrize(
    ("cuda", "reason"), [(None, "was built without CUDA"), ("13.0", "sees no GPU")]
)
def test_without_a_gpu_nothing_is_checked_and_that_is_a_failure(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    cuda: str | None,
    reason: str,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", cuda)
    assert check_gpu() == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("failed  gpu ")
    assert f"{reason}, nothing was checked" in line


def test_all_checks_on_the_cpu(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_gpu("cpu") == 0
    lines = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
    assert [name for _, name, _ in lines] == [
        "losses", "bf16", "faiss", "memory", "resume", "two",
    ]  # fmt: skip
    assert {outcome for outcome, name, _ in lines if name != "faiss"} == {"passed"}


@pytest.mark.parametrize(("outcome", "status"), [("failed", 1), ("skipped", 0)])
def test_one_failed_check_is_a_failure_and_the_others_still_run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    outcome: device_check.Outcome,
    status: int,
) -> None:
    found = Check("losses", outcome, "for a reason")
    monkeypatch.setattr(device_check, "check_losses", lambda device, size: found)
    assert check_gpu("cpu") == status
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{outcome:<8}losses  for a reason"
    assert len(lines) == 6


def test_the_command_itself_is_light() -> None:
    program = "import sys, polystilts.commands.doctor_gpu; print('torch' in sys.modules)"
    finished = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(REPOSITORY / "workflow")},
        capture_output=True,
        text=True,
    )
    assert finished.stdout == "False\n", finished.stderr
