"""Fabricated `training.json` files of a study with two arms."""

import copy
import json
from pathlib import Path
from typing import Any

from polystilts.analysis.trainings import Place, Training, read_training

HYPER_PARAMETERS = {"learning_rate": 1e-5, "warmup": 0.1, "betas": [0.9, 0.98]}
SEEDS = (1, 2)
AGAINST_ENGLISH = {"english": "english", "code-switched": "english"}


def intermediate(**changes: Any) -> dict[str, Any]:
    """What a training on mnli tells; `changes` by dotted path, e.g. `{"plan.digest": "x"}`."""
    return _changed(
        {
            "key": "k",
            "files": {"model.safetensors": {"bytes": 1, "sha256": "gone"}},
            "record": {
                "seed": 1,
                "objective": "task",
                "tasks": {"mnli": {"epochs": 2, "batch_size": 8, "settings": {"max_length": 64}}},
                "training": HYPER_PARAMETERS,
                "multi_task": None,
                "mlm": {"share": 0.0},
                "freeze_embeddings": False,
            },
            "tasks": {"mnli": {"labels": ["a"], "copies": [_copy()]}},
            "plan": {"steps": 10, "steps_per_stream": {"mnli": 10}, "digest": "plan-1"},
            "selections": {"last": {"step": 10, "weights": ""}},
            "progress": _progress(),
            "english_dev": {"mnli": _examined()},
        },
        changes,
    )


def fine_tune(**changes: Any) -> dict[str, Any]:
    """What a training on xnli's English data tells."""
    return _changed(
        {
            "key": "k",
            "files": {},
            "record": {
                "seed": 1,
                "intermediate": "mnli",
                "name": "xnli",
                "task": {"epochs": 1, "batch_size": 8, "settings": {"max_length": 64}},
                "training": HYPER_PARAMETERS,
                "freeze_embeddings": False,
            },
            "task": {"labels": ["a"], "copies": [_copy()]},
            "plan": {"steps": 5, "steps_per_stream": {"xnli": 5}, "digest": "plan-2"},
            "progress": _progress(),
            "english_dev": {"xnli": _examined()},
        },
        changes,
    )


def study_files(changes: dict[Place, dict[str, Any]] | None = None) -> dict[Place, dict[str, Any]]:
    """All trainings of two arms, mnli and xnli; `changes` by place and dotted path."""
    found = {}
    for arm, name in (("none", "none"), ("english", "mnli"), ("code-switched", "mnli")):
        for seed in SEEDS:
            if name != "none":
                place = Place("miniature", arm, name, "", seed)
                found[place] = intermediate(**(changes or {}).get(place, {}))
            place = Place("miniature", arm, name, "xnli", seed)
            found[place] = fine_tune(**(changes or {}).get(place, {}))
    return found


def path_of(place: Place) -> Path:
    """Where a training's manifest lies below a study's folder."""
    row = Path(place.encoder, place.arm, place.intermediate)
    if place.fine_tune:
        return "targets" / row / place.fine_tune / f"seed-{place.seed}" / "training.json"
    return "intermediate" / row / f"seed-{place.seed}" / "training.json"


def write_files(folder: Path, files: dict[Place, dict[str, Any]]) -> None:
    """Write every training's manifest, without its weights."""
    for place, manifest in files.items():
        path = folder / path_of(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(manifest), "utf-8")


def read_files(folder: Path, files: dict[Place, dict[str, Any]]) -> list[Training]:
    """Write the manifests and read them as the matrix does."""
    write_files(folder, files)
    return [read_training(folder / path_of(place), place) for place in files]


def _copy() -> dict[str, int]:
    return {"examples": 40, "inputs": 50, "windows": 10, "tokens": 900, "truncated": 4}


def _progress() -> dict[str, Any]:
    return {
        "steps": 10,
        "resumed_from": 0,
        "real_tokens": 1000,
        "processed_tokens": 1200,
        "seconds": 20.0,
        "computed_in": "fp32",
    }


def _examined() -> dict[str, Any]:
    return {"accuracy": 71.25, "n": 80, "chance": 35.0, "collapsed": False}


def _changed(manifest: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    result = copy.deepcopy(manifest)
    for path, value in changes.items():
        *folders, name = path.split(".")
        part = result
        for folder in folders:
            part = part[int(folder)] if isinstance(part, list) else part[folder]
        part[name] = copy.deepcopy(value)
    return result
