"""Parquet files of hub repositories: what is checked before a row is believed."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from polystilts.errors import InputError
from polystilts.tasks.parquet_rows import Shape, describe, read_parquet
from tasks.samples import named

SPAN: Shape = ({"text": [str], "start": [int]}, [{"text": str, "start": int}])


def write(path: Path, table: pa.Table, **options: Any) -> Path:
    pq.write_table(table, path, **options)
    return path


def read(path: Path, **shapes: Shape) -> list[tuple[int, dict[str, Any]]]:
    return list(read_parquet(path, shapes))


def test_rows_count_from_one_across_batches_and_row_groups(tmp_path: Path) -> None:
    table = pa.table({"a": [str(n) for n in range(2500)], "b": range(2500), "c": [0.0] * 2500})
    path = write(tmp_path / "a.parquet", table, row_group_size=700)
    rows = read(path, b=int, a=str)
    assert rows[0] == (1, {"b": 0, "a": "0"})
    assert rows[-1] == (2500, {"b": 2499, "a": "2499"})
    assert [row for row, _ in rows] == list(range(1, 2501))


def test_both_layouts_of_lists_of_objects_fit(tmp_path: Path) -> None:
    lists = pa.table({"s": [{"text": ["a"], "start": [1], "more": 0}]})
    objects = pa.table({"s": [[{"text": "a", "start": 1}]]})
    assert read(write(tmp_path / "l.parquet", lists), s=SPAN)[0][1]["s"]["text"] == ["a"]
    assert read(write(tmp_path / "o.parquet", objects), s=SPAN)[0][1]["s"] == [
        {"text": "a", "start": 1}
    ]


@pytest.mark.parametrize(
    ("columns", "shapes", "message"),
    [
        ({"b": ["x"]}, {"a": str}, r"no column `a`, or several; its columns are b"),
        ({"a": [1]}, {"a": str}, r"column `a` is int64, expected text"),
        ({"a": [1.0]}, {"a": (int, str)}, r"is double, expected whole numbers or text"),
        ({"a": [[1]]}, {"a": [str]}, r"is list<.*int64>, expected a list of text"),
        ({"a": [{"text": ["x"]}]}, {"a": SPAN}, r"expected \(text: a list of text, start: a list"),
        ({"a": ["x", None]}, {"a": str}, r"a\.parquet:2: column `a` has no value"),
        ({"a": [["x", None]]}, {"a": [str]}, r"a\.parquet:1: column `a` has no value"),
        ({"a": [None, None]}, {"a": str}, r"column `a` is null, expected text"),
        (
            {"a": [[{"text": "x", "start": None}], [{"text": "x", "start": 1}]]},
            {"a": SPAN},
            r"a\.parquet:1: column `a` has no value",
        ),
    ],
)
def test_other_columns_types_and_nulls_are_refused(
    tmp_path: Path, columns: dict[str, Any], shapes: dict[str, Shape], message: str
) -> None:
    path = write(tmp_path / "a.parquet", pa.table(columns))
    with pytest.raises(InputError, match=message):
        read(path, **shapes)


def test_bytes_that_are_not_utf_8_name_column_and_row(tmp_path: Path) -> None:
    raw = pa.array([b"ok", b"caf\xe9"]).view(pa.string())
    path = write(tmp_path / "a.parquet", pa.table({"id": ["1", "2"], "text": raw}))
    with pytest.raises(InputError, match=r"a\.parquet:2: column `text` cannot be decoded"):
        read(path, id=str, text=str)


def test_a_flipped_byte_in_a_page_names_its_column(tmp_path: Path) -> None:
    marker = "the quick brown fox"
    table = pa.table({"id": ["1", "2"], "text": [marker, "x"]})
    path = write(
        tmp_path / "a.parquet",
        table,
        compression="none",
        use_dictionary=False,
        write_statistics=False,
        write_page_checksum=True,
    )
    data = bytearray(path.read_bytes())
    data[data.index(marker.encode()) + 4] ^= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"column `text` is unreadable .*Fetch it again"):
        read(path, id=str, text=str)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no such file"),
        (b"", "unreadable Parquet"),
        (b"PAR1 no", "unreadable Parquet"),
    ],
)
def test_what_is_no_parquet_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "a.parquet"
    if content is not None:
        path.write_bytes(content)
    for use in (describe, lambda path: read(path, a=str)):
        with pytest.raises(InputError, match=rf"a\.parquet: {message}"):
            use(path)


def test_a_cut_file_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", pa.table({"a": ["x"] * 100}))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"unreadable Parquet .*Fetch it again"):
        read(path, a=str)


def test_names_of_labels_are_found_inside_lists(tmp_path: Path) -> None:
    table = pa.table({"label": [0], "tags": [[1]], "text": ["x"]})
    path = write(tmp_path / "a.parquet", named(table, label=("no", "yes")))
    assert describe(path).columns == ("label", "tags", "text")
    assert describe(path).class_names == {"label": ("no", "yes")}
    inner = '{"names": ["O", "B"], "_type": "ClassLabel"}'
    for feature in (inner, f"[{inner}]", f'{{"feature": {inner}, "_type": "Sequence"}}'):
        metadata = f'{{"info": {{"features": {{"tags": {feature}}}}}}}'
        changed = table.replace_schema_metadata({"huggingface": metadata})
        assert describe(write(path, changed)).class_names == {"tags": ("O", "B")}


@pytest.mark.parametrize("metadata", ["{", "[1]", '{"info": 1}', '{"info": {"features": [1]}}'])
def test_metadata_that_cannot_be_read_are_refused(tmp_path: Path, metadata: str) -> None:
    table = pa.table({"a": ["x"]}).replace_schema_metadata({"huggingface": metadata})
    with pytest.raises(InputError, match="the metadata `huggingface`"):
        describe(write(tmp_path / "a.parquet", table))
