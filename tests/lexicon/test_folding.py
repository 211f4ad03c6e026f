"""Spellings of one translation: case, and the two scripts of Chinese."""

from pathlib import Path
from typing import Any

import pytest

from lexicon.samples import write
from polystilts.codeswitch.dictionaries.dictionary import compile_dictionary
from polystilts.codeswitch.recipe import Recipe
from polystilts.lexicon.build import build
from polystilts.lexicon.direct import read_dictionary
from polystilts.lexicon.entries import Entry
from polystilts.lexicon.folding import case_habit, folded
from polystilts.lexicon.gate import Gate, GatePolicy
from polystilts.lexicon.store import load
from polystilts.provenance.manifest import verify

LOWER = [("house", "haus"), ("house", "gebäude"), ("water", "wasser"), ("good", "gut")]
CASED = [("house", "Haus"), ("house", "hausen"), ("water", "Wasser"), ("good", "gut")]
Pairs = list[tuple[str, str]]


def merged(
    language: str, *dictionaries: Pairs, **policy: Any
) -> tuple[dict[str, list[tuple[str, int, int]]], Gate]:
    """Return source -> (target, rank, agreement) of dictionaries in their order."""
    gate = Gate(language, GatePolicy(**policy))
    for number, pairs in enumerate(dictionaries):
        list(gate.admit([Entry(*pair, 1) for pair in pairs], f"d{number}"))
    return {
        source: [(pair.target, pair.rank, pair.agreement) for pair in listed.values()]
        for source, listed in gate.accepted.items()
    }, gate


def test_forms_that_differ_in_case_are_one_translation_in_its_best_form() -> None:
    lexicon, gate = merged("de", LOWER, CASED)
    assert lexicon == {
        "house": [("Haus", 0, 2), ("gebäude", 1, 1), ("hausen", 2, 1)],
        "water": [("Wasser", 0, 2)],
        "good": [("gut", 0, 2)],
    }
    assert gate.noticed["targets folded by case"] == 2
    assert gate.rejected == {"duplicate": 3}
    # whichever comes first
    assert merged("de", CASED, LOWER)[0]["house"][0] == ("Haus", 0, 2)
    assert gate.habits == {"d0": "lowered", "d1": "kept"}


def test_between_dictionaries_that_keep_case_the_first_decides() -> None:
    verbs = [("meal", "essen"), ("dog", "Hund")]
    nouns = [("meal", "Essen"), ("dog", "Hund"), ("eat", "essen")]
    assert merged("de", verbs, nouns)[0]["meal"] == [("essen", 0, 2)]
    assert merged("de", nouns, verbs)[0]["meal"] == [("Essen", 0, 2)]
    # and one that lower-cases, before them, decides nothing
    assert merged("de", [("meal", "essen")], nouns, verbs)[0]["meal"] == [("Essen", 0, 3)]


def test_a_dictionary_counts_once_however_often_it_lists_a_word() -> None:
    lexicon, gate = merged("de", [("house", "Haus"), ("house", "haus"), ("house", "HAUS")])
    assert lexicon == {"house": [("Haus", 0, 1)]}
    assert gate.noticed["targets folded by case"] == 2


@pytest.mark.parametrize("write_as", [str.title, str.upper])
def test_capitals_that_every_word_gets_prove_nothing(write_as: Any) -> None:
    words = [f"ọ̀rọ̀{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    titled = [
        (f"w{letter}", write_as(word))
        for letter, word in zip("abcdefghij" * 3, words, strict=False)
    ]
    gate = merged("yo", titled)[1]
    assert gate.habits == {"d0": "titled"}
    lexicon, _ = merged("yo", titled, [("wa", words[0])])
    assert lexicon["wa"][0] == (words[0], 0, 2)
    # a list of a few words shows no such habit
    assert case_habit(["Hund", "Haus", "Tag"]) == "kept"


def test_lower_case_follows_the_language_and_the_normal_form() -> None:
    assert folded("Irak", "tr") == "ırak"
    assert folded("İstanbul", "tr") == folded("i\u0307stanbul", "tr") == "istanbul"
    assert folded("ΛΌΓΟΣ", "el") == "λόγος"
    assert folded("ﬁn", "es") == "fin"
    assert folded("Maße", "de") != folded("Masse", "de")


CHINESE = [("technology", "技術"), ("technology", "科技"), ("country", "國家")]
SIMPLE = [("technology", "技术"), ("country", "国"), ("country", "国家")]


