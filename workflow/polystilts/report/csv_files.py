"""The report's numbers as CSV: scores, means, differences, selections of checkpoints, trainings."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from polystilts.analysis.compare import Difference, RowName
from polystilts.analysis.failed_checks import COLUMN, by_place
from polystilts.analysis.matrix import MATRIX_SCHEMA
from polystilts.analysis.selections import SelectionMean
from polystilts.analysis.training_table import TRAINING_SCHEMA
from polystilts.report.content import ReportContent

_COUNTS = ("examples", "inputs", "windows", "truncated")
_BESIDE = ("not_in_average", "gaps", "collapsed")
_EXAMINED = ("english_dev_accuracy", "chance", "collapsed")


def scores_csv(content: ReportContent) -> str:
    """Return the matrix without the oracle, one score a line, at full precision."""
    return _csv(MATRIX_SCHEMA.names, content.matrix.to_pylist(), content)


def table_csv(content: ReportContent) -> str:
    """Return the means over seeds, one (arm, intermediate, average, semantics) a line.

    A column per target holds percent, empty where there is no score; `average` is the mean over
    the targets present but for those in `not_in_average`, `gaps` says what is missing from the
    line, and `collapsed` how many of the trainings behind a number are at chance, and which.
    `failed_checks` names the leak checks that the text failed on which the line's models were
    trained.
    """
    targets = content.columns
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
                    "not_in_average": " ".join(content.expected.not_in_mean),
                    "gaps": " | ".join(gaps),
                    "collapsed": " | ".join(
                        f"{target}: {len(cell.collapsed)} ({'; '.join(cell.collapsed)})"
                        for target, cell in cells.items()
                        if cell.collapsed
                    ),
                    COLUMN: _failed(content, (arm, intermediate)),
                }
            )
    names = ["arm", "intermediate", "averaged_over", "semantics", *targets, *_BESIDE, COLUMN]
    return _csv(names, rows, content)


def differences_csv(content: ReportContent) -> str:
    """Return every paired difference in points, with spread, interval and notes."""
    others = ("gaps", "collapsed")
    names = [field.name for field in fields(Difference) if field.name not in others]
    rows = [
        {
            **{name: _rounded(getattr(item, name)) for name in names},
            "note": item.note,
            "collapsed_runs": len(item.collapsed),
            "collapsed": "; ".join(item.collapsed),
            COLUMN: _failed(content, item.row, item.reference),
        }
        for item in content.differences.values()
    ]
    return _csv([*names, "note", "collapsed_runs", "collapsed", COLUMN], rows, content)


def selections_csv(content: ReportContent) -> str:
    """Return every selection's mean test score and its paired difference to `last`, in points.

    The only file with the oracle's scores; `note` says that they are an upper bound.
    """
    names = [field.name for field in fields(SelectionMean)]
    rows = [{name: _rounded(getattr(item, name)) for name in names} for item in content.selections]
    return _csv(names, rows, content)


def trainings_csv(content: ReportContent) -> str:
    """Return every training, one a line; what it has by task stands as `task value`."""
    names = [name for name in TRAINING_SCHEMA.names if name not in ("english_dev", "key")]
    after = names.index("computed_in") + 1
    names[after:after] = _EXAMINED
    rows = []
    for row in content.trained.table.to_pylist():
        examined = row.pop("english_dev")
        steps = row.pop("steps_per_stream")
        rows.append(
            {
                **{name: _counted(name, row[name]) for name in names if name in row},
                "steps_per_stream": _by_task(dict(steps).items()),
                "english_dev_accuracy": _by_task((i["task"], i["accuracy"]) for i in examined),
                "chance": _by_task((i["task"], i["chance"]) for i in examined),
                "collapsed": "; ".join(item["task"] for item in examined if item["collapsed"]),
            }
        )
    return _csv(names, rows, content)


def _failed(content: ReportContent, *rows: RowName) -> str:
    """Return the failed checks behind some (arm, intermediate), e.g. `english × mnli (label)`."""
    return by_place(content.trained.failed.behind(*rows))


def _counted(name: str, value: object) -> object:
    """Return a count as a whole number, where its mean over the copies of a corpus is one."""
    if name in _COUNTS and isinstance(value, float) and value.is_integer():
        return int(value)
    return _rounded(value)


def _by_task(values: Iterable[tuple[str, object]]) -> str:
    return "; ".join(f"{task} {_rounded(value)}" for task, value in values if value is not None)


def _rounded(value: object) -> object:
    return f"{value:.4f}" if isinstance(value, float) else value


def _csv(names: Sequence[str], rows: Iterable[Mapping[str, Any]], content: ReportContent) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [*names, "world"], lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "world": content.note or content.world} for row in rows)
    return text.getvalue()
