"""Means over seeds and over targets, for display; each says what it lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from polystilts.analysis.collapsed import NONE_COLLAPSED, CollapsedRuns
from polystilts.analysis.expected import ExpectedMatrix
from polystilts.evaluation.score_rows import XTREME

OVERALL = "average"


@dataclass(frozen=True)
class CellMean:
    """The mean over seeds of one (arm, intermediate, target), or over all targets.

    Attributes:
        value: percent; None where nothing is there.
        spread: standard deviation over seeds; None with fewer than two.
        seeds: the seeds the mean is over.
        gaps: what is missing from it, in words; empty if complete.
        collapsed: the collapsed trainings it contains, in words.
    """

    value: float | None
    spread: float | None
    seeds: tuple[int, ...]
    gaps: tuple[str, ...]
    collapsed: tuple[str, ...] = ()


Rows = Mapping[int, Mapping[str, Any]]
CellName = tuple[str, str, str]


def cell_means(
    averaged: pa.Table,
    expected: ExpectedMatrix,
    average: str,
    split: str = "test",
    semantics: str = XTREME,
    collapsed: CollapsedRuns = NONE_COLLAPSED,
) -> dict[CellName, CellMean]:
    """Return the mean over seeds of every expected (arm, intermediate, target).

    The target `average` is the mean over the expected targets that are averaged; without any it is
    left out. It is formed seed by seed, over the
    seeds that every target present has, so that its spread is one of whole runs. Collapsed
    trainings count like all others, and every mean names those it contains.

    Raises:
        ValueError: the table holds several encoders or selections, which must not be mixed.
    """
    found = _by_cell(averaged, average, split, semantics)
    means: dict[CellName, CellMean] = {}
    for arm, intermediate in expected.rows():
        per_target = {
            target: found.get((arm, intermediate, target), {}) for target in expected.targets
        }
        for target, rows in per_target.items():
            means[arm, intermediate, target] = _over_seeds(rows, expected.seeds)
        averaged = {target: per_target[target] for target in expected.mean_targets}
        present = {target: [target] for target, rows in per_target.items() if rows}
        if averaged:
            incomplete = [name for name in averaged if means[arm, intermediate, name].gaps]
            means[arm, intermediate, OVERALL] = _over_targets(averaged, incomplete)
            present[OVERALL] = [target for target in averaged if target in present]
        for target, among in present.items():
            mean = means[arm, intermediate, target]
            runs = collapsed.behind(arm, intermediate, among, mean.seeds)
            means[arm, intermediate, target] = replace(mean, collapsed=runs)
    return means


def _by_cell(
    averaged: pa.Table, average: str, split: str, semantics: str
) -> dict[CellName, dict[int, dict[str, Any]]]:
    wanted = pc.and_(
        pc.and_(pc.equal(averaged["average"], average), pc.equal(averaged["split"], split)),
        pc.equal(averaged["semantics"], semantics),
    )
    chosen = averaged.filter(wanted)
    for column in ("encoder", "selection"):
        names = chosen.column(column).unique().to_pylist()
        if len(names) > 1:
            raise ValueError(f"one {column} at a time, not {', '.join(sorted(names))}")
    found: dict[CellName, dict[int, dict[str, Any]]] = {}
    for row in chosen.to_pylist():
        if row["value"] is not None:
            cell = (row["arm"], row["intermediate"], row["target"])
            found.setdefault(cell, {})[row["seed"]] = row
    return found


def _over_seeds(rows: Rows, expected_seeds: Sequence[int]) -> CellMean:
    seeds = tuple(seed for seed in expected_seeds if seed in rows)
    if not seeds:
        return CellMean(None, None, (), ("no scores",))
    gaps = []
    absent = [str(seed) for seed in expected_seeds if seed not in rows]
    if absent:
        gaps.append(f"{len(seeds)} of {len(expected_seeds)} seeds, without {', '.join(absent)}")
    concerned: dict[str, list[int]] = {}
    for seed in seeds:
        row = rows[seed]
        if row["missing"]:
            count = f"{row['languages']} of {row['expected_languages']} languages"
            gap = f"{count}, without {', '.join(row['missing'])}"
            concerned.setdefault(gap, []).append(seed)
    for gap, some in concerned.items():
        where = "" if len(some) == len(seeds) else f"seed {', '.join(map(str, some))}: "
        gaps.append(where + gap)
    return _mean([rows[seed]["value"] for seed in seeds], seeds, tuple(gaps))


def _over_targets(per_target: Mapping[str, Rows], incomplete: Sequence[str]) -> CellMean:
    present = {target: rows for target, rows in per_target.items() if rows}
    if not present:
        return CellMean(None, None, (), ("no scores",))
    gaps = []
    absent = [target for target in per_target if target not in present]
    if absent:
        count = f"{len(present)} of {len(per_target)} targets"
        gaps.append(f"{count}, without {', '.join(absent)}")
    partial = [target for target in incomplete if target in present]
    if partial:
        gaps.append(f"incomplete: {', '.join(partial)}")
    seeds = tuple(sorted(set.intersection(*(set(rows) for rows in present.values()))))
    if not seeds:
        return CellMean(None, None, (), (*gaps, "no seed has every target"))
    values = [fmean(rows[seed]["value"] for rows in present.values()) for seed in seeds]
    return _mean(values, seeds, tuple(gaps))


def _mean(values: Sequence[float], seeds: tuple[int, ...], gaps: tuple[str, ...]) -> CellMean:
    return CellMean(fmean(values), stdev(values) if len(values) > 1 else None, seeds, gaps)
