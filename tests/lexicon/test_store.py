"""Lexicons as the code-switcher loads them."""

from pathlib import Path

import pyarrow as pa
import pytest

from lexicon.samples import write
from polystilts.errors import DamagedFileError, InputError
from polystilts.lexicon.build import build
from polystilts.lexicon.store import load
from polystilts.provenance.tables import read_table, write_table

TYPES = {
    "source": pa.string(),
    "target": pa.string(),
    "rank": pa.int32(),
    "agreement": pa.int32(),
    "pos": pa.string(),
}


def built(folder: Path, language: str, text: str, name: str | None = None) -> Path:
    write(folder / "d.txt", text)
    dictionary = {"name": "d", "reader": "muse", "files": ["d.txt"]}
    record = {"language": language, "dictionaries": [dictionary], "gate": {}}
    path = folder / f"{name or language}.parquet"
    build(record, folder, path, path.with_suffix(".json"), "k")
    return path


def test_round_trip(tmp_path: Path) -> None:
    spanish = built(tmp_path, "es", "zebra cebra\nhouse casa\nzebra asno\nhouse hogar\n")
    russian = built(tmp_path, "ru", "house дом\n")
    lexicons = load([spanish, russian])
    assert list(lexicons) == ["es", "ru"]
    assert {field.name: field.type for field in lexicons["es"].schema} == TYPES
    assert lexicons["es"].to_pydict() == {
        # sources as first listed, translations by rank
        "source": ["zebra", "zebra", "house", "house"],
        "target": ["cebra", "asno", "casa", "hogar"],
        "rank": [0, 1, 0, 1],
        "agreement": [1, 1, 1, 1],
        "pos": [None, None, None, None],
    }
    assert lexicons["ru"]["target"].to_pylist() == ["дом"]
    assert load([]) == {}


def test_two_lexicons_of_one_language(tmp_path: Path) -> None:
    one = built(tmp_path, "es", "house casa\n")
    other = built(tmp_path, "es", "cat gato\n", name="other")
    with pytest.raises(InputError, match=r"other\.parquet: a lexicon of 'es', and so is .*es\.par"):
        load([one, other])


def test_a_lexicon_of_an_older_version(tmp_path: Path) -> None:
    table = read_table(built(tmp_path, "es", "house casa\n"))
    older = tmp_path / "older.parquet"
    write_table(older, table.drop_columns(["agreement", "pos"]), "k")
    message = r"older\.parquet: no lexicon of this version: it lacks agreement, pos\. Build it"
    with pytest.raises(InputError, match=message):
        load([older])


def test_other_tables_are_no_lexicons(tmp_path: Path) -> None:
    table = read_table(built(tmp_path, "es", "house casa\n"))
    path = tmp_path / "x.parquet"
    both = table.set_column(1, table.schema.field("language"), [["ru"]])
    write_table(path, pa.concat_tables([table, both]), "k")
    with pytest.raises(
        InputError, match=r"x\.parquet: a lexicon is of one language; this has es, ru"
    ):
        load([path])
    write_table(path, table.slice(0, 0), "k")
    with pytest.raises(InputError, match=r"of one language; this has no pair"):
        load([path])
    write_table(path, table.set_column(3, "rank", [["0"]]), "k")
    with pytest.raises(InputError, match=r"lacks rank"):
        load([path])


def test_damage_is_seen(tmp_path: Path) -> None:
    path = built(tmp_path, "es", "house casa\n")
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 3] ^= 1
    path.write_bytes(raw)
    with pytest.raises(DamagedFileError, match=r"es\.parquet: its sha256 is not"):
        load([path])
    path.unlink()
    with pytest.raises(DamagedFileError, match=r"es\.parquet: missing"):
        load([path])
