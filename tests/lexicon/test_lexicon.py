"""Dictionaries: published formats, the gate, the normal form."""

import json
from pathlib import Path
from typing import Any

import pytest

from lexicon.samples import entries, write
from polystilts.errors import ConfigError, InputError
from polystilts.lexicon.build import build
from polystilts.lexicon.gate import Gate, GatePolicy
from polystilts.lexicon.readers import Entry
from polystilts.lexicon.scripts import SCRIPTS, script_share
from polystilts.provenance.manifest import verify
from polystilts.provenance.tables import read_table
from polystilts.tasks.targets import PANX_LANGUAGES


def admit(
    pairs: list[tuple[str, str]], language: str, **policy: Any
) -> tuple[list[tuple[str, str, int]], Gate]:
    gate = Gate(language, GatePolicy(**policy))
    listed = [Entry(source, target, 1) for source, target in pairs]
    rows = list(gate.admit(listed, "muse"))
    return [(row.source, row.target, row.rank) for row in rows], gate


def test_muse_separates_by_tab_or_space_within_one_file(tmp_path: Path) -> None:
    path = write(tmp_path / "en-es.txt", "the el\r\nthe\tla\nnew york\tnueva york\n\n")
    read, counts = entries("muse", "es", path)
    assert read == [("the", "el"), ("the", "la"), ("new york", "nueva york")]
    assert counts == {"lines ending in CR LF": 1, "blank lines skipped": 1}


def test_tsv_and_swadesh_lists(tmp_path: Path) -> None:
    tsv = write(tmp_path / "a.tsv", "ice cream\thelado\tnoun\ncat\tgato\n")
    assert entries("tsv", "es", tsv) == (
        [("ice cream", "helado"), ("cat", "gato")],
        {"lines with columns after the second": 1},
    )
    english = write(tmp_path / "eng.txt", "I\nthou\tyou\nfat\n")
    foreign = write(tmp_path / "swh.txt", "mimi\nwewe\n\n")
    read, counts = entries("panlex_swadesh", "sw", english, foreign)
    assert read == [("I", "mimi"), ("thou", "wewe"), ("you", "wewe")]
    assert counts == {"concepts without a translation": 1}


