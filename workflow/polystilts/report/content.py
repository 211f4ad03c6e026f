"""What a report shows, computed once from the matrix for all of its forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from polystilts.analysis.averages import AVERAGES, averages
from polystilts.analysis.compare import Difference, RowName, arm_pairs, compare_all
from polystilts.analysis.expected import ExpectedMatrix, expected_matrix
from polystilts.analysis.means import CellMean, CellName, cell_means
from polystilts.evaluation.score_rows import CORRECTED, XTREME

REAL_WORLD = "real"
SYNTHETIC_NOTE = "synthetic world: shows that the machinery works, not that the method does"

Contrast = tuple[str, RowName, RowName, str]


@dataclass(frozen=True)
class ReportContent:
    """Scores, means and differences of one study on the test split.

    Attributes:
        study: its name.
        world: its data world; every one but `real` is synthetic and is labelled so.
        skipped: intermediate tasks that were left out, with the reason.
        means: by (average, semantics), then by cell.
        differences: by (average, row, reference, target), where row and reference are (arm,
            intermediate); XTREME's semantics.
    """

    study: str
    world: str
    matrix: pa.Table
    expected: ExpectedMatrix
    pairs: tuple[tuple[str, str], ...]
    skipped: Mapping[str, str]
    means: Mapping[tuple[str, str], Mapping[CellName, CellMean]]
    differences: Mapping[Contrast, Difference]

    @property
    def note(self) -> str:
        """The label of every table and figure; empty for real data."""
        return "" if self.world == REAL_WORLD else SYNTHETIC_NOTE


def report_content(matrix: pa.Table, record: Mapping[str, Any]) -> ReportContent:
    """Return everything the report shows.

    Args:
        matrix: score rows from `analysis.matrix.collect`.
        record: `study` and `world` (`real`, or the name of a synthetic world), and any of
            `arms`, `intermediates`, `targets`, `seeds`, `languages` as in `expected_matrix`, and
            `skipped`.
    """
    expected = expected_matrix(matrix, record)
    averaged = averages(matrix, expected.languages)
    pairs = tuple(arm_pairs(expected.arms)) if expected.intermediates else ()
    return ReportContent(
        study=record["study"],
        world=record["world"],
        matrix=matrix,
        expected=expected,
        pairs=pairs,
        skipped=record.get("skipped", {}),
        means={
            (average, semantics): cell_means(averaged, expected, average, semantics=semantics)
            for average in AVERAGES
            for semantics in (XTREME, CORRECTED)
        },
        differences={
            (average, item.row, item.reference, item.target): item
            for average in AVERAGES
            for item in compare_all(matrix, expected, average, pairs)
        },
    )
