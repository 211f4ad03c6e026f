"""The matrix: every score of a study in one table."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from polystilts.analysis.failed_checks import COLUMN, NONE_FAILED, FailedChecks
from polystilts.errors import InputError
from polystilts.evaluation.score_rows import ROW_COLUMNS, SCORE_SCHEMA
from polystilts.provenance.tables import read_table

MATRIX_SCHEMA = SCORE_SCHEMA.append(pa.field(COLUMN, pa.string()))


def collect(score_files: Iterable[Path], failed: FailedChecks = NONE_FAILED) -> pa.Table:
    """Return the rows of all score files, sorted by cell, language, split, metric, semantics.

    The column `failed_checks` names the leak checks that the training text of a row failed.

    Raises:
        InputError: a file lacks a column, holds no rows, an empty field or a value that is not a
            percentage, or repeats a row that another file (or itself) already holds.
    """
    owners: dict[tuple[object, ...], Path] = {}
    tables = []
    for path in score_files:
        table = _checked(path, read_table(path))
        for row in zip(*(table.column(name).to_pylist() for name in ROW_COLUMNS), strict=True):
            if row in owners:
                what = ", ".join(f"{k} {v}" for k, v in zip(ROW_COLUMNS, row, strict=True))
                raise InputError(
                    path,
                    f"holds the same row as {owners[row]}: {what}.",
                    hint="Each cell is to be scored into one file.",
                )
            owners[row] = path
        tables.append(table)
    matrix = pa.concat_tables(tables) if tables else SCORE_SCHEMA.empty_table()
    matrix = matrix.sort_by([(name, "ascending") for name in ROW_COLUMNS])
    return matrix.append_column(MATRIX_SCHEMA.field(COLUMN), failed.column(matrix))


def _checked(path: Path, table: pa.Table) -> pa.Table:
    lacking = [name for name in SCORE_SCHEMA.names if name not in table.column_names]
    if lacking:
        raise InputError(path, f"lacks the columns {', '.join(lacking)}.")
    try:
        table = table.select(SCORE_SCHEMA.names).replace_schema_metadata(None).cast(SCORE_SCHEMA)
    except pa.ArrowInvalid as error:
        raise InputError(path, f"not a table of scores ({error}).") from None
    if not table.num_rows:
        raise InputError(path, "holds no scores.", hint="Delete it and run again.")
    for name in SCORE_SCHEMA.names:
        if table.column(name).null_count:
            raise InputError(path, f"the column `{name}` has empty fields.")
    # NaN fails both comparisons, so that it is caught here too.
    percent = pc.and_(pc.greater_equal(table["value"], 0.0), pc.less_equal(table["value"], 100.0))
    if not pc.all(percent).as_py():
        raise InputError(path, "holds a value that is not a percentage between 0 and 100.")
    return table
