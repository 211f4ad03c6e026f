"""The commands that train, stopped by a signal: exit status, messages, and what goes on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from polystilts.commands import fine_tune
from polystilts.commands.step import run
from polystilts.training.stopping import EXIT_STATUS
from training.killing import PATIENCE, done, finish, start
from training.phases import (
    Place,
    World,
    family_record,
    fine_tune_record,
    intermediate_record,
    run_fine_tune,
)


def said(place: Place) -> str:
    return (place.folder / "log").read_text("utf-8")


def command(record: dict[str, Any], world: World, place: Place) -> list[str]:
    """Return the arguments of the command that fine-tunes."""
    rows = str(world.files["classification"])
    return [
        "--start", str(world.encoder / "encoder.json"),
        "--tokenizer", str(world.encoder / "tokenizer.json"),
        "--english", rows,
        "--dev", rows,
        "--manifest", str(place.output / "training.json"),
        "--partial", str(place.partial),
        "--key", "k",
        "--record", json.dumps(record),
    ]  # fmt: skip


def started(module: str, arguments: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("w") as messages:
        return subprocess.Popen(
            [sys.executable, "-m", f"polystilts.commands.{module}", *arguments],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.DEVNULL,
            stderr=messages,
        )


def after_a_candidate(process: subprocess.Popen[bytes], place: Place, number: int) -> int:
    """Send a signal once a first model was left aside, and return the exit status."""
    deadline = time.monotonic() + 2 * PATIENCE
    while not place.candidates():
        assert process.poll() is None, said(place)
        assert time.monotonic() < deadline, said(place)
        time.sleep(0.005)
    process.send_signal(number)
    return process.wait(PATIENCE)


def stopped_at(place: Place, steps: int) -> int:
    """Return the step it stopped at, which is in the middle, of which it said so once."""
    (step,) = place.checkpoints()
    assert 0 < step < steps
    assert said(place).count("stopped after") == 1
    assert f"stopped after step {step} of {steps}: its state is written" in said(place)
    return step


def test_the_command_ends_with_its_own_status(tmp_path: Path, world: World) -> None:
    place = Place(tmp_path)
    task = family_record("classification", epochs=5)
    record = fine_tune_record(task=task, selections=["averaged"], evaluations=30)
    process = started("fine_tune", command(record, world, place), place.folder / "log")
    assert after_a_candidate(process, place, signal.SIGTERM) == EXIT_STATUS, said(place)
    assert said(place).endswith("stopped by SIGTERM; run again to go on\n")
    assert "Traceback" not in said(place)
    step, whole = stopped_at(place, 30), Place(tmp_path / "whole")
    for at in (place, whole):
        done(lambda: run_fine_tune(record, world, at), tmp_path / "log")  # noqa: B023
    assert place.manifest()["progress"]["resumed_from"] == step
    assert place.weights() == whole.weights()


def test_a_signal_while_it_predicts_ahead_ends_the_command(tmp_path: Path, world: World) -> None:
    """What it does ahead may fail and be left to its own job: to be stopped is no failure."""
    place = Place(tmp_path)
    request = {
        "step": "predict",
        "name": "xnli",
        "key": "p",
        "record": {},
        "options": {},
        "partial": str(tmp_path / "ahead"),
        "output": str(tmp_path / "predictions.parquet"),
        "data": str(world.files["classification"].with_name("manifest.json")),
        "data_key": "rows",
        "ahead": [],
    }
    arguments = [*command(fine_tune_record(), world, place), "--ahead", json.dumps(request)]

    def work(predicted: Callable[[], object]) -> None:
        from polystilts.commands import predict

        predict.main = lambda argv: predicted()
        run(lambda argv: fine_tune.main(arguments))

    def stopped() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        print("it went on", file=sys.stderr)

    log = tmp_path / "log"
    assert finish(start(lambda: work(stopped), log)) == [EXIT_STATUS], said(place)
    assert said(place).endswith("stopped by SIGTERM; run again to go on\n")
    assert "it went on" not in said(place)
    assert "step 12/12" in said(place)
    # Snakemake removes what a job wrote that did not end well
    shutil.rmtree(place.output)
    log.unlink()
    done(lambda: work(lambda: print("predicted", file=sys.stderr)), log)
    assert "predicted" in said(place)
    assert "step" not in said(place), "it does not train again"
    assert place.manifest()["key"] == "k"
    assert not place.partial.exists()


def test_torchrun_hands_a_signal_on(tmp_path: Path, world: World) -> None:
    """Two processes under torchrun, which the command starts: all of it ends, in good order."""
    place = Place(tmp_path)
    tasks = {"classification": family_record("classification", epochs=5)}
    record = intermediate_record(
        "classification", tasks=tasks, selection="averaged", evaluations=30
    )
    rows = f"classification={world.files['classification']}"
    arguments = [
        "--encoder", str(world.encoder / "encoder.json"),
        "--english", rows,
        "--corpora", rows,
        "--dev", rows,
        "--manifest", str(place.output / "training.json"),
        "--partial", str(place.partial),
        "--processes", "2",
        "--key", "k",
        "--record", json.dumps(record),
    ]  # fmt: skip
    process = started("train_intermediate", arguments, place.folder / "log")
    assert after_a_candidate(process, place, signal.SIGUSR1) == EXIT_STATUS, said(place)
    assert not place.output.exists()
    assert stopped_at(place, 30) in place.candidates()
