"""SIGKILL at random moments: does every phase of training end with the same bits?

    python benchmarks/resume.py [--kills 20] [--seed 1] [--folder FOLDER]

A training runs undisturbed, without checkpoints. Then it runs again and again, with a checkpoint
after every step, and is killed after a random time, in some runs several times in a row; started
until it ends, its weights must have the digest of the first. Moments are spread evenly over the
run, its start included; every other kill then waits for the next file that is half written. Prints
a Markdown table; exit status 1 if any digest differs.
"""

import argparse
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

# Children are forked from this process, which has imported all they need.
from resume_phases import PHASES, Phase, Place, World, make_world

from polystilts.provenance.hashing import file_digest
from polystilts.provenance.manifest import read_manifest

# every so many runs are killed this often before they may end
IN_A_ROW, EVERY = 3, 4
RARELY, ALWAYS = 1e9, 0.0


@dataclass
class Outcome:
    """What became of a phase's killed runs."""

    steps: int
    runs: int = 0
    kills: int = 0
    half_written: int = 0
    different: int = 0
    resumed_from: list[int] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=20, help="killed runs of each phase")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where they write, a disk's by default")
    arguments = parser.parse_args()
    print("| phase | steps | runs | kills | during a write | resumed from step | equal |")
    print("|---|---:|---:|---:|---:|---|---|", flush=True)
    begin = time.monotonic()
    different = kills = 0
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        world = make_world(folder / "world")
        for title, phase in PHASES.items():
            draw = random.Random(f"{arguments.seed} {title}")
            found = kill_phase(phase, world, folder, arguments.kills, draw)
            different, kills = different + found.different, kills + found.kills
            print(row(title, found), flush=True)
    print(f"\n{kills} kills in {time.monotonic() - begin:.0f} s, seed {arguments.seed}")
    sys.exit(1 if different else 0)


def row(title: str, found: Outcome) -> str:
    later = [step for step in found.resumed_from if step]
    anew = len(found.resumed_from) - len(later)
    resumed = f"{min(later)}–{max(later)}" if later else "–"
    if anew:
        resumed += f", {anew} × from the start"
    equal = "yes" if not found.different else f"NO: {found.different} of {found.runs} differ"
    cells = (title, found.steps, found.runs, found.kills, found.half_written, resumed, equal)
    return "| " + " | ".join(map(str, cells)) + " |"


def kill_phase(phase: Phase, world: World, folder: Path, runs: int, draw: random.Random) -> Outcome:
    reference = Place(folder / "reference", RARELY)
    finish(phase, world, reference)
    expected, manifest = result(reference)
    begin = time.monotonic()
    timed = Place(folder / "timed", ALWAYS)
    finish(phase, world, timed)
    seconds = time.monotonic() - begin
    found = Outcome(manifest["progress"]["steps"])
    found.different += result(timed)[0] != expected
    for number in range(runs):
        place = Place(folder / "killed", ALWAYS)
        part = (number + draw.random()) / runs
        begin = time.monotonic()
        while not killed(phase, world, place, part * seconds, found, in_write=number % 2 == 1):
            # it was done sooner than when it was timed
            seconds = min(0.9 * seconds, time.monotonic() - begin)
            shutil.rmtree(place.folder)
            begin = time.monotonic()
        if number % EVERY == EVERY - 1:
            for _ in range(IN_A_ROW - 1):
                killed(phase, world, place, draw.uniform(0.0, seconds / 2), found, in_write=False)
        finish(phase, world, place)
        weights, manifest = result(place)
        found.runs += 1
        found.different += weights != expected
        found.resumed_from.append(manifest["progress"]["resumed_from"])
        shutil.rmtree(place.folder)
    for place in (reference, timed):
        shutil.rmtree(place.folder)
    return found


def killed(
    phase: Phase, world: World, place: Place, seconds: float, found: Outcome, in_write: bool
) -> bool:
    """Start a training and kill it after so many seconds; tell whether it was still running.

    With `in_write` it is killed as soon after that as a file is half written.
    """
    child = start(phase, world, place)
    child.join(seconds)
    while in_write and child.exitcode is None and not half_written(place.partial):
        time.sleep(0.0005)
    child.kill()
    child.join()
    if child.exitcode == 0:
        return False
    if child.exitcode != -signal.SIGKILL:
        sys.exit(f"a training failed by itself: {messages(place)}")
    found.kills += 1
    found.half_written += half_written(place.partial)
    return True


def half_written(partial: Path) -> bool:
    """Tell whether there is a temporary file, or one of tensors whose manifest is to come."""
    try:
        names = set(os.listdir(partial))  # noqa: PTH208 - asked as often as can be
    except FileNotFoundError:
        return False
    return any(
        name.endswith(".tmp")
        or (name.endswith(".safetensors") and name.replace(".safetensors", ".json") not in names)
        for name in names
    )


def finish(phase: Phase, world: World, place: Place) -> None:
    child = start(phase, world, place)
    child.join()
    if child.exitcode != 0:
        sys.exit(f"a training failed: {messages(place)}")


def start(phase: Phase, world: World, place: Place) -> Any:
    place.folder.mkdir(parents=True, exist_ok=True)
    child = multiprocessing.get_context("fork").Process(target=_work, args=(phase, world, place))
    child.start()
    return child


def _work(phase: Phase, world: World, place: Place) -> None:
    log = os.open(place.folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, sys.stderr.fileno())
    phase(world, place)


def messages(place: Place) -> str:
    return (place.folder / "log").read_text("utf-8")


def result(place: Place) -> tuple[str, dict[str, Any]]:
    """Return the digest of the weights and the manifest beside them."""
    (manifest,) = (*place.output.glob("training.json"), *place.output.glob("encoder.json"))
    return file_digest(place.output / "model.safetensors"), read_manifest(manifest)


if __name__ == "__main__":
    main()
