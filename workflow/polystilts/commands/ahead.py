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
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from polystilts.errors import PolystiltsError
from polystilts.provenance.manifest import is_current, read_key, read_manifest

# Beyond this an import is a small part of the time, and a cell that nobody asked for may stay away.
_MOST_ROWS = 10_000

_log = logging.getLogger(__name__)


def predict_ahead(step: str, requests: Sequence[str], arguments: Sequence[str]) -> None:
    """Run a prediction step once for each target that can be predicted by now.

    What fails here is logged and left to the target's own job, which reports it.

    Args:
        step: the command's name, `predict` or `predict_retrieval`.
        requests: JSON objects with `key`, `record`, `partial` and `output` of the target's own
            job, and `rows` and `rows_key`: its data's manifest, and the key that this must have
            been written under.
        arguments: the command's arguments that all targets share.
    """
    for request in map(json.loads, requests):
        partial, rows = Path(request["partial"]), Path(request["rows"])
        target = request["record"]["target"]
        if read_key(rows) != request["rows_key"]:
            _log.info("%s: its data is not there yet; its own job predicts it", target)
            continue
        if (size := _size(rows)) > _MOST_ROWS:
            _log.info("%s: %d examples; its own job predicts them", target, size)
            continue
        output = partial / Path(request["output"]).name
        own = ["--rows", str(rows), "--output", str(output), "--key", request["key"]]
        own += ["--record", json.dumps(request["record"])]
        try:
            import_module(f"polystilts.commands.{step}").main([*arguments, *own])
            _log.info("%s: predicted ahead", target)
        except (PolystiltsError, OSError, ValueError, RuntimeError) as error:
            _log.warning("%s: not predicted ahead, its own job will: %s", target, error)
            shutil.rmtree(partial, ignore_errors=True)


def adopt(partial: Path, output: Path, key: str) -> bool:
    """Move predictions that were made ahead to their place; tell whether there were any.

    They are taken if they were written under this job's key and are intact, and else left alone.
    """
    manifest = output.with_suffix(".json")
    if not is_current(partial / manifest.name, key):
        return False
    output.parent.mkdir(parents=True, exist_ok=True)
    for path in (output, manifest):
        (partial / path.name).replace(path)
    shutil.rmtree(partial)
    return True


def _size(manifest: Path) -> int:
    """Return how many examples of dev and test a target has."""
    splits = read_manifest(manifest)["splits"]
    return sum(
        facts["rows"] for name, facts in splits.items() if name.split(".", 1)[0] in ("dev", "test")
    )
