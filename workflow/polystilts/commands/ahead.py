"""Predictions made by the job that trained the model, ahead of their own jobs.

A process that has trained a small model spent most of its time on importing what it trained with,
and the next one would spend as much again to predict with it. So a training goes on to predict the
targets that its model serves, and leaves the predictions in `.partial/`, under the key of the job
that will ask for them; that job finds them there and takes them without importing anything. What
stands in a result, and when it is stale, is the same as if every job did its own work.
"""

import json
import logging
import shutil
import uuid
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from polystilts.provenance.manifest import is_current, read_key, read_manifest

# Beyond this an import is a small part of the time, and a cell that nobody asked for may stay away.
_MOST_ROWS = 10_000

_log = logging.getLogger(__name__)


def predict_ahead(step: str, requests: Sequence[str], arguments: Sequence[str]) -> None:
    """Run a prediction step once for each target that can be predicted by now.

    What fails here is logged and left to the target's own job, which reports it. On a GPU nothing
    is done: there, trainings are long, and what a library does when memory runs out may be the end
    of the process.

    Args:
        step: the command's name, `predict` or `predict_retrieval`.
        requests: JSON objects with `key`, `record`, `partial` and `output` of the target's own
            job, and `rows` and `rows_key`: its data's manifest, and the key that this must have
            been written under.
        arguments: the command's arguments that all targets share.
    """
    # a step's module, which would be heavy for the jobs that only take what is there
    from polystilts.training.encoder import pick_device

    if pick_device().type != "cpu":
        return
    for request in map(json.loads, requests):
        target = request["record"]["target"]
        try:
            if reason := _left_to_its_job(request):
                _log.info("%s: %s; its own job predicts it", target, reason)
            else:
                _predict(step, request, arguments)
                _log.info("%s: predicted ahead", target)
        except (Exception, SystemExit) as error:  # whatever it is, the training is done and good
            _log.warning("%s: not predicted ahead, its own job will: %r", target, error)


def _left_to_its_job(request: Mapping[str, Any]) -> str | None:
    rows = Path(request["rows"])
    if is_current(Path(request["output"]).with_suffix(".json"), request["key"]):
        return "it is predicted"
    if read_key(rows) != request["rows_key"]:
        return "its data is not there yet"
    if (size := _size(rows)) > _MOST_ROWS:
        return f"it has {size} examples"
    return None


def _predict(step: str, request: Mapping[str, Any], arguments: Sequence[str]) -> None:
    partial = Path(request["partial"])
    own_folder = _of_this_process(partial)
    output = own_folder / Path(request["output"]).name
    own = ["--rows", request["rows"], "--output", str(output), "--key", request["key"]]
    own += ["--record", json.dumps(request["record"])]
    try:
        import_module(f"polystilts.commands.{step}").main([*arguments, *own])
        shutil.rmtree(partial, ignore_errors=True)
        own_folder.replace(partial)
    finally:
        shutil.rmtree(own_folder, ignore_errors=True)


def adopt(partial: Path, output: Path, key: str) -> bool:
    """Move predictions that were made ahead to their place; tell whether there were any.

    They are taken if they were written under this job's key and are intact, and else thrown away.
    """
    own_folder = _of_this_process(partial)
    try:
        # from here on no other process of this key takes them, or puts others in their place
        partial.rename(own_folder)
    except FileNotFoundError:
        return False
    manifest = output.with_suffix(".json")
    found = is_current(own_folder / manifest.name, key)
    if found:
        output.parent.mkdir(parents=True, exist_ok=True)
        for path in (output, manifest):
            (own_folder / path.name).replace(path)
    shutil.rmtree(own_folder)
    return found


def _of_this_process(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.{uuid.uuid4().hex[:8]}")


def _size(manifest: Path) -> int:
    """Return how many examples of dev and test a target has."""
    splits = read_manifest(manifest)["splits"]
    return sum(
        facts["rows"] for name, facts in splits.items() if name.split(".", 1)[0] in ("dev", "test")
    )
