"""SNLI, MultiNLI and XNLI as JSON lines give the rows of the same data as tables."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from polystilts.errors import InputError
from polystilts.tasks.classification import READERS
from polystilts.tasks.reader import Row
from tasks.samples import NLI, SNLI_COLUMNS, text


def read(reader: str, path: Path, language: str | None = None) -> tuple[list[Row], Counter[str]]:
    counts: Counter[str] = Counter()
    return list(READERS[reader]([path], language, NLI, {}, counts)), +counts


def record(**changes: Any) -> dict[str, Any]:
    return {
        "annotator_labels": ["neutral"],
        "captionID": "c#0",
        "gold_label": "neutral",
        "pairID": "c#0r1n",
        "sentence1": "A man runs.",
        "sentence2": "He\u2028moves.",
        **changes,
    }


def lines(path: Path, *records: dict[str, Any]) -> Path:
    path.write_bytes(text(*map(json.dumps, records)))
    return path


def test_json_lines_and_table_agree(tmp_path: Path) -> None:
    records = (record(), record(gold_label="-", pairID="c#0r1e"))
    table = tmp_path / "dev.txt"
    rows = ["\t".join(str(one.get(column, "")) for column in SNLI_COLUMNS) for one in records]
    table.write_bytes(text("\t".join(SNLI_COLUMNS), *rows))
    assert read("nli_json", lines(tmp_path / "dev.jsonl", *records)) == read("nli_text", table)


def test_multinli_pairs_are_grouped_by_their_prompt(tmp_path: Path) -> None:
    multinli = record(promptID="31", pairID="31n", genre="slate")
    del multinli["captionID"]
    rows, _ = read("nli_json", lines(tmp_path / "a.jsonl", multinli))
    assert (rows[0]["id"], rows[0]["group"]) == ("31n", "31")


def test_xnli_keeps_one_language(tmp_path: Path) -> None:
    records = [record(language=code, promptID="1", pairID="2") for code in ("ar", "en")]
    path = lines(tmp_path / "xnli.dev.jsonl", *records)
    rows, _ = read("xnli_json", path, "ar")
    assert [(row["id"], row["group"]) for row in rows] == [("2", "1")]
    with pytest.raises(InputError, match=r"no rows for language 'sw'; the file holds ar, en"):
        read("xnli_json", path, "sw")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gold_label": "hidden"}, r":1: unknown label 'hidden'"),
        ({"gold_label": 1}, r":1: gold_label of the record is 1, expected a string"),
        ({"sentence2": None}, r":1: sentence2 of the record is None"),
        ({"pairID": " "}, r":1: the id of the record is empty"),
        ({"captionID": 3}, r":1: captionID of the record is 3"),
    ],
)
def test_malformed_records_name_their_line(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=r"a\.jsonl" + message):
        read("nli_json", lines(tmp_path / "a.jsonl", record(**change)))
