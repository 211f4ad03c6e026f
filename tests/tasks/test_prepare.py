"""From files to Parquet: names, manifest, limits, what is counted."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from polystilts.errors import ConfigError, InputError
from polystilts.provenance.manifest import verify
from polystilts.provenance.tables import read_table, table_key
from polystilts.tasks.prepare import prepare
from polystilts.tasks.rows import SCHEMAS, problem, to_table, unique

NLI = ["entailment", "neutral", "contradiction"]


def split(name: str, language: str | None, reader: str, *files: str, **more: Any) -> dict[str, Any]:
    defaults = {"options": {}, "limit": None}
    return {"name": name, "language": language, "reader": reader, "files": files} | defaults | more


def record(task: str, family: str, labels: list[str] | None, *splits: Any) -> dict[str, Any]:
    return {"task": task, "family": family, "labels": labels, "splits": list(splits)}


def pairs_file(path: Path, count: int) -> None:
    path.write_text("".join(f"A{n}\tB{n}\t{NLI[n % 3]}\n" for n in range(count)), encoding="utf-8")


def test_splits_become_parquet_files_with_a_manifest(tmp_path: Path) -> None:
    (tmp_path / "train.tsv").write_text("A\tB\tneutral\nA\tB\tneutral\n\n", encoding="utf-8")
    pairs_file(tmp_path / "test-es.tsv", 6)
    output = tmp_path / "out"
    prepare(
        record(
            "xnli",
            "classification",
            NLI,
            split("train", None, "pairs", "train.tsv"),
            split("test", "es", "pairs", "test-es.tsv"),
        ),
        tmp_path,
        output,
        "key1",
    )
    manifest = verify(output / "manifest.json")
    assert manifest["key"] == table_key(output / "train.parquet") == "key1"
    assert set(manifest["files"]) == {"train.parquet", "test.es.parquet"}
    train = manifest["splits"]["train"]
    assert (train["rows"], train["repeated_texts"]) == (2, 1)
    assert train["counts"] == {"blank lines skipped": 1}
    assert manifest["splits"]["test.es"]["labels"] == dict.fromkeys(NLI, 2)
    table = read_table(output / "test.es.parquet")
    assert table.schema.remove_metadata() == SCHEMAS["classification"]
    assert table["text_a"].to_pylist() == [f"A{n}" for n in range(6)]


def test_limit_takes_the_same_ids_in_every_language_and_keeps_file_order(tmp_path: Path) -> None:
    for language in ("en", "es"):
        pairs_file(tmp_path / f"test-{language}.tsv", 50)
    splits = [
        split("test", language, "pairs", f"test-{language}.tsv", limit=10)
        for language in ("en", "es")
    ]
    prepare(record("xnli", "classification", NLI, *splits), tmp_path, tmp_path / "out", "k")
    ids = [
        read_table(tmp_path / "out" / f"test.{language}.parquet")["id"].to_pylist()
        for language in ("en", "es")
    ]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 10
    assert ids[0] == sorted(ids[0], key=int)
    assert ids[0] != [str(number) for number in range(1, 11)]
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["splits"]["test.es"]["available"] == 50


def test_open_tag_set_is_taken_from_the_training_file(tmp_path: Path) -> None:
    (tmp_path / "ccg.train").write_text("a b\tN/N N\n", encoding="utf-8")
    (tmp_path / "ccg.dev").write_text("a\tNP\n", encoding="utf-8")
    prepare(
        record(
            "ccg",
            "tagging",
            None,
            split("train", None, "supertags", "ccg.train"),
            split("dev", None, "supertags", "ccg.dev"),
        ),
        tmp_path,
        tmp_path / "out",
        "k",
    )
    assert verify(tmp_path / "out" / "manifest.json")["labels"] == ["N", "N/N"]


def test_retrieval_writes_pairs_and_a_limit_keeps_partners(tmp_path: Path) -> None:
    foreign = [f"ru-{n}\tR{n}\n" for n in range(100)]
    english = [f"en-{n}\tE{n}\n" for n in range(200)]
    gold = [f"ru-{n}\ten-{n}\n" for n in range(40)]
    for name, lines in (("ru", foreign), ("en", english), ("gold", gold)):
        (tmp_path / name).write_text("".join(lines), encoding="utf-8")
    limited = split("dev", "ru", "bucc", "ru", "en", "gold", limit=50)
    whole = split("test", "ru", "bucc", "ru", "en", "gold")
    prepare(record("bucc", "retrieval", None, limited, whole), tmp_path, tmp_path / "out", "k")
    rows = read_table(tmp_path / "out" / "dev.ru.parquet").to_pylist()
    pairs = read_table(tmp_path / "out" / "dev-pairs.ru.parquet").to_pylist()
    sides = {side: {r["id"] for r in rows if r["language"] == side} for side in ("ru", "en")}
    assert len(sides["ru"]) == 50
    paired = {f"ru-{n}" for n in range(40)} & sides["ru"]
    assert {pair["source_id"] for pair in pairs} == paired
    assert {pair["target_id"] for pair in pairs} <= sides["en"]
    # Half of the 160 English sentences without partner, and all partners of what was kept.
    assert len(sides["en"]) == 80 + len(paired)
    assert len(read_table(tmp_path / "out" / "test-pairs.ru.parquet")) == 40
    assert len(read_table(tmp_path / "out" / "test.ru.parquet")) == 300


def test_a_file_without_examples_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("\n\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.tsv: no examples were read"):
        prepare(
            record("xnli", "classification", NLI, split("train", None, "pairs", "a.tsv")),
            tmp_path,
            tmp_path / "out",
            "k",
        )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reader": "pair"}, r"task xnli, split test: no reader 'pair'.*glue_nli.*pairs"),
        (
            {"options": {"label_name": {}}},
            r"'pairs' has no option 'label_name'; known: held_out, label_names",
        ),
    ],
)
def test_unknown_readers_and_options_are_named(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    pairs_file(tmp_path / "a.tsv", 3)
    wrong = split("test", "es", "pairs", "a.tsv") | changes
    with pytest.raises(ConfigError, match=message):
        prepare(record("xnli", "classification", NLI, wrong), tmp_path, tmp_path / "out", "k")


def test_repeated_ids_become_unique_and_are_counted() -> None:
    counts: Counter[str] = Counter()
    rows = [{"id": identifier} for identifier in ("12", "12", "7", "12", "12#2")]
    ids = [row["id"] for row in unique(rows, counts)]
    assert ids[:4] == ["12", "12#2", "7", "12#3"]
    assert len(set(ids)) == 5
    assert counts == {"repeated ids made unique": 3}


@pytest.mark.parametrize(
    ("family", "row", "labels", "reason"),
    [
        ("classification", {"id": "", "label": "a"}, ["a"], "the id is empty"),
        ("classification", {"id": "1", "label": "b"}, ["a"], "label 'b' is not one of a"),
        ("multiple_choice", {"id": "1", "choices": ["x"], "label": 1}, None, "1 with 1 choices"),
        ("tagging", {"id": "1", "tokens": ["x"], "tags": []}, None, "0 tags for 1 tokens"),
        ("tagging", {"id": "1", "tokens": [""], "tags": ["N"]}, None, "without characters"),
        ("tagging", {"id": "1", "tokens": ["x"], "tags": ["N"]}, ["V"], "'N' is not in the tag"),
        (
            "span_qa",
            {"id": "1", "context": "Oslo", "answers": [{"start": 1, "text": "Oslo"}]},
            None,
            "does not stand at character 1",
        ),
    ],
)
def test_invalid_rows_are_named(
    family: str, row: dict[str, Any], labels: list[str] | None, reason: str
) -> None:
    assert reason in str(problem(family, row, labels))


def test_tables_hold_exactly_the_columns_of_the_family() -> None:
    row = {
        "id": "1",
        "group": "g",
        "question": "Where?",
        "context": "Oslo",
        "answers": [{"start": 0, "text": "Oslo"}],
        "title": "dropped",
    }
    table = to_table([row], SCHEMAS["span_qa"])
    assert table.column_names == ["id", "group", "question", "context", "answers"]
    assert table.schema.field("answers").type.value_type.field("start").type == pa.int32()