def test_chinese_is_written_in_simplified_characters_and_then_merged() -> None:
    lexicon, gate = merged("zh", CHINESE, SIMPLE)
    assert lexicon == {
        "technology": [("技术", 0, 2), ("科技", 1, 1)],
        "country": [("国家", 0, 2), ("国", 1, 1)],
    }
    assert +gate.noticed == {
        "targets converted to simplified characters": 2,
        "targets folded by script": 2,
    }


def test_chinese_is_written_in_traditional_characters_where_a_word_tells_which() -> None:
    hair = [("hair", "头发"), ("send", "发"), ("country", "国家"), ("mile", "公里")]
    lexicon, gate = merged(
        "zh", hair, [("country", "國家"), ("inside", "裡")], chinese="traditional"
    )
    assert lexicon == {
        "hair": [("頭髮", 0, 1)],
        "send": [("发", 0, 1)],
        "country": [("國家", 0, 2)],
        "mile": [("公里", 0, 1)],
        "inside": [("裡", 0, 1)],
    }
    assert gate.noticed["targets converted to traditional characters"] == 2
    assert gate.noticed["single characters left in simplified form"] == 1
    # a dictionary's own traditional character wins over one that was left
    pairs = [("hair", "发")], [("hair", "髮")]
    assert merged("zh", *pairs, chinese="traditional")[0] == {"hair": [("髮", 0, 2)]}


def test_chinese_may_be_kept_as_it_is_listed() -> None:
    lexicon, gate = merged("zh", CHINESE, SIMPLE, chinese="keep")
    assert [target for target, _, _ in lexicon["country"]] == ["國家", "国", "国家"]
    assert +gate.noticed == {"targets in traditional characters": 2}


def test_japanese_is_not_converted() -> None:
    assert merged("ja", [("country", "國家")])[0] == {"country": [("國家", 0, 1)]}


def test_the_sheet_tells_what_was_converted_and_folded(tmp_path: Path) -> None:
    for name, pairs in (("first", CHINESE), ("second", SIMPLE)):
        write(tmp_path / f"{name}.txt", "".join(f"{a}\t{b}\n" for a, b in pairs))
    dictionaries = [
        {"name": name, "reader": "muse", "files": [f"{name}.txt"]} for name in ("first", "second")
    ]
    wanted = {"language": "zh", "dictionaries": dictionaries, "gate": {"chinese": "simplified"}}
    build(wanted, tmp_path, tmp_path / "zh.parquet", tmp_path / "zh.json", "k")
    sheet = verify(tmp_path / "zh.json")
    assert sheet["noticed"]["targets converted to simplified characters"] == 2
    assert sheet["noticed"]["targets folded by script"] == 2
    assert sheet["pairs_of_several_dictionaries"] == 2
    direct = read_dictionary(tmp_path / "first.txt", "zh")
    assert direct.table["target"].to_pylist() == ["技术", "科技", "国家"]
    assert direct.facts["noticed"] == {"targets converted to simplified characters": 2}


def test_the_best_form_is_what_code_switching_writes(tmp_path: Path) -> None:
    for name, pairs in (("first", LOWER), ("second", CASED)):
        write(tmp_path / f"{name}.txt", "".join(f"{a}\t{b}\n" for a, b in pairs))
    dictionaries = [
        {"name": name, "reader": "muse", "files": [f"{name}.txt"]} for name in ("first", "second")
    ]
    wanted = {"language": "de", "dictionaries": dictionaries, "gate": {}}
    build(wanted, tmp_path, tmp_path / "de.parquet", tmp_path / "de.json", "k")
    sheet = verify(tmp_path / "de.json")
    assert [part["case"] for part in sheet["dictionaries"]] == ["lowered", "kept"]
    compiled = compile_dictionary(
        load([tmp_path / "de.parquet"]), Recipe(rate=1.0), single_words=False
    )
    written = {compiled.targets[number] for number in compiled.written.tolist()}
    assert written == {"Haus", "gebäude", "hausen", "Wasser", "gut"}
    assert compiled.counts["de"]["merged"] == 0


def test_a_turkish_word_that_is_the_english_one_is_no_translation() -> None:
    itself = [
        ("internet", "i\u0307nternet"),
        ("film", "FİLM"),
        ("icon", "ikon"),
        ("work", "i\u0307ş"),
    ]
    lexicon, gate = merged("tr", itself)
    assert lexicon == {"icon": [("ikon", 0, 1)], "work": [("iş", 0, 1)]}
    assert gate.rejected == {"self-pair": 2}
    assert gate.noticed["dots above i removed"] == 2