@pytest.mark.parametrize(
    ("reader", "text", "message"),
    [
        (
            "muse",
            "the el\nalone\n",
            r"d\.txt:2: expected a word and its translation, found 'alone'",
        ),
        ("muse", "a\tb\tc\n", r"d\.txt:1: expected a word"),
        ("tsv", "the el\n", r"d\.txt:1: expected source, tab, target"),
        ("muse", "", r"d\.txt: the file is empty"),
    ],
)
def test_malformed_dictionaries(tmp_path: Path, reader: str, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        entries(reader, "es", write(tmp_path / "d.txt", text))


def test_swadesh_lists_must_be_aligned(tmp_path: Path) -> None:
    english = write(tmp_path / "eng.txt", "I\nyou\n")
    foreign = write(tmp_path / "swh.txt", "mimi\n")
    with pytest.raises(InputError, match=r"swh\.txt: 1 concepts, but eng\.txt has 2"):
        entries("panlex_swadesh", "sw", english, foreign)


def test_gate_counts_each_rejected_pair_under_its_reason() -> None:
    kept, gate = admit(
        [
            ("house", "дом"),
            ("house", "дом"),
            ("house", "здание"),
            ("house", "HOUSE"),
            ("house", "huis"),
            ("house", "<b>дом</b>"),
            ("house", "дом2"),
            ("house", ""),
            ("house", "—"),
            ("house", "-дом"),
            ("hauſe", "Рґом\ufffd"),
            ("δ", "дельта"),
            ("ice cream", "мороженое"),
        ],
        "ru",
    )
    assert kept == [("house", "дом", 0), ("house", "здание", 1), ("ice cream", "мороженое", 0)]
    assert +gate.rejected == {
        "duplicate": 1,
        "self-pair": 1,
        "wrong script": 2,
        "mark-up": 1,
        "digits": 1,
        "blank": 1,
        "no letters": 1,
        "affix": 1,
        "encoding": 1,
    }
    assert +gate.noticed == {"multi-word sources": 1}


def test_gate_options() -> None:
    pairs = [("london", "London"), ("new york", "Нью Йорк")]
    kept, gate = admit(pairs, "ru", self_pairs="keep", most_words=1)
    assert kept == [("london", "London", 0)]
    assert +gate.rejected == {"multi-word": 1}
    assert gate.noticed["self-pairs kept"] == 1


def test_gate_stores_nfc_and_reports_what_nfkc_would_change() -> None:
    kept, gate = admit([("coffee", "cafe\u0301"), ("water", "น\u0e33")], "th", script_share=0.0)
    assert [target for _, target, _ in kept] == ["café", "น\u0e33"]
    assert gate.noticed["targets normalised"] == 1
    assert gate.noticed["targets NFKC changes"] == 1
    kept, _ = admit([("water", "น\u0e33")], "th", form="NFKC")
    assert kept[0][1] == "น\u0e4d\u0e32"


@pytest.mark.parametrize(
    ("text", "language", "share"),
    [
        ("дом", "ru", 1.0),
        ("дом a", "bg", 0.75),
        ("々東京タワー", "ja", 1.0),
        ("컴퓨터", "ko", 1.0),
        ("हिन्दी", "hi", 1.0),
        ("hus", "ar", 0.0),
        ("123", "ar", None),
        ("tlh", "xx", None),
    ],
)
def test_script_share(text: str, language: str, share: float | None) -> None:
    assert script_share(text, language) == share


def test_every_xtreme_language_has_a_script() -> None:
    assert set(SCRIPTS) == set(PANX_LANGUAGES)


def record(*files: str, **gate: Any) -> dict[str, Any]:
    dictionaries = [
        {"name": file.split(".")[0], "reader": "muse", "files": [file]} for file in files
    ]
    return {"language": "es", "dictionaries": dictionaries, "gate": gate}


def test_build_from_two_dictionaries(tmp_path: Path) -> None:
    write(tmp_path / "first.txt", "house casa\nhouse vivienda\nhouse house\n")
    write(tmp_path / "second.txt", "cat gato\nhouse hogar\nhouse casa\n")
    output, sheet = tmp_path / "out" / "es.parquet", tmp_path / "out" / "es.json"
    build(record("first.txt", "second.txt"), tmp_path, output, sheet, "key9")
    table = read_table(output)
    # the second dictionary's word for a house stands with those of the first
    assert table["source"].to_pylist() == ["house", "house", "house", "cat"]
    assert table["target"].to_pylist() == ["casa", "vivienda", "hogar", "gato"]
    assert table["rank"].to_pylist() == [0, 1, 2, 0]
    assert table["agreement"].to_pylist() == [2, 1, 1, 1]
    assert table["dictionary"].to_pylist() == ["first", "first", "second", "second"]
    facts = verify(sheet)
    assert (facts["key"], facts["pairs"], facts["sources"]) == ("key9", 4, 2)
    assert facts["pairs_of_several_dictionaries"] == 1
    assert facts["pairs_with_part_of_speech"] == 0
    assert facts["rejected"] == {"self-pair": 1, "duplicate": 1}
    first, second = facts["dictionaries"]
    assert (first["pairs"], first["kept"], first["rejected"]) == (3, 2, {"self-pair": 1})
    assert second["rejected"] == {"duplicate": 1}
    assert json.dumps(first["files"]).count("first.txt") == 1


def test_a_dictionary_of_another_language_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "muse.txt", "house дом\n")
    with pytest.raises(InputError, match=r"muse\.txt: no pair for 'es' passes the gate.*wrong sc"):
        build(record("muse.txt"), tmp_path, tmp_path / "es.parquet", tmp_path / "es.json", "k")


