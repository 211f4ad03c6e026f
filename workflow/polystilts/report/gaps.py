"""Why cells of a table are empty, incomplete or to be read with care, in few lines."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from polystilts.analysis.failed_checks import FailedCheck, by_place
from polystilts.analysis.means import OVERALL

MISSING = "–"
PARTIAL = "*"
COLLAPSED = "†"
FAILED = "‡"
FAILED_TO_LEARN = (
    f"{COLLAPSED}n: n trainings behind this number failed to learn; they are still included in the"
    " mean"
)


class _Cell(Protocol):
    @property
    def gaps(self) -> tuple[str, ...]: ...

    @property
    def collapsed(self) -> tuple[str, ...]: ...


def sign(value: float | None, cell: _Cell, failed: bool) -> str:
    """Return the mark of a cell.

    A dash without a value, a star where something is missing, a dagger with the number of
    collapsed trainings that are in it, and a double dagger where training text `failed` a check.
    """
    if value is None:
        return MISSING
    collapsed = f"{COLLAPSED}{len(cell.collapsed)}" if cell.collapsed else ""
    return (PARTIAL if cell.gaps else "") + collapsed + (FAILED if failed else "")


def gap_lines(
    cells: Mapping[tuple[str, str], tuple[float | None, _Cell]],
    row_names: Mapping[str, str],
    failed: Iterable[FailedCheck],
) -> Iterator[str]:
    """Yield one line per reason: the mark it has in the table, how many cells, and which.

    Args:
        cells: value and cell by (row, column) of one table.
        row_names: what the rows are called in print.
        failed: the failed checks behind any of the rows.
    """
    columns = dict.fromkeys(column for _, column in cells if column != OVERALL)
    reasons: dict[tuple[str, str], dict[str, list[str]]] = {}
    for (row, column), (value, cell) in cells.items():
        # A row without any score has no mean either; that needs no line of its own.
        if cell.gaps and not (column == OVERALL and value is None):
            mark = MISSING if value is None else PARTIAL
            reason = reasons.setdefault((mark, "; ".join(cell.gaps)), {})
            reason.setdefault(row_names.get(row, row), []).append(column)
    for (mark, why), found in sorted(reasons.items()):
        count = sum(map(len, found.values()))
        where = "; ".join(
            f"{row} × {'every target' if len(names) == len(columns) > 1 else ', '.join(names)}"
            for row, names in found.items()
        )
        yield f"{mark} {why} ({count} of {len(cells)} cells): {where}"
    runs = dict.fromkeys(run for _, cell in cells.values() for run in cell.collapsed)
    if runs:
        yield f"{FAILED_TO_LEARN}: {'; '.join(runs)}"
    if places := by_place(failed):
        yield f"{FAILED} trained on text that failed a leak check, explained below: {places}"
