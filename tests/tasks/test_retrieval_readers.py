"""BUCC id files, Tatoeba line pairs, plain text."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from polystilts.errors import ConfigError, InputError
from polystilts.tasks import retrieval, text


def write(folder: Path, **files: str) -> list[Path]:
    paths = []
    for name, content in files.items():
        path = folder / name
        path.write_bytes(content.encode("utf-8"))
        paths.append(path)
    return paths


def read(reader: Any, files: list[Path]) -> tuple[list[dict[str, Any]], Counter[str]]:
    counts: Counter[str] = Counter()
    return list(reader(files, "ru", None, {}, counts)), +counts


def test_bucc_pairs_share_the_group_of_the_english_side(tmp_path: Path) -> None:
    files = write(
        tmp_path,
        foreign="ru-1\tДом.\nru-2\tКот.\n",
        english="en-1\tA cat.\nen-2\tA dog.\n",
        gold="ru-2\ten-1\nru-2\ten-1\n",
    )
    rows, counts = read(retrieval.READERS["bucc"], files)
    assert [(row["id"], row["language"], row["text"]) for row in rows] == [
        ("ru-1", "ru", "Дом."),
        ("ru-2", "ru", "Кот."),
        ("en-1", "en", "A cat."),
        ("en-2", "en", "A dog."),
    ]
    assert rows[0]["group"] == "ru-1"
    assert rows[1]["group"] == rows[2]["group"] != rows[3]["group"]
    assert counts == {"repeated gold pairs dropped": 1}
    pairs, _ = read(retrieval.PAIR_READERS["bucc"], files)
    assert pairs == [{"source_id": "ru-2", "target_id": "en-1", "group": rows[2]["group"]}]


def test_tatoeba_gold_is_the_line_and_blank_sides_are_set_aside(tmp_path: Path) -> None:
    files = write(tmp_path, rus="Дом.\n\nКот. \n", eng="A house.\nNothing.\nA cat.\n")
    rows, counts = read(retrieval.READERS["tatoeba"], files)
    assert [(row["id"], row["text"]) for row in rows] == [
        ("ru-1", "Дом."),
        ("ru-3", "Кот."),
        ("en-1", "A house."),
        ("en-3", "A cat."),
    ]
    assert counts == {"pairs with a blank side set aside": 1}
    pairs, _ = read(retrieval.PAIR_READERS["tatoeba"], files)
    assert [(pair["source_id"], pair["target_id"]) for pair in pairs] == [
        ("ru-1", "en-1"),
        ("ru-3", "en-3"),
    ]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (("ru-1\tа\n", "en-1\tb\n", "ru-9\ten-1\n"), r"gold:1: id 'ru-9' is not in its sentence"),
        (("ru-1\tа\n", "en-1\tb\n", "ru-1\n"), r"gold:1: 1 tab-separated columns"),
        (("ru-1\tа\nru-1\tб\n", "en-1\tb\n", "ru-1\ten-1\n"), r"foreign:2: id 'ru-1' occurs tw"),
        (("1\tа\n", "2\tb\n1\tc\n", "1\t1\n"), r"english:2: id '1' stands in .*foreign too"),
        (("ru-1 а\n", "en-1\tb\n", "ru-1\ten-1\n"), r"foreign:1: no tab"),
    ],
)
def test_malformed_bucc_files(tmp_path: Path, files: tuple[str, str, str], message: str) -> None:
    foreign, english, gold = files
    paths = write(tmp_path, foreign=foreign, english=english, gold=gold)
    with pytest.raises(InputError, match=message):
        read(retrieval.READERS["bucc"], paths)


def test_tatoeba_files_must_be_aligned(tmp_path: Path) -> None:
    files = write(tmp_path, rus="Дом.\nКот.\n", eng="A house.\n")
    with pytest.raises(InputError, match=r"rus: 2 lines, but eng has 1"):
        read(retrieval.READERS["tatoeba"], files)


def test_a_wrong_number_of_files_is_a_configuration_error(tmp_path: Path) -> None:
    files = write(tmp_path, rus="Дом.\n")
    with pytest.raises(ConfigError, match="needs foreign, English and gold file, got 1"):
        read(retrieval.READERS["bucc"], files)
    with pytest.raises(ConfigError, match="needs a foreign and an English file, got 1"):
        read(retrieval.READERS["tatoeba"], files)


def test_documents_are_lines(tmp_path: Path) -> None:
    rows, counts = read(text.read_documents, write(tmp_path, ru="Раз.\n\n Два. \n"))
    assert [(row["id"], row["text"]) for row in rows] == [("1", "Раз."), ("2", "Два.")]
    assert counts == {"blank lines skipped": 1}
