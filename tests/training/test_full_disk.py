"""Where the disk is full: a warning, what was there before, and the same bits at the end."""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from polystilts.errors import PolystiltsError
from polystilts.training import loop
from polystilts.training.checkpoint import save_checkpoint
from polystilts.training.selection import Candidates
from polystilts.training.stopping import EXIT_STATUS, stoppable
from training.killing import done, finish, start
from training.phases import PHASES, Place, World

HASTY = {"checkpoint_seconds": 0.0}
STEPS = 12


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let the kernel refuse to make any file of this process larger, as a full disk does."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def test_a_refusal_leaves_the_earlier_checkpoints(tmp_path: Path) -> None:
    """Neither what is written nor what is said finds room; both are done without."""
    place, log = tmp_path / "partial", tmp_path / "log"
    model = nn.Linear(3, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=1)
    for step in (1, 2):
        assert save_checkpoint(place, step, model, optimizer)
    before = {path.name: path.read_bytes() for path in place.iterdir()}

    def refused() -> None:
        with largest_file(64):
            assert not save_checkpoint(place, 3, model, optimizer)
        # tensors that fit, and a manifest that does not
        facts = {"losses": [0.5] * 5000}
        with largest_file(8192):
            assert not save_checkpoint(place, 3, model, optimizer, facts)

    done(refused, log)
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before
    warnings = log.read_text("utf-8").splitlines()
    assert len(warnings) == 2, "the first had to wait for room, too"
    for line in warnings:
        assert line.startswith("WARNING: no checkpoint could be written after step 3 (")
        assert line.endswith("); training goes on")


def test_a_file_system_that_is_full(tmp_path: Path) -> None:
    """A file system of its own, where the kernel allows one: the reason is the true one."""
    mounted, log = tmp_path / "mounted", tmp_path / "log"
    mounted.mkdir()

    def fill() -> None:
        mount_small(mounted)
        model = nn.Linear(100, 90)
        optimizer = torch.optim.SGD(model.parameters(), lr=1)
        assert save_checkpoint(mounted, 1, model, optimizer)
        assert not save_checkpoint(mounted, 2, model, optimizer)
        print(*sorted(path.name for path in mounted.iterdir()))

    status = finish(start(fill, log))
    said = log.read_text("utf-8")
    if status == [CANNOT_MOUNT]:
        pytest.skip(said)
    assert status == [0], said
    warning, *left = said.splitlines()
    assert "no checkpoint could be written after step 2 (" in warning
    assert "No space left on device" in warning
    assert left == ["step-00000001.json step-00000001.safetensors"]


CANNOT_MOUNT = 3


def mount_small(folder: Path) -> None:
    """Mount a file system of 64 KiB that only this process sees."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    new_user, new_mounts = 0x10000000, 0x00020000
    if libc.unshare(new_user | new_mounts) == 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
        if libc.mount(b"none", bytes(folder), b"tmpfs", 0, b"size=64k") == 0:
            return
    print(f"no file system can be mounted here: {os.strerror(ctypes.get_errno())}")
    sys.exit(CANNOT_MOUNT)


def on_a_disk_that_fills(world: World, place: Place, signalled: bool = False) -> None:
    """Train where from step 5 to step 8 nothing can be written; a signal comes in step 7."""
    share_out = loop.share_out
    steps = iter(range(1, 1000))
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def counted(*arguments: Any) -> Any:
        step = next(steps)
        if step == 5:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
        if step == 9:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        if step == 7 and signalled:
            os.kill(os.getpid(), signal.SIGTERM)
        return share_out(*arguments)

    loop.share_out = counted
    with stoppable() as stopper:
        PHASES["static"](world, Place(place.folder, HASTY, stopper))


def test_training_goes_on_while_the_disk_is_full(
    tmp_path: Path, world: World, undisturbed: dict[str, str]
) -> None:
    place, log = Place(tmp_path), tmp_path / "log"
    done(lambda: on_a_disk_that_fills(world, place), log)
    lines = [line for line in log.read_text("utf-8").splitlines() if "no checkpoint" in line]
    assert [line.split(" (")[0] for line in lines] == [
        f"WARNING: no checkpoint could be written after step {step}" for step in (5, 6, 7, 8)
    ]
    assert place.checkpoints() == [STEPS - 1, STEPS]
    assert place.weights() == undisturbed["static"]


def test_a_stop_on_a_full_disk_goes_back_to_the_last_checkpoint(
    tmp_path: Path, world: World, undisturbed: dict[str, str]
) -> None:
    place, log = Place(tmp_path), tmp_path / "log"
    assert finish(start(lambda: on_a_disk_that_fills(world, place, True), log)) == [EXIT_STATUS]
    assert "stopped after step 7 of 12: it goes on from its last checkpoint" in log.read_text()
    assert place.checkpoints() == [3, 4]
    done(lambda: PHASES["static"](world, place), log)
    assert place.manifest()["progress"]["resumed_from"] == 4
    assert place.weights() == undisturbed["static"]


def test_a_candidate_that_cannot_be_written_ends_the_training(
    tmp_path: Path, world: World, undisturbed: dict[str, str]
) -> None:
    """A selection cannot do without it. What was trained before is not lost."""
    place, log = Place(tmp_path, HASTY), tmp_path / "log"

    def refused() -> None:
        after_step = Candidates.after_step

        def limited(self: Candidates, step: int, model: nn.Module) -> None:
            with largest_file(20_000) if step == 6 else nullcontext():
                after_step(self, step, model)

        Candidates.after_step = limited  # type: ignore[method-assign]
        with pytest.raises(PolystiltsError, match="the weights after step 6, which a selection"):
            PHASES["selections"](world, place)

    done(refused, log)
    assert (place.checkpoints(), place.candidates()) == ([4, 5], [3])
    done(lambda: PHASES["selections"](world, place), log)
    assert place.manifest()["progress"]["resumed_from"] == 5
    assert place.weights() == undisturbed["selections"]
