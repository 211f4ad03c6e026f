"""A training that was killed at any moment ends with the bits of one that was not."""

import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from polystilts.training import checkpoint, selection
from training.killing import done, finish, start, until
from training.phases import PHASES, Place, World, make_world

# a checkpoint after every step, so that most kills hit the writing of one
HASTY = {"checkpoint_seconds": 0.0}
KILLS = 3


@dataclass(frozen=True)
class Undisturbed:
    """What a training ends with that nothing disturbs, and about how long it takes."""

    weights: str
    manifest: dict[str, Any]
    seconds: float


@pytest.fixture(scope="module")
def room() -> Iterator[Path]:
    shared = Path("/dev/shm")
    where = shared if os.access(shared, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="polystilts-", dir=where) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def world(room: Path) -> World:
    return make_world(room / "world")


@pytest.fixture(scope="module")
def undisturbed(room: Path, world: World) -> dict[str, Undisturbed]:
    found = {}
    for name, phase in PHASES.items():
        place = Place(room / name)
        begin = time.monotonic()
        done(lambda: phase(world, place), room / "log")  # noqa: B023 - done at once
        seconds = time.monotonic() - begin
        assert place.checkpoints() == [], "it wrote no checkpoint, as it was fast enough"
        found[name] = Undisturbed(place.weights(), place.manifest(), seconds)
    return found


@pytest.mark.parametrize("name", PHASES)
def test_killed_at_any_time(
    folder: Path, world: World, undisturbed: dict[str, Undisturbed], name: str
) -> None:
    expected = undisturbed[name]
    draw = random.Random(name)
    resumed = []
    for kill in range(KILLS):
        place = Place(folder / str(kill), HASTY)
        # every other one is killed again, soon after it went on
        moments = [expected.seconds * (kill + draw.random()) / KILLS] + [0.2] * (kill % 2)
        for moment in moments:
            child = start(lambda: PHASES[name](world, place), folder / "log")  # noqa: B023
            time.sleep(moment)
            child.kill()
            assert finish(child)[0] in (-signal.SIGKILL, 0), (folder / "log").read_text("utf-8")
        done(lambda: PHASES[name](world, place), folder / "log")  # noqa: B023
        assert place.weights() == expected.weights
        assert_counted(place.manifest(), expected.manifest)
        resumed.append(place.manifest()["progress"]["resumed_from"])
    assert max(resumed) > 0, "it was killed before there was anything to resume"


def assert_counted(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """What a manifest says must not depend on how often a training was killed."""
    varying = {"resumed_from", "seconds", "losses"}
    for facts, others in ((found, expected), (expected, found)):
        assert facts.keys() == others.keys()
        for name in facts.keys() - {"progress", "record"}:
            assert facts[name] == others[name], name
        for name in facts["progress"].keys() - varying:
            assert facts["progress"][name] == others["progress"][name], name


@pytest.mark.parametrize("moment", ["tensors", "before-manifest", "in-manifest"])
@pytest.mark.parametrize("what", ["step", "candidate"])
def test_killed_while_it_writes(
    folder: Path, world: World, undisturbed: dict[str, Undisturbed], moment: str, what: str
) -> None:
    """Killed for certain where a file is half there, not by chance."""
    place = Place(folder, HASTY)
    ready = folder / "ready"
    child = start(lambda: halt_in(moment, what, ready, world, place), folder / "log")
    until(ready.exists, child)
    half = sorted(path.name for path in place.partial.iterdir())
    child.kill()
    assert finish(child) == [-signal.SIGKILL]
    if moment == "before-manifest":
        assert any(name.startswith(what) and name.endswith(".safetensors") for name in half)
        assert len([n for n in half if n.startswith(what) and n.endswith(".json")]) == 1
    else:
        assert any(name.startswith(f".{what}") and name.endswith(".tmp") for name in half)
    done(lambda: PHASES["selections"](world, place), folder / "log")
    assert place.weights() == undisturbed["selections"].weights
    assert place.manifest()["progress"]["resumed_from"] > 0
    leftovers = [p.name for p in place.partial.iterdir() if p.name.endswith(".tmp")]
    assert leftovers == []


def halt_in(moment: str, what: str, ready: Path, world: World, place: Place) -> None:
    """Train until a second checkpoint or candidate is half written, say so, and wait there."""
    seen = 0

    def halt() -> None:
        ready.touch()
        signal.pause()

    def is_second(path: Path) -> bool:
        nonlocal seen
        seen += path.name.lstrip(".").startswith(what)
        return seen == 2 and path.name.lstrip(".").startswith(what)

    save, manifest = checkpoint.save_file, checkpoint.write_manifest

    def save_half(tensors: Any, path: Path, **options: Any) -> None:
        save(tensors, path, **options)
        if moment == "tensors" and is_second(path):
            os.truncate(path, path.stat().st_size // 2)
            halt()

    def manifest_half(path: Path, *arguments: Any, **facts: Any) -> None:
        if moment == "before-manifest" and is_second(path):
            halt()
        if moment == "in-manifest" and is_second(path):
            path.with_name(f".{path.name}.1-0.tmp").write_text('{"key": "k", "fi')
            halt()
        manifest(path, *arguments, **facts)

    checkpoint.save_file, checkpoint.write_manifest = save_half, manifest_half
    assert selection.save_tensors is checkpoint.save_tensors, "candidates are written with it too"
    PHASES["selections"](world, place)