def test_unknown_readers_and_wrong_numbers_of_files_are_configuration_errors(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "muse.txt", "house casa\n")
    wrong = record("muse.txt")
    wrong["dictionaries"][0]["reader"] = "mus"
    with pytest.raises(
        ConfigError, match=r"dictionary 'muse' of 'es': no reader 'mus'; known: cedict, cedict_"
    ):
        build(wrong, tmp_path, tmp_path / "es.parquet", tmp_path / "es.json", "k")
    with pytest.raises(ConfigError, match=r"`panlex_swadesh` needs an English and a foreign file"):
        entries("panlex_swadesh", "sw", path)


def build_one(folder: Path, language: str, text: str, **described: Any) -> dict[str, Any]:
    """Build a lexicon of one dictionary and return its sheet."""
    write(folder / "muse.txt", text)
    dictionary = {"name": "muse", "reader": "muse", "files": ["muse.txt"], **described}
    wanted = {"language": language, "dictionaries": [dictionary], "gate": {}}
    build(wanted, folder, folder / "out" / "x.parquet", folder / "out" / "x.json", "k")
    return verify(folder / "out" / "x.json")


SWEDISH = (
    "the det\nand och\nwater vatten\ndog hund\nhouse hus\nfire eld\nmother mor\nday dag\n"
    "night natt\neye öga\nbook bok\nmilk mjölk\nbread bröd\none en\ntwo två\nkenya kenya\n"
)


def test_a_swedish_file_named_swahili_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        build_one(tmp_path, "sw", SWEDISH)
    assert "muse.txt: no pair for 'sw' passes the gate ({'wrong language': 16}; looks like" in str(
        refused.value
    )
    assert "Swedish (sv): 14 of 14 anchor words; Swahili: 0 of 14)" in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_the_sheet_of_a_language(tmp_path: Path) -> None:
    text = "water maji\nhouse nyumba\nDog mbwa\nfire moto\nbook kitabu\nnight usiku\n"
    text += "ice cream malai baridi\nKenya Kenya\n".replace(" malai", "\tmalai")
    text += "sheng sheng1\nnight usiku\n"
    facts = build_one(tmp_path, "sw", text, licence="CC BY-NC 4.0")
    assert facts["rejected"] == {"self-pair": 1, "digits": 1, "duplicate": 1}
    assert facts["noticed"] == {
        "multi-word sources": 1,
        "multi-word targets": 1,
        "sources with capitals": 1,
    }
    counted = ("pairs", "sources", "single_word_sources", "single_word_pairs", "multi_word_pairs")
    assert [facts[name] for name in counted] == [7, 7, 6, 6, 1]
    (dictionary,) = facts["dictionaries"]
    assert dictionary["licence"] == "CC BY-NC 4.0"
    assert (dictionary["pairs"], dictionary["kept"]) == (10, 7)
    assert dictionary["rejected"] == facts["rejected"]
    check = dictionary["language_check"]
    assert check["verdict"] == "Swahili: 6 of 6 anchor words"
    assert check["passed"] is True
    few = build_one(tmp_path, "sw", "water maji\n")
    assert few["dictionaries"][0]["licence"] is None
    verdict = few["dictionaries"][0]["language_check"]["verdict"]
    assert verdict == "not checked: 1 anchor words"


def test_a_dictionary_may_add_nothing_new(tmp_path: Path) -> None:
    write(tmp_path / "first.txt", "house casa\n")
    write(tmp_path / "second.txt", "house casa\n")
    output, sheet = tmp_path / "es.parquet", tmp_path / "es.json"
    build(record("first.txt", "second.txt"), tmp_path, output, sheet, "k")
    assert [part["kept"] for part in verify(sheet)["dictionaries"]] == [1, 0]


def test_one_dictionary_in_another_language_stops_the_build(tmp_path: Path) -> None:
    write(tmp_path / "first.txt", "house casa\n")
    write(tmp_path / "second.txt", SWEDISH)
    with pytest.raises(InputError, match=r"second\.txt: no pair for 'es'.*Swedish \(sv\)"):
        build(
            record("first.txt", "second.txt"),
            tmp_path,
            tmp_path / "es.parquet",
            tmp_path / "es.json",
            "k",
        )
