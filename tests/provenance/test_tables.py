"""Parquet tables keep their rows and their key, and fail loudly when a byte is damaged."""

from pathlib import Path

import pyarrow as pa
import pytest

from polystilts.errors import DamagedFileError
from polystilts.provenance.manifest import write_manifest
from polystilts.provenance.tables import read_table, table_key, write_table

TABLE = pa.table(
    {
        "id": [f"example-{number}" for number in range(60)],
        "value": [number * 0.5 for number in range(60)],
        "tags": [["B-PER", "O"], None, []] * 20,
        "answers": [[{"start": number, "text": "Лондон"}] for number in range(60)],
    }
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "train.parquet"
    write_table(file, TABLE, "0123456789abcdef")
    return file


def test_rows_and_key_come_back(path: Path) -> None:
    assert read_table(path).equals(TABLE)
    assert read_table(path, ["value"]).column_names == ["value"]
    assert table_key(path) == "0123456789abcdef"


def test_equal_tables_are_equal_files(path: Path, tmp_path: Path) -> None:
    write_table(tmp_path / "again.parquet", TABLE, "0123456789abcdef")
    assert (tmp_path / "again.parquet").read_bytes() == path.read_bytes()


def test_metadata_of_the_schema_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "table.parquet"
    write_table(file, TABLE.replace_schema_metadata({"note": "kept"}), "f" * 16)
    assert read_table(file).schema.metadata[b"note"] == b"kept"
    assert table_key(file) == "f" * 16


def test_no_flipped_bit_in_the_data_goes_unseen(path: Path) -> None:
    content = path.read_bytes()
    footer = int.from_bytes(content[-8:-4], "little")
    found = 0
    for position in range(len(content) - footer - 8):
        damaged = bytearray(content)
        damaged[position] ^= 0x10
        path.write_bytes(damaged)
        try:
            table = read_table(path)
        except DamagedFileError as error:
            assert str(path) in str(error)
            found += 1
        else:
            assert table.equals(TABLE), f"byte {position} changed a row unseen"
    assert found > 300


@pytest.mark.parametrize("manifest", ["train.json", "manifest.json"])
def test_no_flipped_bit_at_all_goes_unseen_beside_a_manifest(path: Path, manifest: str) -> None:
    write_manifest(path.with_name(manifest), "k", [path])
    assert read_table(path).equals(TABLE)
    content = path.read_bytes()
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 0x01
        path.write_bytes(damaged)
        with pytest.raises(DamagedFileError, match=rf"train\.parquet: its sha256 .* {manifest}"):
            read_table(path)


def test_a_manifest_of_other_files_vouches_for_none(path: Path, tmp_path: Path) -> None:
    write_table(tmp_path / "dev.parquet", TABLE, "k")
    write_manifest(tmp_path / "manifest.json", "k", [tmp_path / "dev.parquet"])
    assert read_table(path).equals(TABLE)


@pytest.mark.parametrize("kept", [0, 4, 100, -1])
def test_a_truncated_file_is_named(path: Path, kept: int) -> None:
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DamagedFileError, match=r"train\.parquet: unreadable Parquet") as caught:
        read_table(path)
    assert "run again" in str(caught.value)
    assert table_key(path) is None


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DamagedFileError, match=r"none\.parquet: there is no such file"):
        read_table(tmp_path / "none.parquet")
    assert table_key(tmp_path / "none.parquet") is None


def test_a_table_of_another_program_has_no_key(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(TABLE, tmp_path / "foreign.parquet")
    assert table_key(tmp_path / "foreign.parquet") is None
    assert read_table(tmp_path / "foreign.parquet").equals(TABLE)
