"""Parquet: schema, metadata, row groups, compression and other columns stay."""

import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from codeswitch.files.samples import HALF, TEXT, rows, switch, switcher
from polystilts.codeswitch.files import parquet
from polystilts.codeswitch.files.switching import Copy
from polystilts.errors import PolystiltsError


def test_all_but_the_texts_stays(tmp_path: Path) -> None:
    time = datetime.datetime(2020, 1, 2, 3, 4, 5, 678)
    table = pa.table(
        {
            "text": pa.array([TEXT, None, "a dog", "a cat"], pa.large_string()),
            "when": pa.array([time, None, time, None], pa.timestamp("us")),
            "kind": pa.array(["dog", "cat", "dog", "dog"]).dictionary_encode(),
            "vector": pa.array([[1.5, None], [], None, [2.0]], pa.list_(pa.float32())),
            "title": pa.array(["a dog", "a tree", "x", "a dog"]).dictionary_encode(),
        }
    )
    fields = [field.with_metadata({"field": "kept"}) for field in table.schema]
    table = table.cast(pa.schema(fields, metadata={"huggingface": '{"info": 1}'}))
    path, output = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(table, path, row_group_size=3, compression={"text": "zstd", "when": "none"})
    report = switch(path, output, ["text", "title"])
    assert (report.rows, report.lacking) == (4, {"text": 1})
    new = pq.read_table(output)
    assert new.schema.equals(pq.read_table(path).schema, check_metadata=True)
    assert new.drop_columns(["text", "title"]) == table.drop_columns(["text", "title"])
    assert new["text"][1].as_py() is None
    assert new["title"][2].as_py() == "x" and "dog" not in str(new["title"][0])
    facts, before = pq.ParquetFile(output).metadata, pq.ParquetFile(path).metadata
    assert [facts.row_group(group).num_rows for group in range(2)] == [3, 1]
    for column in range(facts.num_columns):
        old, now = (found.row_group(0).column(column) for found in (before, facts))
        assert (old.path_in_schema, old.compression) == (now.path_in_schema, now.compression)


def test_names_lead_into_structs_and_lists(tmp_path: Path) -> None:
    row = {
        "question": "a dog",
        "choices": {"label": ["dog", "B"], "text": ["a dog", "a tree"]},
        "parts": [{"text": "the dog", "n": 1}, {"text": None, "n": 2}],
        "tokens": ["a", "dog", "."],
    }
    path, output = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.Table.from_pylist([row]), path)
    fields = ["question", "choices.text", "parts.text"]
    switch(path, output, fields, tokens=("tokens",))
    (new,) = pq.read_table(output).to_pylist()
    dog = new["question"].removeprefix("a ")
    assert dog != "dog"
    assert new["choices"]["label"] == ["dog", "B"]
    assert new["choices"]["text"][0] == f"a {dog}" and "tree" not in new["choices"]["text"][1]
    assert new["parts"] == [{"text": f"the {dog}", "n": 1}, {"text": None, "n": 2}]
    assert new["tokens"] == ["a", dog, "."]


def test_rows_are_decided_on_as_in_other_formats(tmp_path: Path) -> None:
    found = rows(30)
    path, output = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.Table.from_pylist(found), path)
    switch(path, output, ["premise"], HALF)
    for old, new in zip(found, pq.read_table(output).to_pylist(), strict=True):
        expected = switcher(HALF).switch(old["premise"], identity=old["id"]).text
        assert new == {**old, "premise": expected}


def test_workers_and_slices_do_not_change_a_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(pa.Table.from_pylist(rows(200)), path, row_group_size=70)
    switch(path, tmp_path / "whole.parquet", ["premise", "hypothesis"], HALF)
    monkeypatch.setattr(parquet, "_MOST_ROWS", 16)
    for workers in (1, 2, 8):
        output = tmp_path / f"{workers}.parquet"
        switch(path, output, ["premise", "hypothesis"], HALF, workers=workers)
        assert output.read_bytes() == (tmp_path / "whole.parquet").read_bytes()


def test_copies_get_a_column(tmp_path: Path) -> None:
    path, output = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.table({"text": [TEXT, "a dog"]}), path)
    switch(path, output, ["text"], HALF, copies=(Copy(0, None), Copy(1, 0), Copy(2, 1)))
    new = pq.read_table(output)
    assert new["copy"].type == pa.int32()
    assert new["copy"].to_pylist() == [0, 0, 1, 1, 2, 2]
    assert new["text"].to_pylist()[:2] == [TEXT, "a dog"]
    assert len({*new["text"].to_pylist()[::2]}) == 3


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"txt": ["dog"]}, "there is no column `text`; the nearest is `txt`"),
        ({"text": [3]}, "in.parquet:1: `text` is 3, expected a string"),
        ({"text": ["dog"], "copy": [1]}, "a column `copy` already"),
        ({"text": pa.array([], pa.string())}, "holds no rows"),
        ({"text": [None, None]}, "no row has a text in the field `text`"),
        (
            {"text": ["dog"], "context": ["dog"], "answers": [{"answer_start": [0]}]},
            "SQuAD's JSON layout",
        ),
    ],
)
def test_tables_that_are_refused(columns: dict[str, object], reason: str, tmp_path: Path) -> None:
    path, output = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.table(columns), path)
    copies = (Copy(0, 0), Copy(1, 1)) if "copy" in columns else (Copy(0, 0),)
    fields = ["text", "context"] if "context" in columns else ["text"]
    with pytest.raises(PolystiltsError, match=reason):
        switch(path, output, fields, copies=copies)
    assert not output.exists()


def test_a_file_that_is_no_parquet(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    path.write_text("text\ndog\n")
    with pytest.raises(PolystiltsError, match="cannot be read as Parquet"):
        switch(path, tmp_path / "out.parquet", ["text"])
