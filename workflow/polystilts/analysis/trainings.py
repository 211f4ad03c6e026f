"""The trainings behind a matrix, as their `training.json` files tell of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from polystilts.errors import InputError
from polystilts.provenance.hashing import digest
from polystilts.provenance.manifest import read_manifest

MLM = "mlm"
TASK = "task"
_EXAMINED = ("accuracy", "n", "chance", "collapsed")
# fields of a training's record that are no settings, or are looked at on their own
_ELSEWHERE = (
    *("seed", "name", "intermediate", "objective", "task", "tasks"),
    *("training", "multi_task", "mlm"),
)
_COUNTS = ("inputs", "windows", "truncated")


@dataclass(frozen=True)
class Place:
    """Which model of a study a training made; `fine_tune` is empty for an intermediate one."""

    encoder: str
    arm: str
    intermediate: str
    fine_tune: str
    seed: int

    def __str__(self) -> str:
        fine_tune = f", fine-tune {self.fine_tune}" if self.fine_tune else ""
        return f"arm {self.arm}, intermediate {self.intermediate}{fine_tune}, seed {self.seed}"


@dataclass(frozen=True)
class Examination:
    """A trained head on its task's English dev set: percent, and whether it is above chance."""

    task: str
    accuracy: float
    n: int
    chance: float
    collapsed: bool


@dataclass(frozen=True)
class HandedOn:
    """Which weights an intermediate training handed on.

    `step` is None for a mean of several; `level` is the accuracy on English dev that they were to
    reach, and `reached` whether they did, both None where none was set.
    """

    selection: str
    step: int | None
    level: float | None
    reached: bool | None


@dataclass(frozen=True)
class Training:
    """One training.

    Attributes:
        steps_per_stream: optimiser steps by task, and by `mlm`.
        inputs, windows, truncated: of one pass over all its tasks; the mean of a corpus's copies.
        examples: by task, before they are cut into windows; all copies have the same.
        english_dev: empty where no head was trained (another objective than `task`).
        plan: digest of which examples stood in which step.
        objective: `task`, or `masked-lm` where the tasks' text was trained on without their heads.
        settings: hyper-parameters by name, `… of <task>` where they are a task's own.
        handed_on: None for a fine-tune, which may leave several sets of weights.
        masked: settings of masked-LM steps, `share` among them; empty without such steps.
        key: content key.
    """

    place: Place
    steps: int
    steps_per_stream: Mapping[str, int]
    examples: Mapping[str, float]
    inputs: float
    windows: float
    truncated: float
    real_tokens: int
    processed_tokens: int
    seconds: float
    computed_in: str
    english_dev: tuple[Examination, ...]
    plan: str
    objective: str
    settings: Mapping[str, object]
    masked: Mapping[str, object]
    handed_on: HandedOn | None
    key: str

    @property
    def hyper_parameters(self) -> str:
        """The digest of all settings, those of masked-LM steps left out."""
        return digest(self.settings)

    @property
    def collapsed(self) -> tuple[str, ...]:
        """The tasks whose head is not above chance on English dev."""
        return tuple(item.task for item in self.english_dev if item.collapsed)


def read_training(path: Path, place: Place) -> Training:
    """Return what a `training.json` says; the weights that it lists may be gone.

    Raises:
        DamagedFileError: it is missing or is no manifest.
        InputError: a field is missing.
    """
    manifest = read_manifest(path)
    plan, progress = _field(path, manifest, "plan"), _field(path, manifest, "progress")
    record = _field(path, manifest, "record")
    settings, counts = _by_task(path, manifest, place)
    totals = {name: sum(_mean(path, task, name) for task in counts.values()) for name in _COUNTS}
    objective = TASK if place.fine_tune else _field(path, record, "objective")
    examined = _examinations(path, manifest, counts if objective == TASK else ())
    return Training(
        place=place,
        steps=_field(path, plan, "steps"),
        steps_per_stream=dict(_field(path, plan, "steps_per_stream")),
        examples={name: _mean(path, task, "examples") for name, task in counts.items()},
        real_tokens=_field(path, progress, "real_tokens"),
        processed_tokens=_field(path, progress, "processed_tokens"),
        seconds=_field(path, progress, "seconds"),
        computed_in=_field(path, progress, "computed_in"),
        english_dev=examined,
        plan=_field(path, plan, "digest"),
        objective=objective,
        settings=_settings(path, record, settings),
        masked=record.get("mlm") or {},
        handed_on=None if place.fine_tune else _handed_on(_field(path, manifest, "selections")),
        key=manifest["key"],
        **totals,
    )


def _field(path: Path, data: Mapping[str, Any], name: str) -> Any:
    if name not in data:
        hint = "An older version wrote it? Delete it and run again."
        raise InputError(path, f"the field `{name}` is missing.", hint=hint)
    return data[name]


def _by_task(
    path: Path, manifest: Mapping[str, Any], place: Place
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the settings and the counted inputs of every task of a training."""
    record = manifest["record"]
    if place.fine_tune:
        settings = {place.fine_tune: _field(path, record, "task")}
        return settings, {place.fine_tune: _field(path, manifest, "task")}
    return _field(path, record, "tasks"), _field(path, manifest, "tasks")


def _mean(path: Path, task: Mapping[str, Any], name: str) -> float:
    return fmean(_field(path, copy, name) for copy in _field(path, task, "copies"))


def _examinations(
    path: Path, manifest: Mapping[str, Any], tasks: Iterable[str]
) -> tuple[Examination, ...]:
    """Return how the heads of tasks did on English dev."""
    found = []
    for task in tasks:
        facts = _field(path, _field(path, manifest, "english_dev"), task)
        values = [_field(path, facts, name) for name in _EXAMINED]
        found.append(Examination(task, *values))
    return tuple(found)


def _handed_on(selections: Mapping[str, Mapping[str, Any]]) -> HandedOn:
    ((name, facts),) = selections.items()
    return HandedOn(name, facts.get("step"), facts.get("level"), facts.get("reached"))


def _settings(path: Path, record: Mapping[str, Any], tasks: Mapping[str, Any]) -> dict[str, object]:
    """Return the hyper-parameters by name, those of single tasks marked so.

    What a record holds besides is a setting too, so that nothing it ever gains is left out.
    """
    found: dict[str, object] = dict(_field(path, record, "training"))
    found |= record.get("multi_task") or {}
    found |= {name: value for name, value in record.items() if name not in _ELSEWHERE}
    for name, task in tasks.items():
        own = {
            "epochs": _field(path, task, "epochs"),
            "batch_size": _field(path, task, "batch_size"),
        }
        own |= task.get("settings") or {}
        found |= {f"{setting} of {name}": value for setting, value in own.items()}
    return found
