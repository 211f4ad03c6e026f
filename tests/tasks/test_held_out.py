"""One file as two splits: whole groups on either side, the same in every language."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from polystilts.errors import ConfigError, InputError
from polystilts.tasks.classification import READERS
from polystilts.tasks.reader import Row

LABELS = ("entailment", "neutral", "contradiction")
PREMISES = 300


def read(reader: str, path: Path, **options: Any) -> tuple[list[Row], Counter[str]]:
    counts: Counter[str] = Counter()
    return list(READERS[reader]([path], None, LABELS, options, counts)), +counts


def aligned(path: Path, language: str) -> Path:
    lines = [
        f"{language} premise {premise}\t{language} {label}\t{label}\r\n"
        for premise in range(PREMISES)
        for label in LABELS
    ]
    path.write_text("".join(lines), encoding="utf-8", newline="")
    return path


def test_dev_and_test_of_one_file_share_no_premise_and_lose_no_row(tmp_path: Path) -> None:
    path = aligned(tmp_path / "dev-en.tsv", "en")
    options = {"rows_per_group": 3, "held_out": 0.2}
    dev, counts = read("pairs", path, part="dev", **options)
    test, _ = read("pairs", path, part="test", **options)
    assert not {row["text_a"] for row in dev} & {row["text_a"] for row in test}
    assert {row["id"] for row in dev + test} == {str(n) for n in range(1, 3 * PREMISES + 1)}
    assert counts["rows of the other part set aside"] == len(test)
    assert 0.1 < len(dev) / (3 * PREMISES) < 0.3
    assert set(Counter(row["group"] for row in dev + test).values()) == {3}


def test_the_parts_are_the_same_in_every_language(tmp_path: Path) -> None:
    options = {"rows_per_group": 3, "held_out": 0.2, "part": "dev"}
    english, _ = read("pairs", aligned(tmp_path / "dev-en.tsv", "en"), **options)
    swahili, _ = read("pairs", aligned(tmp_path / "dev-sw.tsv", "sw"), **options)
    assert [(row["id"], row["group"]) for row in english] == [
        (row["id"], row["group"]) for row in swahili
    ]
    assert english[0]["text_a"] != swahili[0]["text_a"]


def test_rows_are_groups_of_their_own_unless_the_study_says_otherwise(tmp_path: Path) -> None:
    rows, counts = read("pairs", aligned(tmp_path / "dev-en.tsv", "en"))
    assert [row["group"] for row in rows] == [row["id"] for row in rows]
    assert counts == {"lines ending in CR LF": 3 * PREMISES}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A\tb\tneutral\nC\td\tneutral\n", r"a\.tsv:2: its first text is not that of row 1"),
        ("A\tb\tneutral\n", r"a\.tsv: 1 rows are not whole groups.*rows_per_group: 2"),
    ],
)
def test_rows_that_do_not_group_are_an_error(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read("pairs", path, rows_per_group=2)


def test_numbered_records_with_one_premise_stay_in_one_part(tmp_path: Path) -> None:
    records = {
        str(3 * premise + place): {
            "text_a": f"premise {premise}",
            "text_b": label,
            "label": label,
        }
        for place, label in enumerate(LABELS)
        for premise in range(PREMISES)
    }
    path = tmp_path / "train.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    dev, _ = read("numbered_json", path, held_out=0.1, part="dev")
    train, _ = read("numbered_json", path, held_out=0.1, part="train")
    assert dev
    assert not {row["text_a"] for row in dev} & {row["text_a"] for row in train}
    assert sorted(row["id"] for row in dev + train) == sorted(records)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"held_out": 0.2}, r"`part` is one of dev, test, train, not None"),
        ({"part": "dev"}, r"`held_out` is a share between 0 and 1, not None"),
        ({"held_out": 20, "part": "dev"}, r"`held_out` is a share between 0 and 1, not 20"),
        ({"held_out": 0.2, "part": "valid"}, r"`part` is one of .* not 'valid'"),
        ({"rows_per_group": 0}, r"`rows_per_group` is a whole number from 1, not 0"),
        ({"rows_per_group": "3"}, r"`rows_per_group` is a whole number from 1, not '3'"),
    ],
)
def test_options_that_make_no_split_are_refused(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    path = aligned(tmp_path / "dev-en.tsv", "en")
    with pytest.raises(ConfigError, match=message):
        read("pairs", path, **options)


def test_a_blank_row_leaves_the_groups_where_they_are(tmp_path: Path) -> None:
    path = aligned(tmp_path / "dev-sw.tsv", "sw")
    lines = path.read_text("utf-8").splitlines(keepends=True)
    lines[3] = "\n"  # the first row of the second premise
    path.write_text("".join(lines), encoding="utf-8")
    rows, _ = read("pairs", path, rows_per_group=3)
    assert [(row["id"], row["group"]) for row in rows[2:6]] == [
        ("3", "1"),
        ("5", "2"),
        ("6", "2"),
        ("7", "3"),
    ]
