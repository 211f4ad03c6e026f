"""Estimates of a study's jobs, device hours and disk.

Training computes about 6 floating-point operations per parameter and token, reading 2 (Kaplan et
al. 2020, Scaling Laws for Neural Language Models, section 2.1); embeddings are looked up and do not
count. Hours are operations over the device's peak times the share of it that is reached.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from polystilts.planning.lengths import MEAN_TOKENS
from polystilts.planning.sizes import (
    EncoderSize,
    encoder_size,
    evaluation_tokens,
    training_rows,
)
from polystilts.study.graph import Graph
from polystilts.study.inventory import results
from polystilts.study.study import ALL, MLM, NONE, Study
from polystilts.tasks.prepare import ExpectedRows

_TRAINING_FLOPS = 6
_READING_FLOPS = 2
# fp32 weights, and two moments of AdamW for each, in the last two checkpoints of a training
_TRAINING_STATE = 2 * 3
_SECONDS_OF_AN_HOUR = 3600


@dataclass(frozen=True)
class Device:
    """A GPU: its peak in bf16 (floating-point operations a second) and the share reached."""

    peak: float
    utilisation: float

    def hours(self, operations: float) -> float:
        return operations / (self.peak * self.utilisation) / _SECONDS_OF_AN_HOUR


@dataclass(frozen=True)
class Stage:
    """One kind of job: how many there are, how many without sharing, their device hours.

    `unshared` is None where nothing is shared, `hours` None where a size is unknown; `unknown`
    names what is.
    """

    step: str
    jobs: int
    unshared: int | None
    hours: float | None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Disk:
    """Bytes at the fullest moment, by what they are; None where the encoder's size is unknown."""

    sources: int
    unknown_sources: int
    kept_weights: int | None
    passing_weights: int | None


@dataclass(frozen=True)
class Plan:
    """What a study takes."""

    cells: int
    stages: tuple[Stage, ...]
    disk: Disk


def plan(
    graph: Graph,
    device: Device,
    at_once: int,
    expected_rows: ExpectedRows,
    source_sizes: Mapping[tuple[str, str], int | None],
) -> Plan:
    """Estimate a study from its configuration and what is known of its data.

    `at_once` is how many trainings run at the same time; `source_sizes` has the bytes of every
    file or archive that is fetched by (world, canonical path), None where they are unknown.
    """
    jobs = Counter(result.step for result in results(graph))
    hours = _hours(graph, device, expected_rows)
    unshared = _unshared(graph.study)
    stages = tuple(
        Stage(step, number, unshared.get(step), *hours.get(step, (None, ())))
        for step, number in jobs.items()
    )
    return Plan(len(graph.study.cells), stages, _disk(graph, jobs, at_once, source_sizes))


def _unshared(study: Study) -> dict[str, int]:
    """Return how many trainings there would be if every cell were computed on its own."""
    cells = study.cells
    return {
        "train_intermediate": sum(cell.intermediate != NONE for cell in cells),
        "fine_tune": sum(study.registry[cell.target].fine_tune is not None for cell in cells),
    }


def _hours(
    graph: Graph, device: Device, expected_rows: ExpectedRows
) -> dict[str, tuple[float | None, tuple[str, ...]]]:
    """Return device hours by step, and what is missing for them."""
    size = encoder_size(graph)
    if size is None:
        missing = (f"the size of encoder {graph.selection.encoder}",)
        return dict.fromkeys(("train_intermediate", "fine_tune", "predict"), (None, missing))
    tokens: Counter[str] = Counter()
    unknown: dict[str, dict[str, None]] = {}
    for result in results(graph):
        found = _tokens(graph.study, result.step, dict(result.wildcards), expected_rows)
        for task, number in found.items():
            if number is None:
                unknown.setdefault(result.step, {})[f"rows of {task}"] = None
            else:
                tokens[result.step] += number
    return {
        step: (
            device.hours(_operations(step, size) * tokens[step]) if tokens[step] else None,
            tuple(unknown.get(step, ())),
        )
        for step in dict.fromkeys([*tokens, *unknown])
    }


def _operations(step: str, size: EncoderSize) -> int:
    return (_READING_FLOPS if step == "predict" else _TRAINING_FLOPS) * size.computing


def _tokens(
    study: Study, step: str, wildcards: Mapping[str, str], expected_rows: ExpectedRows
) -> dict[str, int | None]:
    """Return the tokens that one job reads, by task."""
    if step == "train_intermediate":
        mixed = wildcards["intermediate"] == ALL
        cap = study.config.training.multi_task.size_cap if mixed else None
        parts = study.intermediate_parts(wildcards["intermediate"])
        return {part: _trained(study, part, "intermediate", expected_rows, cap) for part in parts}
    if step == "fine_tune":
        name = wildcards["fine_tune"]
        return {name: _trained(study, name, "fine_tune", expected_rows)}
    if step == "pretrain_encoder":
        pretraining = study.encoder.pretraining
        return {MLM: pretraining.tokens if pretraining else None}
    if step == "predict":
        target = wildcards["target"]
        return {target: evaluation_tokens(study, target, expected_rows)}
    return {}


def _trained(
    study: Study, task: str, phase: str, expected_rows: ExpectedRows, cap: int | None = None
) -> int | None:
    rows = training_rows(study, task, phase, expected_rows)
    if rows is None:
        return None
    if cap is not None:
        rows = min(rows, cap)
    epochs = (
        getattr(study.settings(task), phase).epochs or getattr(study.config.training, phase).epochs
    )
    return int(rows * MEAN_TOKENS[task] * epochs)


def _disk(
    graph: Graph,
    jobs: Counter[str],
    at_once: int,
    source_sizes: Mapping[tuple[str, str], int | None],
) -> Disk:
    known = [number for number in source_sizes.values() if number is not None]
    size = encoder_size(graph)
    kept = passing = None
    if size is not None:
        steps = {"none": (), "intermediate": ("train_intermediate",)}.get(
            graph.study.config.keep, ("train_intermediate", "fine_tune")
        )
        kept = sum(jobs[step] for step in steps) * size.weights
        passing = at_once * (_TRAINING_STATE + 1) * size.weights
    return Disk(sum(known), len(source_sizes) - len(known), kept, passing)
