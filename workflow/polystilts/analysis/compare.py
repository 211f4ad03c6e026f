"""Paired differences between two rows of the matrix, with spread and interval.

A difference is formed between equal (target, language, seed), never between averages, so that
what both runs share cancels out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import fmean, stdev

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from polystilts.analysis.averages import averaged_languages, refuse_oracle
from polystilts.analysis.bootstrap import Differences, interval
from polystilts.analysis.collapsed import NONE_COLLAPSED, CollapsedRuns
from polystilts.analysis.expected import BASELINE, ExpectedMatrix
from polystilts.analysis.means import OVERALL
from polystilts.evaluation.score_rows import XTREME
from polystilts.provenance.hashing import unit_hash

RowName = tuple[str, str]
Scores = Mapping[tuple[str, str, str], Mapping[tuple[str, int], float]]

ONE_SEED = "one seed: no spread"
NOTHING_PAIRED = "no paired scores"


@dataclass(frozen=True)
class Difference:
    """The mean paired difference of one target, or over all targets (`average`), in points.

    Attributes:
        mean: None where nothing could be paired.
        spread: standard deviation over seeds of the mean over languages; None with one seed.
        low, high: ends of the 95 % bootstrap interval; None with one seed.
        seeds, languages: how many were paired; `average` adds its targets' languages up.
        pairs: paired scores behind the mean.
        gaps: what is missing from it, in words; empty if complete.
        collapsed: the collapsed trainings that either side contains, in words.
    """

    arm: str
    intermediate: str
    reference_arm: str
    reference_intermediate: str
    target: str
    average: str
    mean: float | None
    spread: float | None
    low: float | None
    high: float | None
    seeds: int
    languages: int
    pairs: int
    gaps: tuple[str, ...]
    collapsed: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """Everything that limits the comparison, in words; empty if nothing does."""
        return "; ".join((*self.gaps, ONE_SEED) if self.seeds == 1 else self.gaps)

    @property
    def row(self) -> RowName:
        """The (arm, intermediate) that is compared."""
        return self.arm, self.intermediate

    @property
    def reference(self) -> RowName:
        """The (arm, intermediate) it is compared with."""
        return self.reference_arm, self.reference_intermediate


def arm_pairs(arms: Sequence[str]) -> list[tuple[str, str]]:
    """Return every (arm, reference) with the reference listed earlier."""
    return [(later, earlier) for earlier, later in combinations(arms, 2)]


def language_scores(table: pa.Table, split: str = "test", semantics: str = XTREME) -> Scores:
    """Return `score` by (arm, intermediate, target) and (language, seed).

    Raises:
        ValueError: the table holds several encoders or selections, which must not be paired, or
            scores of the oracle.
    """
    refuse_oracle(table)
    wanted = pc.and_(
        pc.and_(pc.equal(table["metric"], "score"), pc.equal(table["split"], split)),
        pc.equal(table["semantics"], semantics),
    )
    chosen = table.filter(wanted)
    for column in ("encoder", "selection"):
        names = chosen.column(column).unique().to_pylist()
        if len(names) > 1:
            raise ValueError(f"one {column} at a time, not {', '.join(sorted(names))}")
    scores: dict[tuple[str, str, str], dict[tuple[str, int], float]] = {}
    for row in chosen.to_pylist():
        cell = scores.setdefault((row["arm"], row["intermediate"], row["target"]), {})
        cell[row["language"], row["seed"]] = row["value"]
    return scores


def compare(
    scores: Scores,
    row: RowName,
    reference: RowName,
    expected: ExpectedMatrix,
    average: str,
    collapsed: CollapsedRuns = NONE_COLLAPSED,
) -> list[Difference]:
    """Return the differences row − reference: one per target, then their mean, if one is wanted.

    Args:
        scores: from `language_scores`.
        row: (arm, intermediate).
        reference: likewise; the baseline is `("none", "none")`.
        expected: the targets, languages and seeds to pair.
        average: `xtreme` counts every language, `transfer` leaves English out.
        collapsed: trainings that count like all others and are named where they do.
    """

    def marked(difference: Difference, targets: Sequence[str], seeds: Sequence[int]) -> Difference:
        runs = [run for side in (row, reference) for run in collapsed.behind(*side, targets, seeds)]
        return replace(difference, collapsed=tuple(runs))

    labels = (*row, *reference)
    blocks: dict[str, _Block] = {}
    results = []
    for target in expected.targets:
        wanted = averaged_languages(expected.languages.get(target, ()), average)
        block = _paired(
            scores.get((*row, target), {}),
            scores.get((*reference, target), {}),
            wanted,
            expected.seeds,
        )
        difference = _summary(labels, target, average, [block], block.gaps)
        results.append(marked(difference, [target], block.seeds))
        if block.seeds and target in expected.mean_targets:
            blocks[target] = block
    if not expected.mean_targets:
        return results
    absent = [target for target in expected.mean_targets if target not in blocks]
    count = f"{len(blocks)} of {len(expected.mean_targets)} targets"
    gaps = [f"{count}, without {', '.join(absent)}"] if absent else []
    partial = [target for target, block in blocks.items() if block.gaps]
    if partial:
        gaps.append(f"incomplete: {', '.join(partial)}")
    overall = _common_seeds(blocks)
    difference = _summary(labels, OVERALL, average, overall, tuple(gaps))
    results.append(marked(difference, list(blocks), overall[0].seeds if overall else ()))
    return results


def compare_all(
    table: pa.Table,
    expected: ExpectedMatrix,
    average: str,
    pairs: Sequence[tuple[str, str]],
    collapsed: CollapsedRuns = NONE_COLLAPSED,
) -> list[Difference]:
    """Return every treated row against the baseline, then each pair of arms, on the test split."""
    scores = language_scores(table)
    baseline = (BASELINE, BASELINE)
    compared = [
        ((arm, name), baseline) for arm in expected.arms for name in expected.intermediates
    ] + [
        ((arm, name), (reference, name))
        for arm, reference in pairs
        for name in expected.intermediates
    ]
    return [
        difference
        for row, reference in compared
        for difference in compare(scores, row, reference, expected, average, collapsed)
    ]


@dataclass(frozen=True)
class _Block:
    values: Differences
    seeds: tuple[int, ...]
    gaps: tuple[str, ...]


def _paired(
    treated: Mapping[tuple[str, int], float],
    reference: Mapping[tuple[str, int], float],
    languages: Sequence[str],
    seeds: Sequence[int],
) -> _Block:
    """Return the complete rectangle of paired seeds × languages, and what is left out of it."""
    both = treated.keys() & reference.keys()
    paired_seeds = tuple(n for n in seeds if any((code, n) in both for code in languages))
    paired = [
        code for code in languages if paired_seeds and all((code, n) in both for n in paired_seeds)
    ]
    values = np.array(
        [[treated[code, n] - reference[code, n] for code in paired] for n in paired_seeds]
    )
    if not paired:
        return _Block(np.empty((0, 0)), (), (NOTHING_PAIRED,))
    gaps = []
    if len(paired_seeds) < len(seeds):
        absent = ", ".join(str(n) for n in seeds if n not in paired_seeds)
        gaps.append(f"{len(paired_seeds)} of {len(seeds)} seeds, without {absent}")
    if len(paired) < len(languages):
        absent = ", ".join(code for code in languages if code not in paired)
        gaps.append(f"{len(paired)} of {len(languages)} languages, without {absent}")
    return _Block(values, paired_seeds, tuple(gaps))


def _common_seeds(blocks: Mapping[str, _Block]) -> list[_Block]:
    if not blocks:
        return []
    common = set.intersection(*(set(block.seeds) for block in blocks.values()))
    kept = []
    for block in blocks.values():
        rows = [position for position, n in enumerate(block.seeds) if n in common]
        kept.append(_Block(block.values[rows], tuple(block.seeds[row] for row in rows), ()))
    return kept


def _summary(
    labels: tuple[str, str, str, str],
    target: str,
    average: str,
    blocks: Sequence[_Block],
    gaps: tuple[str, ...],
) -> Difference:
    values = [block.values for block in blocks]
    seeds = min((len(block) for block in values), default=0)
    if not seeds:
        why = "no seed has every target" if blocks and target == OVERALL else NOTHING_PAIRED
        return Difference(*labels, target, average, None, None, None, None, 0, 0, 0, (why,))
    by_seed = [fmean(float(block[n].mean()) for block in values) for n in range(seeds)]
    spread = low = high = None
    if seeds > 1:
        spread = stdev(by_seed)
        low, high = interval(values, unit_hash("bootstrap", *labels, target, average))
    return Difference(
        *labels,
        target,
        average,
        fmean(by_seed),
        spread,
        low,
        high,
        seeds,
        sum(block.shape[1] for block in values),
        sum(block.size for block in values),
        gaps,
    )
