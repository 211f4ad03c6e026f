"""Score files become one sorted matrix; anything that would distort it is refused by name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from polystilts.analysis.matrix import MATRIX_SCHEMA, collect
from polystilts.errors import InputError
from polystilts.evaluation.score_rows import SCORE_SCHEMA
from polystilts.provenance.tables import read_table, write_table

MakeRow = Callable[..., dict[str, Any]]
MakeTable = Callable[[list[dict[str, Any]]], pa.Table]


def test_order_of_files_is_irrelevant(
    tmp_path: Path, score_row: MakeRow, score_table: MakeTable
) -> None:
    paths = []
    for seed in (2, 1):
        for target in ("xnli", "bucc"):
            path = tmp_path / f"{target}-{seed}.parquet"
            rows = [
                score_row(target=target, seed=seed, language=code, metric=metric)
                for code in ("ru", "ar")
                for metric in ("score", "accuracy")
            ]
            write_table(path, score_table(rows), key=f"key-{seed}")
            paths.append(path)
    matrix = collect(paths)
    assert matrix.equals(collect(reversed(paths)))
    assert matrix.num_rows == 16
    assert matrix.schema == MATRIX_SCHEMA
    assert matrix.schema.names == [*SCORE_SCHEMA.names, "failed_checks"]
    assert set(matrix["failed_checks"].to_pylist()) == {""}
    cells = list(zip(*(matrix[name].to_pylist() for name in ("target", "seed")), strict=True))
    assert cells == sorted(cells)
    write_table(tmp_path / "matrix.parquet", matrix, key="m")
    assert read_table(tmp_path / "matrix.parquet").num_rows == 16


def test_one_cell_in_two_files_names_both(
    tmp_path: Path, score_row: MakeRow, score_table: MakeTable
) -> None:
    for name in ("first", "second"):
        write_table(tmp_path / f"{name}.parquet", score_table([score_row()]), key="k")
    with pytest.raises(InputError, match=r"second.parquet: .*first.parquet.*target xnli"):
        collect([tmp_path / "first.parquet", tmp_path / "second.parquet"])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"value": float("nan")}, "not a percentage"),
        ({"value": 100.5}, "not a percentage"),
        ({"value": None}, "`value` has empty fields"),
        ({"language": None}, "`language` has empty fields"),
    ],
)
def test_unusable_values_name_the_file(
    tmp_path: Path,
    score_row: MakeRow,
    score_table: MakeTable,
    fields: dict[str, Any],
    message: str,
) -> None:
    path = tmp_path / "cell.parquet"
    write_table(path, score_table([score_row(**fields)]), key="k")
    with pytest.raises(InputError, match=f"cell.parquet: .*{message}"):
        collect([path])


def test_other_tables_are_refused(tmp_path: Path, score_table: MakeTable) -> None:
    path = tmp_path / "predictions.parquet"
    write_table(path, pa.table({"id": ["1"]}), key="k")
    with pytest.raises(InputError, match="lacks the columns encoder"):
        collect([path])
    write_table(path, score_table([]), key="k")
    with pytest.raises(InputError, match="holds no scores"):
        collect([path])


def test_no_files_give_an_empty_matrix() -> None:
    assert collect([]).equals(MATRIX_SCHEMA.empty_table())
