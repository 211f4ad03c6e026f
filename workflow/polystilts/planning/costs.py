"""Estimates of a study's jobs, device hours and disk.

Hours are floating-point operations over the device's peak times the share of it that is reached.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from polystilts.planning.operations import Demand, demands
from polystilts.planning.sizes import encoder_size
from polystilts.study.graph import Graph
from polystilts.study.inventory import Result, results
from polystilts.study.study import Study
from polystilts.tasks.prepare import ExpectedRows

# fp32 weights, and two moments of AdamW for each, in the last two checkpoints of a training
_TRAINING_STATE = 2 * 3
_SECONDS_OF_AN_HOUR = 3600
_COMPUTING = ("pretrain_encoder", "train_intermediate", "fine_tune", "predict")
_SHARED = ("train_intermediate", "fine_tune")


@dataclass(frozen=True)
class Device:
    """A GPU: its peak in bf16 (floating-point operations a second) and the share reached."""

    peak: float
    utilisation: float

    def hours(self, operations: float) -> float:
        return operations / (self.peak * self.utilisation) / _SECONDS_OF_AN_HOUR


@dataclass(frozen=True)
class Stage:
    """One kind of job: how many there are, and their device hours.

    `plain_jobs` are those of a study in which every cell is computed on its own, and `plain_hours`
    theirs with every input padded to its task's longest; None where nothing is shared or computed.
    Hours are also None where a size is unknown; `unknown` names what is.
    """

    step: str
    jobs: int
    plain_jobs: int | None
    hours: float | None
    plain_hours: float | None
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
    """What a study takes.

    `counts_attention` tells whether the encoder's shape is known, without which attention's own
    operations are left out.
    """

    cells: int
    stages: tuple[Stage, ...]
    disk: Disk
    counts_attention: bool


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
    by_step: dict[str, list[Result]] = {}
    for result in results(graph):
        by_step.setdefault(result.step, []).append(result)
    cells_of = _cells_of(graph.study)
    stages = tuple(
        _stage(
            graph, device, expected_rows, step, [(one, cells_of[one.wildcards]) for one in found]
        )
        for step, found in by_step.items()
    )
    jobs = Counter({step: len(found) for step, found in by_step.items()})
    size = encoder_size(graph)
    disk = _disk(graph, jobs, at_once, source_sizes)
    counts_attention = size is not None and size.attention is not None
    return Plan(len(graph.study.cells), stages, disk, counts_attention)


def _cells_of(study: Study) -> Counter[tuple[tuple[str, str], ...]]:
    """Return, by the wildcards of a training, how many cells build on it."""
    found: Counter[tuple[tuple[str, str], ...]] = Counter()
    for cell in study.cells:
        model = {name: value for name, value in cell.wildcards().items() if name != "target"}
        found[tuple(sorted(model.items()))] += 1
        fine_tune = study.registry[cell.target].fine_tune
        if fine_tune is not None:
            found[tuple(sorted((model | {"fine_tune": fine_tune}).items()))] += 1
    return found


def _stage(
    graph: Graph,
    device: Device,
    expected_rows: ExpectedRows,
    step: str,
    jobs: list[tuple[Result, int]],
) -> Stage:
    """Estimate a step from its jobs and how many cells build on each."""
    shared = step in _SHARED
    plain_jobs = sum(cells for _, cells in jobs) if shared else None
    if step not in _COMPUTING:
        return Stage(step, len(jobs), plain_jobs, None, None)
    size = encoder_size(graph)
    if size is None:
        missing = (f"the size of encoder {graph.selection.encoder}",)
        return Stage(step, len(jobs), plain_jobs, None, None, missing)
    total, plain = Demand(), Demand()
    unknown: dict[str, None] = {}
    for result, cells in jobs:
        found = demands(graph.study, step, dict(result.wildcards), expected_rows)
        for task, demand in found.items():
            if demand is None:
                unknown[f"rows of {task}"] = None
            else:
                total += demand
                plain += demand * cells if shared else demand
    hours = device.hours(total.real.operations(step, size))
    plain_hours = device.hours(plain.padded.operations(step, size))
    known = total.real.tokens > 0
    return Stage(
        step,
        len(jobs),
        plain_jobs,
        hours if known else None,
        plain_hours if known else None,
        tuple(unknown),
    )


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
        steps = {"intermediate": "train_intermediate", "target": "fine_tune"}
        stay = [step for what, step in steps.items() if graph.study.keeps(what)]
        kept = sum(jobs[step] for step in stay) * size.weights
        passing = at_once * (_TRAINING_STATE + 1) * size.weights
    return Disk(sum(known), len(source_sizes) - len(known), kept, passing)
