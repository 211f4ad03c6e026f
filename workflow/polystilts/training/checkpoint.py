"""Resumable state of a training, under `.partial/<key>/`.

A checkpoint is one safetensors file: trainable weights, optimiser moments, and the step in its
metadata. Everything else (which batch, which mask, which dropout) is a function of the step.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from polystilts.provenance.atomic import atomic_path

_KEPT = 2


def save_checkpoint(
    folder: Path,
    step: int,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write the state after `step` optimiser steps; the two newest checkpoints are kept.

    `facts` is what was counted so far, as JSON can hold it.
    """
    tensors = {f"model.{name}": p.detach().cpu() for name, p in _trainable(model)}
    for name, parameter in _trainable(model):
        for field, value in optimizer.state.get(parameter, {}).items():
            tensors[f"optimizer.{name}.{field}"] = torch.as_tensor(value).detach().cpu()
    with atomic_path(_path(folder, step)) as temporary:
        save_file(tensors, temporary, {"step": str(step), "facts": json.dumps(facts or {})})
    for old in _checkpoints(folder)[:-_KEPT]:
        old.unlink(missing_ok=True)


def load_checkpoint(folder: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    """Restore the newest readable checkpoint and return its step, or 0 where there is none."""
    for path in reversed(_checkpoints(folder)):
        try:
            with safe_open(path, framework="pt") as file:
                names: list[str] = list(file.keys())
                tensors = {name: file.get_tensor(name) for name in names}
                step = int(file.metadata()["step"])
        except (SafetensorError, OSError, KeyError, ValueError) as error:
            print(f"unreadable checkpoint {path.name} ({error}): ignored", file=sys.stderr)
            continue
        with torch.no_grad():
            for name, parameter in _trainable(model):
                parameter.copy_(tensors[f"model.{name}"])
                prefix = f"optimizer.{name}."
                optimizer.state[parameter] = {
                    key.removeprefix(prefix): tensor.to(
                        "cpu" if key.endswith(".step") else parameter.device
                    )
                    for key, tensor in tensors.items()
                    if key.startswith(prefix)
                }
        return step
    return 0


def checkpoint_facts(folder: Path, step: int) -> dict[str, Any]:
    """Return what had been counted when the checkpoint of a step was written."""
    with safe_open(_path(folder, step), framework="pt") as file:
        facts: dict[str, Any] = json.loads(file.metadata()["facts"])
    return facts


def _path(folder: Path, step: int) -> Path:
    return folder / f"step-{step:08d}.safetensors"


def _trainable(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    return [(name, p) for name, p in model.named_parameters() if p.requires_grad]


def _checkpoints(folder: Path) -> list[Path]:
    return sorted(folder.glob("step-*.safetensors"))
