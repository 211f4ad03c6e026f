"""Resumable state of a training, under `.partial/<key>/`.

A checkpoint is a safetensors file, with trainable weights and optimiser moments, and a JSON
manifest beside it, with the step, what was counted, and the digest of the tensors. The manifest is
written last: what is interrupted before it is no checkpoint. Everything else (which batch, which
mask, which dropout) is a function of the step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from polystilts.errors import DamagedFileError
from polystilts.provenance.atomic import atomic_path
from polystilts.provenance.manifest import verify, write_manifest
from polystilts.training.progress import say

_KEPT = 2


@dataclass(frozen=True)
class Saved:
    """A checkpoint that was restored: its step, and what had been counted by then."""

    step: int
    facts: dict[str, Any]


def save_checkpoint(
    folder: Path,
    step: int,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    facts: Mapping[str, Any] | None = None,
) -> bool:
    """Write the state after `step` optimiser steps; the two newest checkpoints are kept.

    Where the disk refuses, the earlier checkpoints stay and training may go on: this is said, and
    told by the result.

    Args:
        facts: what was counted so far, as JSON can hold it.
    """
    tensors = {f"model.{name}": p.detach() for name, p in trainable(model)}
    for name, parameter in trainable(model):
        for field, value in optimizer.state.get(parameter, {}).items():
            tensors[f"optimizer.{name}.{field}"] = torch.as_tensor(value)
    try:
        save_tensors(folder / f"step-{step:08d}.safetensors", tensors, step=step, facts=facts or {})
    except (OSError, SafetensorError) as error:
        message = f"no checkpoint could be written after step {step} ({error}); training goes on"
        say(f"WARNING: {message}")
        return False
    for old in _manifests(folder)[:-_KEPT]:
        # the manifest first: tensors without one are no checkpoint
        old.unlink(missing_ok=True)
        old.with_suffix(".safetensors").unlink(missing_ok=True)
    return True


def clear_leftovers(folder: Path) -> None:
    """Delete what a killed process left half-written; the caller holds the training's lock."""
    for path in folder.glob(".*.tmp"):
        path.unlink(missing_ok=True)
    for pattern in ("step-*.safetensors", "candidate-*.safetensors"):
        for path in folder.glob(pattern):
            if not path.with_suffix(".json").exists():
                path.unlink(missing_ok=True)


def load_checkpoint(
    folder: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    complete: Callable[[int], bool] = lambda step: True,
) -> Saved | None:
    """Restore the newest intact checkpoint; None where there is none.

    `complete` tells of a step whether all else that a training leaves on its way there is intact.
    """
    for path in reversed(_manifests(folder)):
        try:
            manifest = verify(path)
            tensors = load_file(path.with_suffix(".safetensors"))
            saved = Saved(int(manifest["step"]), dict(manifest["facts"]))
        except (DamagedFileError, SafetensorError, OSError, KeyError, ValueError) as error:
            say(f"unreadable checkpoint {path.stem} ({error}): ignored")
            continue
        if not complete(saved.step):
            say(f"checkpoint {path.stem}: an earlier model is gone, ignored")
            continue
        _restore(tensors, model, optimizer)
        return saved
    return None


def _restore(
    tensors: Mapping[str, Tensor], model: nn.Module, optimizer: torch.optim.Optimizer
) -> None:
    with torch.no_grad():
        for name, parameter in trainable(model):
            parameter.copy_(tensors[f"model.{name}"])
            prefix = f"optimizer.{name}."
            optimizer.state[parameter] = {
                key.removeprefix(prefix): tensor.to(parameter.device)
                for key, tensor in tensors.items()
                if key.startswith(prefix)
            }


def save_tensors(path: Path, tensors: Mapping[str, Tensor], **facts: object) -> None:
    """Write tensors and, once they are there, the manifest beside them.

    Raises:
        OSError or SafetensorError: the disk refuses; nothing of either file stays.
    """
    stored = {name: tensor.to("cpu").contiguous() for name, tensor in tensors.items()}
    with atomic_path(path) as temporary:
        save_file(stored, temporary)
    try:
        write_manifest(path.with_suffix(".json"), path.stem, [path], **facts)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def trainable(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """Return the names and weights that a training changes."""
    return [(name, p) for name, p in model.named_parameters() if p.requires_grad]


def _manifests(folder: Path) -> list[Path]:
    return sorted(folder.glob("step-*.json"))
