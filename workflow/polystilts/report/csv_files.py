"""The report's numbers as CSV: every score, the table of means, the differences."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from polystilts.analysis.compare import Difference
from polystilts.analysis.means import OVERALL
from polystilts.evaluation.score_rows import SCORE_SCHEMA
from polystilts.report.content import ReportContent


def scores_csv(content: ReportContent) -> str:
    """Return the whole matrix, one score a line, at full precision."""
    return _csv(SCORE_SCHEMA.names, content.matrix.to_pylist(), content)


def table_csv(content: ReportContent) -> str:
    """Return the means over seeds, one (arm, intermediate, average, semantics) a line.

    A column per target holds percent, empty where there is no score; `average` is the mean over
    the targets present and `gaps` says what is missing from the line.
    """
    targets = (*content.expected.targets, OVERALL)
    rows = []
    for (average, semantics), means in content.means.items():
        for arm, intermediate in content.expected.rows():
            cells = {target: means[arm, intermediate, target] for target in targets}
            gaps = [
                f"{target}: {'; '.join(cell.gaps)}" for target, cell in cells.items() if cell.gaps
            ]
            rows.append(
                {
                    "arm": arm,
                    "intermediate": intermediate,
                    "averaged_over": average,
                    "semantics": semantics,
                    **{target: _rounded(cell.value) for target, cell in cells.items()},
                    "gaps": " | ".join(gaps),
                }
            )
    names = ["arm", "intermediate", "averaged_over", "semantics", *targets, "gaps"]
    return _csv(names, rows, content)


def differences_csv(content: ReportContent) -> str:
    """Return every paired difference in points, with spread, interval and notes."""
    names = [field.name for field in fields(Difference) if field.name != "gaps"]
    rows = [
        {**{name: _rounded(getattr(item, name)) for name in names}, "note": item.note}
        for item in content.differences.values()
    ]
    return _csv([*names, "note"], rows, content)


def _rounded(value: object) -> object:
    return f"{value:.4f}" if isinstance(value, float) else value


def _csv(names: Sequence[str], rows: Iterable[Mapping[str, Any]], content: ReportContent) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [*names, "world"], lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "world": content.note or content.world} for row in rows)
    return text.getvalue()
