"""Checkpoints: which are kept, and which are trusted."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from polystilts.training import checkpoint, loop
from polystilts.training.checkpoint import (
    clear_leftovers,
    load_checkpoint,
    save_checkpoint,
)
from training.killing import done, finish, start
from training.phases import PHASES, Place, World

HASTY = {"checkpoint_seconds": 0.0}


def trained(steps: int = 1) -> tuple[nn.Module, torch.optim.Optimizer]:
    """Return a model with moments, all different after every step."""
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    for _ in range(steps):
        model(torch.ones(1, 3)).square().sum().backward()
        optimizer.step()
        optimizer.zero_grad()
    return model, optimizer


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A folder of checkpoints after steps 3, 20 and 100, of which two are left."""
    for step in (3, 20, 100):
        assert save_checkpoint(tmp_path, step, *trained(step), {"real_tokens": 7 * step})
    return tmp_path


def restored(folder: Path) -> int | None:
    """Restore what is to be trusted, compare it with what was saved, and return its step."""
    model, optimizer = trained(1)
    saved = load_checkpoint(folder, model, optimizer)
    if saved is None:
        return None
    assert saved.facts == {"real_tokens": 7 * saved.step}
    expected, moments = trained(saved.step)
    for name, tensor in expected.state_dict().items():
        assert torch.equal(model.state_dict()[name], tensor), name
    found = optimizer.state_dict()["state"]
    for number, state in moments.state_dict()["state"].items():
        assert found[number].keys() == state.keys()
        for name, tensor in state.items():
            assert torch.equal(found[number][name], tensor), name
    return saved.step


def test_the_two_newest_are_kept(three: Path) -> None:
    assert sorted(path.name for path in three.iterdir()) == [
        "step-00000020.json",
        "step-00000020.safetensors",
        "step-00000100.json",
        "step-00000100.safetensors",
    ]
    assert restored(three) == 100
    assert restored(three / "none") is None


def flip(path: Path) -> None:
    """Turn one bit of the last number: the file is as readable as before."""
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


DAMAGE: dict[str, Callable[[Path, Path], object]] = {
    "tensors without manifest": lambda tensors, manifest: manifest.unlink(),
    "manifest without tensors": lambda tensors, manifest: tensors.unlink(),
    "tensors cut": lambda tensors, manifest: os.truncate(tensors, tensors.stat().st_size - 1),
    "tensors empty": lambda tensors, manifest: os.truncate(tensors, 0),
    "one bit": lambda tensors, manifest: flip(tensors),
    "manifest cut": lambda tensors, manifest: os.truncate(manifest, 40),
    "manifest empty": lambda tensors, manifest: os.truncate(manifest, 0),
    "manifest of nothing": lambda tensors, manifest: manifest.write_text("{}"),
    "manifest not text": lambda tensors, manifest: manifest.write_bytes(b"\xff\xfe\x00"),
    "no facts": lambda tensors, manifest: manifest.write_text(
        json.dumps({k: v for k, v in json.loads(manifest.read_text()).items() if k != "facts"})
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_what_is_damaged_is_not_trusted(
    three: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    newest = three / "step-00000100.safetensors"
    DAMAGE[name](newest, newest.with_suffix(".json"))
    assert restored(three) == 20
    told = "unreadable checkpoint step-00000100" in capsys.readouterr().err
    assert told == (name != "tensors without manifest"), "without a manifest it is none"
    older = three / "step-00000020.safetensors"
    DAMAGE[name](older, older.with_suffix(".json"))
    assert restored(three) is None


def test_what_killed_writers_left_is_removed(three: Path) -> None:
    kept = {path.name for path in three.iterdir()} | {"candidate-1.json", "candidate-1.safetensors"}
    for name in (
        "candidate-1.json",
        "candidate-1.safetensors",
        "candidate-2.safetensors",
        "step-00000101.safetensors",
        ".step-00000102.safetensors.77-abcdef01.tmp",
        ".step-00000100.json.77-abcdef01.tmp",
    ):
        (three / name).write_bytes(b"half")
    clear_leftovers(three)
    assert {path.name for path in three.iterdir()} == kept
    assert restored(three) == 100


CANDIDATE_DAMAGE: dict[str, Callable[[Path], object]] = {
    "missing": lambda tensors: tensors.unlink(),
    "one bit": flip,
    "no manifest": lambda tensors: tensors.with_suffix(".json").unlink(),
}


@pytest.mark.parametrize("name", CANDIDATE_DAMAGE)
def test_a_damaged_candidate_is_trained_again(
    tmp_path: Path, world: World, undisturbed: dict[str, str], name: str
) -> None:
    """A candidate is left after step 3, checkpoints after steps 2 and 4."""
    place, log = Place(tmp_path, HASTY), tmp_path / "log"

    def stopped() -> None:
        share_out, steps = loop.share_out, iter(range(1, 1000))
        save = checkpoint.save_checkpoint

        def counted(*arguments: Any) -> Any:
            if next(steps) == 6:
                os.kill(os.getpid(), signal.SIGKILL)
            return share_out(*arguments)

        def some(folder: Path, step: int, *rest: Any) -> bool:
            return step not in (2, 4) or save(folder, step, *rest)

        loop.share_out, loop.save_checkpoint = counted, some
        PHASES["selections"](world, place)

    assert finish(start(stopped, log)) == [-signal.SIGKILL], log.read_text("utf-8")
    assert (place.checkpoints(), place.candidates()) == ([2, 4], [3])
    CANDIDATE_DAMAGE[name](place.partial / "candidate-00000003.safetensors")
    done(lambda: PHASES["selections"](world, place), log)
    said = log.read_text("utf-8")
    assert "checkpoint step-00000004: an earlier model is gone, ignored" in said
    assert place.manifest()["progress"]["resumed_from"] == 2
    assert place.weights() == undisturbed["selections"]
