"""One training in several processes, one per GPU, started by torchrun."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType

from polystilts.training.stopping import EXIT_STATUS, SIGNALS

# How long a training may take to end its step and to write its state.
_SECONDS_TO_STOP = 600


def is_one_of_several() -> bool:
    """Tell whether torchrun started this process together with others."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def run_in_several(count: int, module: str, arguments: Sequence[str] | None) -> int:
    """Run a command in several processes and return how they ended, as one of them would.

    SIGTERM and SIGUSR1 are handed on, and make this exit as `polystilts.training.stopping` says.
    """
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nnodes=1"]
    command += [f"--nproc-per-node={count}", f"--shutdown-timeout={_SECONDS_TO_STOP}"]
    command += ["--signals-to-handle=" + ",".join(number.name for number in SIGNALS)]
    own = sys.argv[1:] if arguments is None else arguments
    asked: list[int] = []
    child: subprocess.Popen[bytes] | None = None

    def hand_on(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        if child is not None:
            child.send_signal(number)

    before = {number: signal.signal(number, hand_on) for number in SIGNALS}
    try:
        with subprocess.Popen([*command, "-m", module, *own]) as child:
            # what came before there was anyone to hand it on to
            for number in asked:
                child.send_signal(number)
            status = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return EXIT_STATUS if asked and status else status
