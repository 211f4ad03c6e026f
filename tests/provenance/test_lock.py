"""One holder at a time, across processes, and a dead one holds nothing."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from polystilts.provenance.lock import exclusive
from repository import REPOSITORY

HOLD = """
import sys
from pathlib import Path
from polystilts.provenance.lock import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(lock: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "workflow")},
    )


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "partial" / "key.lock"


@pytest.fixture
def first(lock: Path) -> Iterator[subprocess.Popen[str]]:
    process = holder(lock)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def second(lock: Path, first: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """A process that was seen to wait for the first."""
    process = holder(lock)
    assert process.stderr is not None
    assert process.stderr.readline() == f"waiting: another process holds {lock}\n"
    ready, _, _ = select.select([process.stdout], [], [], 0.2)
    assert not ready
    yield process
    process.kill()
    process.communicate()


def holds(process: subprocess.Popen[str]) -> bool:
    assert process.stdout is not None
    return process.stdout.readline() == "held\n"


def test_the_second_waits_for_the_first_to_end(
    first: subprocess.Popen[str], second: subprocess.Popen[str]
) -> None:
    first.communicate(timeout=10)
    assert holds(second)
    assert first.returncode == 0


def test_a_killed_holder_lets_go(
    first: subprocess.Popen[str], second: subprocess.Popen[str]
) -> None:
    first.send_signal(signal.SIGKILL)
    assert holds(second)


def test_an_error_lets_go(lock: Path) -> None:
    with pytest.raises(ValueError, match="x"), exclusive(lock):
        raise ValueError("x")
    process = holder(lock)
    assert holds(process)
    process.kill()
    process.communicate()


def test_locks_of_other_keys_are_free(first: subprocess.Popen[str], lock: Path) -> None:
    with exclusive(lock.with_name("other.lock")):
        assert first.poll() is None
