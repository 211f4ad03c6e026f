"""Dictionaries into English turned round: CC-CEDICT, EDICT, JMdict; names by code: CLDR."""

from collections import Counter
from pathlib import Path

import pytest

from lexicon.samples import (
    ANNOTATIONS_EN,
    ANNOTATIONS_YO,
    CEDICT,
    EDICT,
    JMDICT,
    MAIN_EN,
    MAIN_RU,
    entries,
    write,
)
from polystilts.errors import ConfigError, InputError
from polystilts.lexicon.readers.glosses import sources_in


def test_cedict_in_simplified_characters(tmp_path: Path) -> None:
    path = write(tmp_path / "cedict.txt", CEDICT.replace("\n", "\r\n"))
    read, counts = entries("cedict", "zh", path)
    assert read == [
        # first glosses come first, and each word under all of its glosses
        ("house", "房子"),
        ("dog", "狗"),
        ("book", "书"),
        ("eat", "吃"),
        ("also", "也"),
        ("building", "房子"),
        ("letter", "书"),
        ("document", "书"),
        ("Zhou Dynasty", "周"),
        ("too", "也"),
        ("write", "书"),
        # a bound form is no word
        ("eating", "吃"),
    ]
    # two classifiers, two variants, a surname
    assert counts["glosses about an entry"] == 5
    assert counts["comments"] == 2
    assert counts["verbs without their `to`"] == 2
    traditional, _ = entries("cedict_traditional", "zh", path)
    assert dict(traditional)["book"] == "書"


def test_edict_prefers_common_words(tmp_path: Path) -> None:
    path = write(tmp_path / "edict", EDICT.encode("euc_jp"))
    read, counts = entries("edict", "ja", path)
    assert read == [
        ("do", "やる"),
        ("house", "家"),
        ("dog", "犬"),
        ("residence", "家"),
        ("family", "家"),
        ("mansion", "邸宅"),
        ("repetition mark in katakana", "ヽ"),
        ("house", "邸宅"),
    ]
    assert counts["lines about the file"] == 1


def test_jmdict_prefers_common_words(tmp_path: Path) -> None:
    read, counts = entries("jmdict", "ja", write(tmp_path / "JMdict_e", JMDICT))
    assert read == [
        ("house", "家"),
        ("do", "やる"),
        ("family", "家"),
        ("send", "遣る"),
        ("house", "邸宅"),
        ("bread & buns", "パン"),
        ("mansion", "邸宅"),
    ]
    assert counts["glosses in other languages"] == 1


@pytest.mark.parametrize(
    ("gloss", "sources"),
    [
        ("(bound form) house", ["house"]),
        ("to (fully (and truly)) understand", ["understand"]),
        ("to", ["to"]),
        ("(literary)", []),
        ("CL:個|个[ge4],家[jia1]", []),
        ("old variant of 國|国[guo2]", []),
        ("variant of 吃[chi1]", []),
        ("see 天花板[tian1 hua1 ban3]", []),
        ("see the light", ["see the light"]),
        ("also", ["also"]),
        ("also written 周", []),
        ("form of address", ["form of address"]),
        ("surname Wang", []),
        ("surname", ["surname"]),
        ("abbr. for 北京", []),
        ("a; b;; c.", ["a", "b", "c"]),
    ],
)
def test_which_glosses_are_words(gloss: str, sources: list[str]) -> None:
    assert list(sources_in(gloss, Counter())) == sources


