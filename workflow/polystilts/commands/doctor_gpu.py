"""`polystilts doctor --gpu`: is this machine's GPU fit to train on?"""

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from polystilts.commands.step import FAILED

if TYPE_CHECKING:
    import torch

    from polystilts.training.device_check import Check


def check_gpu(device: str | None = None) -> int:
    """Print one line per check: passed, failed or skipped, its name, what was found.

    Returns 1 if a check failed, or if there is no GPU and so nothing to check. `device` is for
    machines without one: `cpu` checks the CPU against itself.
    """
    # only now: importing it takes longer than all other commands
    import torch

    if device is None and not torch.cuda.is_available():
        reason = "sees no GPU" if torch.version.cuda else "was built without CUDA"
        hint = "run this on the GPU node, in the environment of `envs/gpu.yaml`"
        _print("failed", "gpu", f"torch {torch.__version__} {reason}, nothing was checked: {hint}")
        return FAILED
    chosen = torch.device(device or "cuda")
    print(f"checking {_title(chosen)}: about five minutes", file=sys.stderr, flush=True)
    failed = False
    for check in _checks(chosen):
        _print(check.outcome, check.name, check.detail)
        failed |= check.outcome == "failed"
    return FAILED if failed else 0


def _checks(device: "torch.device") -> Iterator["Check"]:
    from polystilts.evaluation.device_check import check_search
    from polystilts.training import device_check as training
    from polystilts.training.trial import Size

    checks: dict[str, Callable[[], Check]] = {
        "losses": lambda: training.check_losses(device, Size()),
        "bf16": lambda: training.check_bf16(device, Size()),
        "faiss": check_search,
        "memory": lambda: training.check_memory(device, Size()),
        "resume": lambda: training.check_resume(device, Size()),
        "two": lambda: training.check_processes(device, Size()),
    }
    for name, check in checks.items():
        yield training.checked(name, check)


def _title(device: "torch.device") -> str:
    import torch

    if device.type != "cuda":
        return f"{device.type}, torch {torch.__version__}"
    properties = torch.cuda.get_device_properties(device)
    memory = f"{properties.total_memory / 2**30:.0f} GiB"
    return f"{properties.name}, {memory}, torch {torch.__version__}"


def _print(outcome: str, name: str, detail: str) -> None:
    print(f"{outcome:<8}{name:<8}{detail}", flush=True)
