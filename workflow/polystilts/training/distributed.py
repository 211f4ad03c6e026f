"""One training on several devices: every process computes a share of each step's micro-batches.

Losses are sums divided by the step's total weight, so that the sum of the processes' gradients is
the gradient of the step, however unequal their shares are. Processes are started by torchrun, which
describes them in the environment; without it there is one.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed
from torch import Tensor, nn

from polystilts.provenance.lock import exclusive
from polystilts.training.encoder import pick_device

# The others wait while the first process tokenises, examines the model and writes it.
_PATIENCE = timedelta(hours=6)


@dataclass(frozen=True)
class Processes:
    """The processes of one training; `rank` is this one's number, the first one writes."""

    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    def any(self, flag: bool) -> bool:
        """Tell whether the flag is set in any process; all must ask."""
        if self.count == 1:
            return flag
        return bool(self.sum(torch.tensor([float(flag)])))

    def sum(self, tensor: Tensor) -> Tensor:
        """Add a tensor up over the processes, on the device that they communicate through."""
        if self.count == 1:
            return tensor
        placed = tensor.to(communication_device())
        torch.distributed.all_reduce(placed)
        return placed.to(tensor.device)

    def sum_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Replace every gradient by its sum over the processes, all in one message.

        A weight that took part in the step in no process stays without one, as it does where there
        is one process: the optimiser then leaves it, and what it knows of it, alone.
        """
        if self.count == 1:
            return
        took_part = [float(p.grad is not None) for p in parameters]
        flat = torch.cat(
            [
                *(
                    torch.zeros_like(p).view(-1) if p.grad is None else p.grad.reshape(-1)
                    for p in parameters
                ),
                torch.tensor(took_part, device=parameters[0].device),
            ]
        )
        torch.distributed.all_reduce(flat)
        everywhere = flat[-len(parameters) :].tolist()
        position = 0
        for parameter, parts in zip(parameters, everywhere, strict=True):
            size = parameter.numel()
            if parts:
                parameter.grad = flat[position : position + size].view_as(parameter)
            position += size

    def wait(self) -> None:
        """Wait for all processes."""
        if self.count > 1:
            torch.distributed.barrier()

    @contextmanager
    def exclusive(self, path: Path) -> Iterator[None]:
        """Hold the lock of a training; the first process holds it for all."""
        if self.is_first:
            with exclusive(path):
                self.wait()
                yield
                self.wait()
        else:
            self.wait()
            yield
            self.wait()


@contextmanager
def processes() -> Iterator[Processes]:
    """Join the processes that torchrun started, over NCCL between GPUs and Gloo between CPUs."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Processes()
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(pick_device())
    backend = "nccl" if torch.cuda.is_available() else "gloo"
    torch.distributed.init_process_group(backend, timeout=_PATIENCE)
    try:
        yield Processes(torch.distributed.get_rank(), count)
    finally:
        torch.distributed.destroy_process_group()


def communication_device() -> torch.device:
    """Return where tensors must lie for the processes to exchange them."""
    return pick_device() if torch.distributed.get_backend() == "nccl" else torch.device("cpu")
