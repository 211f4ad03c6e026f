"""Work that the job of a training does ahead of the jobs that follow it.

A process that has trained a small model spent most of its time on importing what it trained with,
and each of the next ones would spend as much again. So a training goes on with what follows from
its model: an encoder or an intermediate checkpoint is fine-tuned on the targets, a fine-tuned model
predicts them, predictions are scored. The results are left in `.partial/`, under the key of the job
that will ask for them; that job finds them there, compares them with their manifest and moves them
to their place without importing anything. What stands in a result, and when it is stale, is the
same as if every job did its own work.
"""

import json
import logging
import os
import shutil
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from polystilts.provenance.manifest import is_current, read_key, read_manifest

Request = Mapping[str, Any]


class _Step(NamedTuple):
    """A command that can be run ahead, up to which size of data: the rest is left to its job.

    Beyond it an import is a small part of the time, what nobody asked for may stay away, and jobs
    side by side are done sooner than one after the other.
    """

    output: str
    splits: tuple[str, ...] = ()
    most_rows: int = 0
    trains: bool = False


_STEPS = {
    "predict": _Step("--output", ("dev", "test"), 10_000),
    "predict_retrieval": _Step("--output", ("dev", "test"), 10_000),
    "fine_tune": _Step("--manifest", ("train",), 2_000, trains=True),
    "score": _Step("--output"),
}
# The miniature's encoders have 1.3 MB; the smallest published ones ten times what is allowed here.
_MOST_BYTES_TO_TRAIN = 8 << 20

_log = logging.getLogger(__name__)


def go_on(manifest: Path, partial: Path, requests: Sequence[str], arguments: Sequence[str]) -> None:
    """Do what follows from a model that this process has trained, and end the training's job.

    Args:
        manifest: the trained model's, which is complete.
        partial: the training's own resumable state, removed at the end. Until then it holds the
            trained model too, so that a job that is killed here does not train again.
        requests: as `work_ahead` takes them.
        arguments: the command's arguments that all requests share.
    """
    if requests:
        _keep(manifest, partial)
    work_ahead(manifest, requests, arguments)
    # last of all: a job that is ended before it is done starts again, from here
    shutil.rmtree(partial, ignore_errors=True)


def work_ahead(manifest: Path, requests: Sequence[str], arguments: Sequence[str]) -> None:
    """Do what follows from a result of this process.

    What fails here is logged and left to its own job, which reports it. On a GPU nothing is done:
    there, trainings are long, and what a library does when memory runs out may be the end of the
    process.

    Args:
        manifest: the result's, which is complete.
        requests: JSON objects with `step` (the command to run), `name`, `key`, `record`, `options`
            (further arguments), `partial` and `output` of the job that will ask for what is made;
            `data` and `data_key`, its data's manifest and the key that this must have been written
            under (null where it reads nothing else); and `ahead`, the requests that follow from it.
        arguments: the command's arguments that all requests share.
    """
    for request in map(json.loads, requests):
        what = f"{request['step']} {request['name']}"
        try:
            if reason := _left_to_its_job(request, manifest):
                _log.info("%s: %s", what, reason)
            else:
                _make(request, arguments)
                _log.info("%s: done ahead", what)
        except (Exception, SystemExit) as error:  # whatever it is, the training is done and good
            _log.warning("%s: not done ahead, its own job will do it: %r", what, error)
            shutil.rmtree(request["partial"], ignore_errors=True)


def restore(partial: Path, manifest: Path, key: str) -> bool:
    """Put what was finished ahead of this job in its place; tell whether there was anything.

    It is taken if it was written under this job's key and is intact. `partial` stays as it is, so
    that a job that is killed on the way finds everything there again.
    """
    made = partial / manifest.name
    if not is_current(made, key):
        return False
    try:
        for name in (*read_manifest(made)["files"], manifest.name):
            _place(partial / name, manifest.with_name(name))
    except FileNotFoundError:  # another process of this key was faster
        return False
    return True


def adopt(partial: Path, manifest: Path, key: str) -> bool:
    """Put in its place what was finished ahead, as `restore` does, and leave nothing behind."""
    found = restore(partial, manifest, key)
    shutil.rmtree(partial, ignore_errors=True)
    return found


def _place(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # a file system without hard links
        source.replace(target)
    # newer than the job's inputs, even if what they were made from was itself restored meanwhile
    os.utime(target)


def _keep(manifest: Path, partial: Path) -> None:
    """Hold on to a finished model, as Snakemake removes what a killed job has written."""
    partial.mkdir(parents=True, exist_ok=True)
    try:
        for name in (*read_manifest(manifest)["files"], manifest.name):
            kept = partial / name
            kept.unlink(missing_ok=True)
            os.link(manifest.with_name(name), kept)
    except OSError as error:  # then a job that is killed trains again, from its last checkpoint
        _log.info("%s is not kept meanwhile: %s", manifest, error)


def _left_to_its_job(request: Request, manifest: Path) -> str | None:
    """Return why a request is not to be done here, or None."""
    step = _STEPS[request["step"]]
    partial, output, key = Path(request["partial"]), Path(request["output"]), request["key"]
    if is_current(output.with_suffix(".json"), key, quietly=True):
        return "it is done"
    # of a fine-tuning that was made, some predictions may be missing
    if not step.trains and is_current(_manifest(partial, output), key, quietly=True):
        return "it was done ahead before"
    if request["data"] is None:
        return None
    if read_key(Path(request["data"])) != request["data_key"]:
        return "its data is not there yet; its own job does it"
    if (rows := _rows(request, step)) > step.most_rows:
        return f"it has {rows} examples; its own job does it"
    if step.trains and (size := _size(manifest)) > _MOST_BYTES_TO_TRAIN:
        return f"the model has {size} bytes; its own job does it"
    # only now: importing it takes longer than all the rest
    from polystilts.training.encoder import pick_device

    if pick_device().type != "cpu":
        return "there is a GPU; its own job does it"
    return None


def _make(request: Request, arguments: Sequence[str]) -> None:
    step = _STEPS[request["step"]]
    partial = Path(request["partial"])
    own = [*arguments, "--key", request["key"], "--record", json.dumps(request["record"])]
    own += [step.output, str(partial / Path(request["output"]).name)]
    for option, value in request["options"].items():
        own += [option, *([value] if isinstance(value, str) else value)]
    if step.trains:
        own += ["--partial", str(partial / "state")]
    if request["ahead"]:
        own += ["--ahead", *map(json.dumps, request["ahead"])]
    import_module(f"polystilts.commands.{request['step']}").main(own)


def _manifest(partial: Path, output: Path) -> Path:
    return partial / output.with_suffix(".json").name


def _rows(request: Request, step: _Step) -> int:
    """Return how many examples a step would read."""
    splits = read_manifest(Path(request["data"]))["splits"]
    rows: int = sum(
        facts["rows"] for name, facts in splits.items() if name.split(".", 1)[0] in step.splits
    )
    most = request["record"]["task"]["examples"] if step.trains else None
    return rows if most is None else min(rows, most)


def _size(manifest: Path) -> int:
    """Return the bytes of all that a manifest names."""
    return sum(entry["bytes"] for entry in read_manifest(manifest)["files"].values())