@pytest.mark.parametrize(
    ("reader", "content", "message"),
    [
        ("cedict", "房子 [fang2 zi5] /house/\n", r"d:1: expected `traditional simplified"),
        ("cedict", CEDICT + "狗 狗 [gou3] /dog\n", r"d:10: expected"),
        ("cedict", "房\n".encode("gb2312"), r"d:1: not UTF-8"),
        ("cedict", "", r"d: the file is empty"),
        ("edict", EDICT, r"d:1: not EUC-JP \(byte 0x"),
        ("edict", EDICT.encode("euc_jp") + b"dog (n)\n", r"d:8: expected `word \[kana\]"),
        ("jmdict", JMDICT[:-20], r"d:19: not well-formed XML \(unclosed token\)"),
        ("jmdict", JMDICT.replace("</gloss>", "", 1), r"d:10: not well-formed XML \(mismatched"),
        ("jmdict", JMDICT.replace("<reb>パン</reb>", ""), r"d:19: an entry has no reading"),
        ("jmdict", "<JMdict/>", r"d: no entries"),
        ("jmdict", "", r"d:1: not well-formed XML"),
        ("jmdict", JMDICT.encode("utf-8")[:500] + b"\xff", r"d:\d+: not well-formed XML"),
    ],
)
def test_damaged_files(tmp_path: Path, reader: str, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        entries(reader, "ja", write(tmp_path / "d", content))


@pytest.mark.parametrize("reader", ["cedict", "edict", "jmdict"])
def test_missing_files(tmp_path: Path, reader: str) -> None:
    with pytest.raises(InputError, match=r"none: there is no such file"):
        entries(reader, "ja", tmp_path / "none")


def cldr(folder: Path, **parts: str) -> list[Path]:
    """Write parts named like annotations_en."""
    names = {part: part.split("_") for part in parts}
    return [
        write(folder / names[part][0] / f"{names[part][1]}.xml", text)
        for part, text in parts.items()
    ]


def test_cldr_names_of_characters_and_codes(tmp_path: Path) -> None:
    files = cldr(
        tmp_path,
        main_yo=MAIN_RU,
        main_en=MAIN_EN,
        annotations_en=ANNOTATIONS_EN,
        annotations_yo=ANNOTATIONS_YO,
    )
    read, counts = entries("cldr", "yo", *files)
    assert read == [
        # an emoji's name gets the case of the English one, a proper name keeps its own
        ("dog", "ajá"),
        ("house", "ilé"),
        ("Tokyo tower", "Ilé ìṣọ́ Tokyo"),
        ("German", "немецкий"),
        ("Germany", "Германия"),
        # the nominative, and neither the Chinese calendar nor the short form
        ("January", "январь"),
        ("week", "неделя"),
        ("Euro", "евро"),
        ("meters", "метры"),
    ]
    assert counts == {
        "capitals of names removed": 2,
        "codes without a foreign name": 2,
        "alternative names left out": 2,
    }


def test_cldr_german_keeps_its_capitals(tmp_path: Path) -> None:
    german = ANNOTATIONS_YO.replace("Ajá", "Hund")
    files = cldr(tmp_path, annotations_en=ANNOTATIONS_EN, annotations_de=german)
    assert entries("cldr", "de", *files)[0][0] == ("dog", "Hund")


def test_cldr_needs_one_complete_pair(tmp_path: Path) -> None:
    english, foreign, main = cldr(
        tmp_path, annotations_en=ANNOTATIONS_EN, annotations_yo=ANNOTATIONS_YO, main_en=MAIN_EN
    )
    assert len(entries("cldr", "yo", english, foreign, main)[0]) == 3
    for files in ((), (english,), (foreign, main), (english, main)):
        with pytest.raises(ConfigError, match="needs the English and the foreign file"):
            entries("cldr", "yo", *files)


def test_cldr_damaged_files(tmp_path: Path) -> None:
    english, foreign = cldr(
        tmp_path, annotations_en=ANNOTATIONS_EN, annotations_yo=ANNOTATIONS_YO[:-30]
    )
    with pytest.raises(InputError, match=r"annotations/yo\.xml:9: not well-formed XML"):
        entries("cldr", "yo", english, foreign)
    write(foreign, "<ldml/>")
    with pytest.raises(InputError, match=r"annotations/yo\.xml: no names in it"):
        entries("cldr", "yo", english, foreign)
    foreign.unlink()
    with pytest.raises(InputError, match=r"annotations/yo\.xml: there is no such file"):
        entries("cldr", "yo", english, foreign)
