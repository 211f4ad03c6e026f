"""SIGTERM and SIGUSR1 end a training at its next step, with its state written.

Schedulers send them before they kill: SLURM sends SIGTERM when time is up or a job is preempted,
and `--signal=USR1@120` asks it to send SIGUSR1 two minutes earlier.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGUSR1)
# sysexits.h: a temporary failure, try again later
EXIT_STATUS = 75


class StoppedBySignal(BaseException):
    """A training was asked to stop, and did.

    No `Exception`, so that nothing that deals with errors takes it for one.
    """


class Stopper:
    """Whether a training was asked to stop. Outside of its steps it stops at once."""

    def __init__(self) -> None:
        self.asked_by: str | None = None
        self._waits = False

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Take a signal."""
        self.asked_by = signal.Signals(number).name
        if not self._waits:
            raise self._stopped()

    @contextmanager
    def between_steps(self) -> Iterator[None]:
        """Let whoever is inside look at `asked_by` between steps.

        A signal that came after the last look stops at the end.
        """
        self._waits = True
        try:
            yield
        finally:
            self._waits = False
        if self.asked_by is not None:
            raise self._stopped()

    def _stopped(self) -> StoppedBySignal:
        return StoppedBySignal(f"stopped by {self.asked_by}; run again to go on")


@contextmanager
def stoppable() -> Iterator[Stopper]:
    """Take SIGTERM and SIGUSR1 from here on, in a process's main thread."""
    own = Stopper()
    if threading.current_thread() is not threading.main_thread():
        yield own
        return
    before = {number: signal.signal(number, own.receive) for number in SIGNALS}
    try:
        yield own
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
