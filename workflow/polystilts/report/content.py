"""What a report shows, computed once from the matrix for all of its forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from polystilts.analysis.averages import AVERAGES, averages
from polystilts.analysis.collapsed import CollapsedRuns, collapsed_runs
from polystilts.analysis.compare import Difference, RowName, arm_pairs, compare_all
from polystilts.analysis.expected import ExpectedMatrix, expected_matrix
from polystilts.analysis.failed_checks import NONE_FAILED, FailedChecks
from polystilts.analysis.means import OVERALL, CellMean, CellName, cell_means
from polystilts.analysis.selections import (
    SelectionMean,
    compare_selections,
    of_selection,
    primary_selection,
    without_oracle,
)
from polystilts.analysis.training_table import TRAINING_SCHEMA
from polystilts.evaluation.score_rows import CORRECTED, XTREME
from polystilts.evaluation.selections import LAST

REAL_WORLD = "real"
SYNTHETIC_NOTE = "synthetic world: shows that the machinery works, not that the method does"

Contrast = tuple[str, RowName, RowName, str]


@dataclass(frozen=True)
class Trained:
    """The table of trainings, what should be equal among them and is not, and what may differ.

    `failed` are the leak checks that the text failed on which they were trained.
    """

    table: pa.Table
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    failed: FailedChecks = NONE_FAILED


NOTHING_TRAINED = Trained(TRAINING_SCHEMA.empty_table())


@dataclass(frozen=True)
class ReportContent:
    """Scores, means and differences of one study on the test split.

    Means and differences are of the primary selection alone.

    Attributes:
        study: its name.
        world: its data world; every one but `real` is synthetic and is labelled so.
        matrix: the scores of all selections but the oracle.
        not_available: a line for everything that the study asks for and does not get.
        means: by (average, semantics), then by cell.
        differences: by (average, row, reference, target), where row and reference are (arm,
            intermediate); XTREME's semantics.
        selections: how the selections compare; the oracle stands here alone.
        trained: the trainings behind the scores.
        collapsed: those of them whose head is at chance; they count in every mean.
    """

    study: str
    world: str
    matrix: pa.Table
    expected: ExpectedMatrix
    pairs: tuple[tuple[str, str], ...]
    not_available: tuple[str, ...]
    means: Mapping[tuple[str, str], Mapping[CellName, CellMean]]
    differences: Mapping[Contrast, Difference]
    selections: tuple[SelectionMean, ...]
    trained: Trained
    collapsed: CollapsedRuns

    @property
    def columns(self) -> tuple[str, ...]:
        """The targets, and behind them their mean where there is one."""
        mean = (OVERALL,) if self.expected.mean_targets else ()
        return (*self.expected.targets, *mean)

    @property
    def mean_note(self) -> str:
        """Which targets are in the mean over targets; empty where all are."""
        others = ", ".join(self.expected.not_in_mean)
        if not others:
            return ""
        if not self.expected.mean_targets:
            return f"no mean over targets: {others} not of XTREME"
        return f"mean: over XTREME's targets alone; not in it: {others}"

    @property
    def note(self) -> str:
        """The label of every table and figure; empty for real data."""
        return "" if self.world == REAL_WORLD else SYNTHETIC_NOTE


def report_content(
    matrix: pa.Table, record: Mapping[str, Any], trained: Trained = NOTHING_TRAINED
) -> ReportContent:
    """Return everything the report shows.

    Args:
        matrix: score rows from `analysis.matrix.collect`.
        record: `study` and `world` (`real`, or the name of a synthetic world), and any of
            `arms`, `intermediates`, `targets`, `averaged_targets`, `seeds`, `languages` as in
            `expected_matrix`, and `not_available`, `fine_tunes` (target → fine-tune) and
            `selections` (the first is the primary one; without it `last`).
        trained: from `collect_matrix`.

    Raises:
        ValueError: the primary selection is the oracle.
    """
    primary = of_selection(matrix, primary_selection(record))
    expected = expected_matrix(primary, record)
    averaged = averages(primary, expected.languages)
    collapsed = collapsed_runs(trained.table, record.get("fine_tunes") or {})
    pairs = tuple(arm_pairs(expected.arms)) if expected.intermediates else ()
    return ReportContent(
        study=record["study"],
        world=record["world"],
        matrix=without_oracle(matrix),
        expected=expected,
        pairs=pairs,
        not_available=tuple(record.get("not_available", ())),
        means={
            (average, semantics): cell_means(
                averaged, expected, average, semantics=semantics, collapsed=collapsed
            )
            for average in AVERAGES
            for semantics in (XTREME, CORRECTED)
        },
        differences={
            (average, item.row, item.reference, item.target): item
            for average in AVERAGES
            for item in compare_all(primary, expected, average, pairs, collapsed)
        },
        selections=tuple(
            compare_selections(matrix, record.get("selections") or [LAST], expected.languages)
        ),
        trained=trained,
        collapsed=collapsed,
    )
