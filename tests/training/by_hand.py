"""The weights of a training after a step, by stopping it there."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file
from torch import Tensor

from polystilts.training.progress import Reporter
from polystilts.training.stopping import StoppedBySignal, Stopper


def weights_after(
    step: int, training: Callable[[Path, Stopper], None], partial: Path
) -> dict[str, Tensor]:
    """Return the weights that a training changes, as they are in the checkpoint after `step`.

    Args:
        training: runs the training; takes the folder of its resumable state, and its stopper.
    """
    stopper = Stopper()

    def report(self: Reporter, number: int, stream: str, loss: float) -> None:
        if number == step:
            stopper.receive(signal.SIGTERM, None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reporter, "report", report)
        with pytest.raises(StoppedBySignal):
            training(partial, stopper)
    tensors = load_file(partial / f"step-{step:08d}.safetensors")
    return {
        name.removeprefix("model."): tensor
        for name, tensor in tensors.items()
        if name.startswith("model.")
    }
