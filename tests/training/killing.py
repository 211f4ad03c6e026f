"""Child processes that tests may kill, stop, and start again.

They are forked from the tests' own process, which has imported torch already: a child that is
killed costs a fraction of a second. What they say goes into a file.
"""

import multiprocessing
import os
import socket
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

from polystilts.training.stopping import EXIT_STATUS, StoppedBySignal

PATIENCE = 60.0
_FORK = multiprocessing.get_context("fork")


def start(work: Callable[[], object], log: Path, **variables: str) -> BaseProcess:
    """Start a child that does some work, with further environment variables."""
    log.parent.mkdir(parents=True, exist_ok=True)
    child = _FORK.Process(target=_child, args=(work, log, variables))
    child.start()
    return child


def _child(work: Callable[[], object], log: Path, variables: dict[str, str]) -> None:
    os.environ.update(variables)
    messages = log.open("a", encoding="utf-8", buffering=1)
    for number in (1, 2):
        os.dup2(messages.fileno(), number)
    sys.stdout = sys.stderr = messages
    try:
        work()
    except StoppedBySignal as stopped:
        print(stopped, file=sys.stderr)
        sys.exit(EXIT_STATUS)


def finish(*children: BaseProcess) -> list[int]:
    """Wait for children and return their exit statuses; a signal that ended one is negative."""
    deadline = time.monotonic() + PATIENCE
    for child in children:
        child.join(max(0.0, deadline - time.monotonic()))
    late = [child for child in children if child.exitcode is None]
    for child in late:
        child.kill()
        child.join()
    assert not late, f"{len(late)} of {len(children)} processes did not end"
    return [int(child.exitcode or 0) for child in children]


def done(work: Callable[[], object], log: Path) -> None:
    """Do some work in a child, which must end well."""
    assert finish(start(work, log)) == [0], log.read_text("utf-8")


def until(condition: Callable[[], bool], *children: BaseProcess) -> None:
    """Wait for a condition that children that live on will fulfil."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert all(child.exitcode is None for child in children), "a process ended too early"
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.002)


def start_together(work: Sequence[Callable[[], object]], log: Path) -> list[BaseProcess]:
    """Start processes of one training, described to them as torchrun does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    return [
        start(
            one,
            log.with_name(f"{log.stem}-{rank}.log"),
            RANK=str(rank),
            LOCAL_RANK=str(rank),
            WORLD_SIZE=str(len(work)),
            MASTER_ADDR="127.0.0.1",
            MASTER_PORT=port,
        )
        for rank, one in enumerate(work)
    ]
